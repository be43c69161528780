import { encodeOutline } from '../src/routing/boundary-outline.ts';
import { type LayerSize, nationalEntry, nationalLayer } from './national-layer.ts';
import type { PostgresUnderTest } from './postgres-under-test.ts';

const IMPORT = `insert into boundary_imports
  (id, layer, revision, action, restorable, actor, imported_at, feature_count, added, changed, removed)
  values ($1, $2, 1, 'boundaries.imported', false, 'operator', now(), $3, $3, 0, 0)`;
const BOUNDARY = `insert into service_boundaries
  (source_id, layer, import_id, source, service_urn, uri, display_name, service_number, outline, version, updated_at,
   revision, kind, in_force)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, 'service', true)`;

/** Tells every node that boundaries changed. */
export async function announceBoundaries(postgres: PostgresUnderTest): Promise<void> {
  await postgres.query("insert into change_feed (kind, organization_id) values ('routing', null)");
  await postgres.query("select pg_notify('waymark_changes', '')");
}

/** Puts the layer where an import would leave it: a file of this size takes minutes to read, which is not what is measured here. */
export async function storeNationalLayer(postgres: PostgresUnderTest, size: LayerSize): Promise<void> {
  const { importId, layer } = nationalEntry(0);
  await postgres.query('begin');
  await postgres.query(IMPORT, [importId, layer, size.columns * size.rows]);
  let number = 0;
  for (const ring of nationalLayer(size)) {
    const one = nationalEntry(number++);
    await postgres.query(BOUNDARY, [
      one.sourceId,
      one.layer,
      one.importId,
      one.source,
      one.serviceUrn,
      one.uri,
      one.displayName,
      one.serviceNumber,
      encodeOutline([[ring]]),
      one.version,
      one.updatedAt,
    ]);
  }
  await postgres.query('commit');
  await announceBoundaries(postgres);
}

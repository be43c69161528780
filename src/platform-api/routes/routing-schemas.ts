import { Type } from 'typebox';
import type { AuditEntryView } from '../../audit/audit.ts';
import type { CivicAddress } from '../../domain/civic-address.ts';
import type { Shape } from '../../domain/shape.ts';
import type {
  BoundaryImportJob,
  BoundaryReport,
  BoundarySummary,
  BoundaryVersion,
  PsapRow,
  RegistryReport,
  Route,
  RouteQuality,
  Routing,
  UndoneBoundaries,
  WorklistItem,
} from '../../routing/routing.ts';
import { answerSchema } from '../answer-schema.ts';
import { oneOf, orNull, SHAPE, text, textOrNull } from '../schemas.ts';

const count = (description?: string) => Type.Integer(description === undefined ? {} : { description });
const counts = (...names: string[]) =>
  Type.Object(
    Object.fromEntries(names.map((name) => [name, Type.Integer()])) as Record<string, ReturnType<typeof count>>,
  );

export const PSAP = answerSchema<PsapRow>()(
  Type.Object({
    id: text(),
    name: text(),
    uri: text('SIP URI'),
    alternateUris: Type.Array(Type.String(), { description: 'Tried in this order after `uri`' }),
    ringTimeoutMs: count('How long it may stay silent before the next is tried'),
    ringLimitMs: orNull(Type.Integer()),
    queueLimitMs: orNull(Type.Integer()),
    plainSipUser: Type.Boolean(),
    sourceId: textOrNull('The mapping that it took over'),
    phoneNumber: textOrNull('E.164'),
    textTo911: Type.Boolean(),
    updatedAt: text(),
  }),
);

export const PSAP_CHANGE = answerSchema<AuditEntryView>()(
  Type.Object({
    sequence: text(),
    at: text(),
    actor: text('Token id, `operator` or `system`'),
    actorRole: textOrNull(),
    actorOrganizationId: textOrNull(),
    remoteAddress: textOrNull(),
    action: text(),
    subject: text(),
    before: Type.Unknown(),
    after: Type.Unknown(),
    detail: Type.Unknown(),
    trackingId: textOrNull(),
  }),
);

export const ROUTE_QUALITY = answerSchema<RouteQuality>()(
  oneOf(
    'inside',
    'on-edge',
    'greatest-overlap',
    'civic-county',
    'civic-province',
    'civic-postal',
    'civic-city',
    'center',
    'nearest',
    'civic-state',
  ),
);

/** An address and a shape, as far as either is known. */
const PLACE = Type.Object({
  foundBy: text('How the place asked about was found'),
  civic: orNull(Type.Record(Type.String(), Type.String()), 'RFC 5139 elements'),
  shape: orNull(SHAPE),
});

const ROUTE = {
  mapping: Type.Object({
    sourceId: text(),
    source: text(),
    displayName: text(),
    uri: text('Of the destination'),
    serviceNumber: text(),
    lastUpdated: text(),
  }),
  boundary: Type.Object({
    layer: text('The imported layer, or `waymark.default`'),
    version: text(),
    importId: textOrNull(),
    updated: text(),
  }),
  quality: ROUTE_QUALITY,
  rule: text('The rule that won, as a sentence'),
  distanceToEdgeMeters: orNull(Type.Number(), 'null: an address decided'),
  runnersUp: Type.Array(Type.Object({ sourceId: text(), displayName: text() })),
  warnings: Type.Array(Type.String()),
  leadsToRelay: Type.Boolean({ description: 'It is open who serves the place: the relay centre takes the call' }),
};

export const EXPLAINED_ROUTE = answerSchema<Route>()(Type.Object(ROUTE));

export const EXPLAINED_PLACE = answerSchema<
  Route & { place: { foundBy: string; civic: CivicAddress | null; shape: Shape | null } }
>()(Type.Object({ ...ROUTE, place: PLACE }));

export const BOUNDARY = answerSchema<BoundarySummary>()(
  Type.Object({
    sourceId: text('NGUID'),
    layer: text(),
    source: text('The agency that made it'),
    serviceUrn: text(),
    uri: text('Where calls go; empty: nowhere yet'),
    displayName: text(),
    serviceNumber: text(),
    updatedAt: text(),
    revision: count(),
    kind: text('`service`, or `provisioning`: nothing is routed by it'),
    effectiveAt: textOrNull(),
    expiresAt: textOrNull(),
    inForce: Type.Boolean(),
  }),
);

export const BOUNDARY_LAYER = answerSchema<Awaited<ReturnType<Routing['listBoundaryLayers']>>[number]>()(
  Type.Object({
    layer: text(),
    boundaries: count(),
    withoutDestination: count('That no call can be sent to yet'),
    notInForce: count('Not yet, or no more'),
    revision: count('Of the last change'),
  }),
);

export const BOUNDARY_OUTLINES = answerSchema<{
  items: ReturnType<Routing['importedOutlines']>['outlines'];
  isComplete: boolean;
}>()(
  Type.Object({
    items: Type.Array(
      Type.Object({
        sourceId: text(),
        name: text(),
        layer: text(),
        polygons: Type.Array(Type.Array(Type.Array(Type.Array(Type.Number()))), {
          description: 'Coordinates of a MultiPolygon (RFC 7946 §3.1.7)',
        }),
      }),
    ),
    isComplete: Type.Boolean({ description: 'False: there are more than can be drawn' }),
  }),
);

const SEVERITY = oneOf('error', 'warning', 'note');
const DIFFERENCE = counts('added', 'changed', 'removed', 'unchanged');
const IDS = Type.Array(Type.String(), { description: 'The first of them' });

export const BOUNDARY_REPORT = answerSchema<BoundaryReport>()(
  Type.Object({
    layer: text(),
    revision: orNull(Type.Integer(), 'The version that it became; null: nothing was stored'),
    file: Type.Object({
      format: text(),
      layers: Type.Array(
        Type.Object({
          name: text(),
          holds: text(),
          coordinateSystem: text(),
          notes: Type.Array(Type.String()),
          rows: count(),
          boundaries: count(),
        }),
      ),
    }),
    counts: DIFFERENCE,
    added: IDS,
    changed: IDS,
    removed: IDS,
    lint: Type.Object({
      counts: Type.Record(Type.String(), Type.Integer(), { description: 'How often, by rule' }),
      errors: count('Rows that are no boundaries'),
      findings: Type.Array(
        Type.Object({
          rule: text(),
          severity: SEVERITY,
          layer: Type.Optional(text()),
          row: Type.Optional(text()),
          boundary: Type.Optional(text()),
          message: text(),
          latitude: Type.Optional(Type.Number()),
          longitude: Type.Optional(Type.Number()),
          squareMeters: Type.Optional(Type.Number()),
        }),
      ),
    }),
  }),
);

const JOB = {
  id: text(),
  layer: text(),
  state: oneOf('reading', 'comparing', 'checked', 'applying', 'applied', 'failed'),
  percent: Type.Number({ description: '0 to 100' }),
  createdAt: text(),
  updatedAt: text(),
};

export const BOUNDARY_IMPORT_ENTRY = answerSchema<Omit<BoundaryImportJob, 'report' | 'problem'>>()(Type.Object(JOB));

export const BOUNDARY_IMPORT = answerSchema<BoundaryImportJob>()(
  Type.Object({
    ...JOB,
    report: orNull(BOUNDARY_REPORT, 'null until it is known'),
    problem: orNull(
      Type.Object({
        kind: text(),
        detail: text(),
        fields: Type.Array(Type.Object({ path: text(), message: text() })),
      }),
      'Why it failed; null unless it did',
    ),
  }),
);

export const BOUNDARY_VERSION = answerSchema<BoundaryVersion>()(
  Type.Object({
    revision: count('Counted from 1; 0 is the empty layer before the first'),
    action: text('`boundaries.imported`, `boundaries.removed`, `boundaries.undone`'),
    added: count(),
    changed: count(),
    removed: count(),
    boundaries: count('Of the layer after it'),
    source: Type.Unknown({ description: 'Format and layers of the file; null where there was none' }),
    restorable: Type.Boolean({ description: 'Whether it can still be gone back to' }),
    actor: text(),
    madeAt: text(),
  }),
);

export const UNDONE_BOUNDARIES = answerSchema<UndoneBoundaries>()(
  Type.Object({ restored: count(), revision: count(), counts: counts('added', 'changed', 'removed') }),
);

const CANDIDATE = Type.Object({
  source: text('The registry'),
  key: text(),
  psapId: text(),
  name: text(),
  city: text(),
  county: text(),
  changeCodes: Type.Array(Type.String()),
  match: oneOf('name', 'spelling', 'former-name', 'several', 'ambiguous', 'whole-state', 'none'),
  textTo911: textOrNull(),
  contact: textOrNull(),
});

const WORKLIST_STATES = ['one', 'several', 'chosen', 'relay', 'gone', 'none'] as const;

export const WORKLIST_ITEM = answerSchema<WorklistItem>()(
  Type.Object({
    sourceId: text(),
    name: text(),
    state: text(),
    status: oneOf(...WORKLIST_STATES),
    candidates: Type.Array(CANDIDATE),
    psap: orNull(CANDIDATE),
    choice: orNull(Type.Object({ reason: text(), actor: text(), chosenAt: text() })),
    leadsToRelay: Type.Boolean(),
  }),
);

export const WORKLIST = answerSchema<Awaited<ReturnType<Routing['listWorklist']>>>()(
  Type.Object({
    items: Type.Array(WORKLIST_ITEM),
    total: count(),
    counts: Type.Record(Type.String(), Type.Integer(), { description: 'By status' }),
  }),
);

export const REGISTRY_IMPORT = answerSchema<Awaited<ReturnType<Routing['listRegistryImports']>>[number]>()(
  Type.Object({
    id: text(),
    source: text(),
    title: text(),
    actor: text(),
    importedAt: text(),
    restoredFrom: textOrNull(),
    entryCount: count(),
    added: count(),
    changed: count(),
    removed: count(),
    isKept: Type.Boolean({ description: 'Whether it can still be gone back to' }),
  }),
);

export const REGISTRY_REPORT = answerSchema<RegistryReport>()(
  Type.Object({
    source: text(),
    title: text(),
    importId: textOrNull(),
    entries: count(),
    active: count('That take calls themselves'),
    counts: DIFFERENCE,
    added: IDS,
    changed: IDS,
    removed: IDS,
    leftOut: Type.Array(Type.Object({ row: count(), reason: text() })),
    lintCounts: Type.Record(Type.String(), Type.Integer()),
    lint: Type.Array(Type.Object({ kind: text(), key: text(), detail: text() })),
    boundaries: counts('one', 'several', 'chosen', 'relay', 'gone'),
    newlyToRelay: Type.Array(Type.String(), {
      description: 'Boundaries whose calls go to the relay centre from then on',
    }),
  }),
);

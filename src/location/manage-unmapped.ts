import type { Audit } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Database } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { csvCell } from '../support/csv-cell.ts';
import { isUuid } from '../support/ids.ts';
import type { SortWord } from '../support/sort-order.ts';
import { readWindow } from './change-wire-map.ts';
import type { DeviceManagement, DeviceOverrideView } from './manage-devices.ts';
import type { NewWireMapElement } from './manage-wire-map.ts';
import {
  deleteUnmapped,
  MAX_UNMAPPED_KEPT,
  markDismissed,
  selectOneUnmapped,
  selectUnmapped,
  type UnmappedColumn,
  type UnmappedRow,
} from './request-note-records.ts';
import { LOCATING_RULES, type LocatingRule } from './resolution-table.ts';
import type { UnmappedKind } from './unmapped-element.ts';
import { ELEMENT_KINDS, type WireMapElement } from './wire-map-element.ts';

export type { UnmappedKind } from './unmapped-element.ts';

/** A network element that requests named and the wire map does not, or a device that told nothing of its network. */
export type UnmappedElement = {
  id: string;
  kind: UnmappedKind;
  value: string;
  port: string;
  seenCount: number;
  /** ISO 8601. */
  firstSeenAt: string;
  lastSeenAt: string;
  /** A device that named it; empty where requests named none. */
  sampleDevice: string;
  /** The weak rule by which that device was located; null = it was not. */
  rule: LocatingRule | null;
};

export type UnmappedFilter = {
  kind?: string | undefined;
  text?: string | undefined;
  /** `-seenCount` unless told. */
  sort?: SortWord<UnmappedColumn> | undefined;
  start?: number | undefined;
  max?: number | undefined;
};

/** What became of an unmapped element: an element of the wire map, or the override of a device. */
export type MappedElement = { element: WireMapElement | null; override: DeviceOverrideView | null };

const KINDS: readonly UnmappedKind[] = [...ELEMENT_KINDS, 'device'];
const COLUMNS = ['kind', 'value', 'port', 'seenCount', 'firstSeenAt', 'lastSeenAt', 'sampleDevice', 'rule'] as const;

function toElement(row: UnmappedRow): UnmappedElement {
  const kind = KINDS.find((one) => one === row.kind);
  if (kind === undefined) throw new Error(`unmapped element ${row.id} has the unknown kind ${row.kind}`);
  return {
    id: row.id,
    kind,
    value: row.value,
    port: row.port,
    seenCount: Number(row.seenCount),
    firstSeenAt: row.firstSeenAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    sampleDevice: row.sampleDevice,
    rule: LOCATING_RULES.find((one) => one === row.rule) ?? null,
  };
}

/** What requests named and nobody mapped: listed, exported, mapped, dismissed. */
export function createUnmappedManagement(deps: {
  database: Database;
  audit: Audit;
  clock: Clock;
  wireMap: { createElement(scope: Scope, input: NewWireMapElement): Promise<WireMapElement> };
  devices: Pick<DeviceManagement, 'setDeviceOverride'>;
}) {
  const { database } = deps;

  async function requireUnmapped(scope: Scope, id: string): Promise<UnmappedRow> {
    const row = isUuid(id) ? await selectOneUnmapped(database.db, scope.organizationId, id) : undefined;
    if (row === undefined) throw new ProblemError('not-found', `there is no unmapped element ${id}`);
    return row;
  }

  async function list(scope: Scope, filter: UnmappedFilter): Promise<{ items: UnmappedElement[]; total: number }> {
    const { kind, text, sort } = filter;
    const window = readWindow(filter);
    const { rows, total } = await selectUnmapped(database.db, scope.organizationId, { kind, text, sort }, window);
    return { items: rows.map(toElement), total };
  }

  return {
    listUnmapped: list,

    /** Every one that the filter finds, as CSV with a header row; made as it is read. */
    async *exportUnmapped(scope: Scope, filter: Omit<UnmappedFilter, 'start' | 'max'>): AsyncGenerator<string> {
      yield `${COLUMNS.join(',')}\r\n`;
      // At once: counts grow while one reads, and what stands by them would be read twice or not at all.
      const window = { start: 0, max: MAX_UNMAPPED_KEPT };
      const { rows } = await selectUnmapped(database.db, scope.organizationId, filter, window);
      for (const item of rows.map(toElement)) {
        yield `${COLUMNS.map((column) => csvCell(String(item[column] ?? ''))).join(',')}\r\n`;
      }
    },

    /** Ties it to an emergency response location. Rejects as createElement does. */
    async mapUnmapped(
      scope: Scope,
      id: string,
      input: { responseLocationId: string; description?: string | undefined },
    ): Promise<MappedElement> {
      const row = await requireUnmapped(scope, id);
      const { kind, value, port } = toElement(row);
      const { responseLocationId } = input;
      let mapped: MappedElement;
      if (kind === 'device') {
        const override = await deps.devices.setDeviceOverride(scope, value, { responseLocationId });
        mapped = { element: null, override };
      } else {
        const description = input.description ?? `seen first ${row.firstSeenAt.toISOString().slice(0, 10)}`;
        const at = port === '' ? {} : { port };
        const element = await deps.wireMap.createElement(scope, {
          kind,
          value,
          ...at,
          responseLocationId,
          description,
        });
        mapped = { element, override: null };
      }
      // After it is mapped: should this fail, it stays listed, and is not lost.
      await deleteUnmapped(database.db, scope.organizationId, row.id);
      return mapped;
    },

    /** It is not listed again, however often it is seen. */
    async dismissUnmapped(scope: Scope, id: string): Promise<void> {
      const { kind, value, port } = await requireUnmapped(scope, id);
      await database.db.transaction().execute(async (tx) => {
        await markDismissed(tx, scope.organizationId, id, new Date(deps.clock.nowMs()));
        await deps.audit.record(tx, scope, {
          action: 'wire-map.unmapped-dismissed',
          subject: `unmapped element ${id}`,
          before: { kind, value, port },
        });
      });
    },
  };
}

export type UnmappedManagement = ReturnType<typeof createUnmappedManagement>;

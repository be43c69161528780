import type { Actor, Audit, AuditEntryView } from '../audit/audit.ts';
import { type FieldFault, ProblemError } from '../domain/problem.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { isUuid, newId } from '../support/ids.ts';
import { readSipUri } from '../wire/sip/uri.ts';
import { noteMappingChanges } from './mapping-change-records.ts';
import {
  deletePsap,
  type PsapFilter,
  selectPsap,
  selectPsapForUpdate,
  selectPsapOfSource,
  selectPsaps,
  upsertPsap,
} from './routing-records.ts';
import type { PsapRow } from './routing-rows.ts';
import { DEFAULT_RING_TIMEOUT_MS } from './routing-snapshot.ts';

/** `id` absent: a new PSAP. */
export type SavePsap = {
  id?: string | undefined;
  name: string;
  uri: string;
  alternateUris?: readonly string[] | undefined;
  /** 1,000 to 60,000; 8,000 unless told. */
  ringTimeoutMs?: number | undefined;
  /** 1,000 to 180,000, or null: as long as SIP allows. */
  ringLimitMs?: number | null | undefined;
  /** 1,000 to 3,600,000, or null: as long as the queue is heard of. */
  queueLimitMs?: number | null | undefined;
  plainSipUser?: boolean | undefined;
  /** The mapping to take over, e.g. `us-county-48201`. */
  sourceId?: string | null | undefined;
  /** E.164. */
  phoneNumber?: string | null | undefined;
  textTo911?: boolean | undefined;
};

const MAX_ALTERNATES = 8;
/** Timer C of RFC 3261 ends every ringing after a little more. */
const MAX_RING_LIMIT_MS = 180_000;
const MAX_QUEUE_LIMIT_MS = 3_600_000;
const CONTROL_CHARACTER = /\p{Cc}/u;

/** PSAPs of the platform. Operator only: the door checks. */
export function createPsapManagement(deps: { database: Database; audit: Audit; clock: Clock }) {
  const { audit, clock, database } = deps;

  async function savePsap(actor: Actor, wanted: SavePsap): Promise<PsapRow> {
    const psap: PsapRow = {
      id: wanted.id ?? newId(),
      name: wanted.name.trim(),
      uri: wanted.uri.trim(),
      alternateUris: (wanted.alternateUris ?? []).map((uri) => uri.trim()),
      ringTimeoutMs: wanted.ringTimeoutMs ?? DEFAULT_RING_TIMEOUT_MS,
      ringLimitMs: wanted.ringLimitMs ?? null,
      queueLimitMs: wanted.queueLimitMs ?? null,
      plainSipUser: wanted.plainSipUser ?? false,
      sourceId: wanted.sourceId ?? null,
      phoneNumber: wanted.phoneNumber ?? null,
      textTo911: wanted.textTo911 ?? false,
      updatedAt: new Date(clock.nowMs()).toISOString(),
    };
    const fields = faultsOf(psap);
    if (fields.length > 0) throw new ProblemError('invalid', 'the PSAP has values that are not allowed', { fields });
    await database.db.transaction().execute(async (tx) => {
      const holder = psap.sourceId === null ? null : await selectPsapOfSource(tx, psap.sourceId, psap.id);
      if (holder !== null) {
        throw new ProblemError('conflict', `${psap.sourceId ?? ''} is served by ${holder} already`, {
          fields: [{ path: 'sourceId', message: 'is taken over by another PSAP' }],
        });
      }
      const before = await selectPsapForUpdate(tx, psap.id);
      await upsertPsap(tx, psap);
      await noteMappingChanges(tx, [before?.sourceId, psap.sourceId], new Date(psap.updatedAt));
      await audit.record(tx, ofPlatform(actor), {
        action: 'psap.saved',
        subject: `psap ${psap.id}`,
        before,
        after: psap,
      });
      await announceChange(tx, 'routing', null);
    });
    return psap;
  }

  async function removePsap(actor: Actor, id: string): Promise<void> {
    await database.db.transaction().execute(async (tx) => {
      const removed = isUuid(id) ? await deletePsap(tx, id) : undefined;
      if (!removed) throw new ProblemError('not-found', 'there is no such PSAP');
      await noteMappingChanges(tx, [removed.sourceId], new Date(clock.nowMs()));
      await audit.record(tx, ofPlatform(actor), { action: 'psap.removed', subject: `psap ${id}`, before: removed });
      await announceChange(tx, 'routing', null);
    });
  }

  /** Every change of a PSAP, newest first, with what was there before and after; also of one that was removed. */
  async function psapHistory(id: string, max: number): Promise<AuditEntryView[]> {
    if (!isUuid(id)) throw new ProblemError('not-found', 'there is no such PSAP');
    const entries = await audit.list(null, { subject: `psap ${id}`, max });
    if (entries.length === 0) throw new ProblemError('not-found', 'there is no such PSAP');
    return entries;
  }

  /** The first hundred unless told. */
  const listPsaps = (page = { start: 0, max: 100 }, filter: PsapFilter = {}): Promise<PsapRow[]> =>
    selectPsaps(database.db, filter, page);

  async function getPsap(id: string): Promise<PsapRow> {
    const found = isUuid(id) ? await selectPsap(database.db, id) : undefined;
    if (!found) throw new ProblemError('not-found', 'there is no such PSAP');
    return found;
  }

  return { savePsap, removePsap, getPsap, psapHistory, listPsaps };
}

/** PSAPs belong to no organization, so neither does their trail. */
function ofPlatform(actor: Actor): Actor {
  return { ...actor, organizationId: null };
}

function faultsOf(psap: PsapRow): FieldFault[] {
  const faults: FieldFault[] = [];
  const expect = (holds: boolean, path: string, message: string): void => {
    if (!holds) faults.push({ path, message });
  };
  expect(isUuid(psap.id), 'id', 'expected a UUID');
  expect(psap.name.length >= 1 && psap.name.length <= 254, 'name', 'expected 1 to 254 characters');
  // Names and ids stand in XML answers.
  expect(!CONTROL_CHARACTER.test(psap.name), 'name', 'holds a control character');
  expect(isPsapUri(psap.uri), 'uri', 'expected a sip: or sips: URI');
  expect(psap.alternateUris.length <= MAX_ALTERNATES, 'alternateUris', `expected at most ${MAX_ALTERNATES}`);
  for (const [i, uri] of psap.alternateUris.entries()) {
    expect(isPsapUri(uri), `alternateUris/${i}`, 'expected a sip: or sips: URI');
  }
  expect(
    Number.isInteger(psap.ringTimeoutMs) && psap.ringTimeoutMs >= 1_000 && psap.ringTimeoutMs <= 60_000,
    'ringTimeoutMs',
    'expected 1000 to 60000',
  );
  expect(isLimit(psap.ringLimitMs, MAX_RING_LIMIT_MS), 'ringLimitMs', `expected 1000 to ${MAX_RING_LIMIT_MS}`);
  expect(isLimit(psap.queueLimitMs, MAX_QUEUE_LIMIT_MS), 'queueLimitMs', `expected 1000 to ${MAX_QUEUE_LIMIT_MS}`);
  expect(
    psap.sourceId === null ||
      (psap.sourceId.length <= 254 && /^\S+$/.test(psap.sourceId) && !CONTROL_CHARACTER.test(psap.sourceId)),
    'sourceId',
    'expected the sourceId of a mapping',
  );
  expect(
    psap.phoneNumber === null || /^\+[1-9]\d{4,14}$/.test(psap.phoneNumber),
    'phoneNumber',
    'expected a number such as +15125550100',
  );
  return faults;
}

function isLimit(limitMs: number | null, maxMs: number): boolean {
  return limitMs === null || (Number.isInteger(limitMs) && limitMs >= 1_000 && limitMs <= maxMs);
}

function isPsapUri(uri: string): boolean {
  return uri.length <= 1024 && readSipUri(uri) !== undefined;
}

import type { CallRecord } from '../domain/call-record.ts';
import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Database } from '../storage/database.ts';
import { isUuid } from '../support/ids.ts';
import { type CallCursor, selectCall, selectCalls } from './call-records.ts';

export type CallPageRequest = {
  /** 1 to 1000; 100 unless told. */
  max?: number | undefined;
  /** The `next` of the page before. */
  before?: string | undefined;
  /** The operator's view: every organization's calls, also those of unknown organizations. */
  all?: boolean | undefined;
};

/** `next` is to be given as `before` to get the following page; null on the last. */
export type CallPage = { items: CallRecord[]; next: string | null };

const DEFAULT_MAX = 100;
const MAX_MAX = 1_000;

/** Calls, newest first, as far as the scope may see them. */
export function createCallList(deps: { database: Pick<Database, 'db'> }) {
  return {
    /** Throws `invalid` (max, before) or `forbidden` (all, for anybody but the operator). */
    async listCalls(scope: Scope, { max = DEFAULT_MAX, before, all = false }: CallPageRequest = {}): Promise<CallPage> {
      if (!Number.isInteger(max) || max < 1 || max > MAX_MAX) throw invalidField('max', `expected 1 to ${MAX_MAX}`);
      if (all && scope.role !== 'operator') throw new ProblemError('forbidden', 'only the operator sees all calls');
      const records = await selectCalls(deps.database.db, {
        organizationId: all ? null : scope.organizationId,
        locationIds: scope.locationIds && [...scope.locationIds],
        max: max + 1,
        before: before === undefined ? undefined : readCursor(before),
      });
      const items = records.slice(0, max);
      const last = items.at(-1);
      return { items, next: records.length > max && last ? writeCursor(last) : null };
    },
    /** Throws `not-found`. The operator finds calls of every organization. */
    async getCall(scope: Scope, id: string): Promise<CallRecord> {
      const organizationId = scope.role === 'operator' ? null : scope.organizationId;
      const record = isUuid(id) ? await selectCall(deps.database.db, organizationId, id) : undefined;
      const locationId = record?.location?.locationId;
      const isOutOfReach = scope.locationIds !== undefined && !(locationId && scope.locationIds.has(locationId));
      if (!record || isOutOfReach) throw new ProblemError('not-found', 'no such call');
      return record;
    },
  };
}

function writeCursor({ startedAt, id }: CallCursor): string {
  return Buffer.from(`${startedAt} ${id}`, 'utf8').toString('base64url');
}

function readCursor(text: string): CallCursor {
  const [startedAt = '', id = ''] = Buffer.from(text, 'base64url').toString('utf8').split(' ');
  if (text.length > 200 || Number.isNaN(Date.parse(startedAt)) || !isUuid(id))
    throw invalidField('before', 'is no cursor');
  return { startedAt, id };
}

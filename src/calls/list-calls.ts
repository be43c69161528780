import type { CallRecord } from '../domain/call-record.ts';
import { readE164 } from '../domain/phone-number.ts';
import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Database } from '../storage/database.ts';
import { isUuid } from '../support/ids.ts';
import { isStorableMoment } from '../support/storable-moment.ts';
import { type CallCursor, type CallFilter, selectCall, selectCalls } from './call-records.ts';
import { type CallExportFormat, exportCalls } from './export-calls.ts';

export type CallPageRequest = CallFilter & {
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

const EXPORT_PAGE = 500;

/** Calls, newest first unless told, as far as the scope may see them. */
export function createCallList(deps: { database: Pick<Database, 'db'> }) {
  /**
   * Throws `invalid` (max, before) or `forbidden` (all, for anybody but the operator). A search that has much to look into gives
   * what it found so far, which may be nothing, and where to go on.
   */
  async function listCalls(scope: Scope, request: CallPageRequest = {}): Promise<CallPage> {
    const { max = DEFAULT_MAX, before, all = false, number, ...filter } = request;
    if (!Number.isInteger(max) || max < 1 || max > MAX_MAX) throw invalidField('max', `expected 1 to ${MAX_MAX}`);
    if (all && scope.role !== 'operator') throw new ProblemError('forbidden', 'only the operator sees all calls');
    const { records, searchedTo } = await selectCalls(deps.database.db, {
      ...filter,
      number: number === undefined ? undefined : (readE164(number) ?? number),
      organizationId: all ? null : scope.organizationId,
      locationIds: scope.locationIds && [...scope.locationIds],
      max: max + 1,
      before: before === undefined ? undefined : readCursor(before),
    });
    const items = records.slice(0, max);
    const last = records.length > max ? items.at(-1) : searchedTo;
    return { items, next: last ? writeCursor(last) : null };
  }

  /** Page after page: what is added meanwhile does not prolong it from the newest to the oldest, and stands at the end the other way. */
  async function* pages(scope: Scope, request: CallPageRequest): AsyncGenerator<readonly CallRecord[]> {
    let before = request.before;
    for (;;) {
      const { items, next } = await listCalls(scope, { ...request, before, max: EXPORT_PAGE });
      if (items.length > 0) yield items;
      if (next === null) return;
      before = next;
    }
  }

  return {
    listCalls,
    /** Every call that the request finds, as text that is made as it is read. Throws as `listCalls`. */
    async exportCalls(
      scope: Scope,
      request: CallPageRequest,
      format: CallExportFormat,
    ): Promise<AsyncIterable<string>> {
      // A faulty request is refused before the answer begins.
      await listCalls(scope, { ...request, max: 1 });
      return exportCalls(pages(scope, request), format);
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
  if (text.length > 200 || !isStorableMoment(new Date(startedAt)) || !isUuid(id))
    throw invalidField('before', 'is no cursor');
  return { startedAt, id };
}

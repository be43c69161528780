import { invalidField } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database } from '../../storage/database.ts';
import { csvCell } from '../../support/csv-cell.ts';
import { isUuid } from '../../support/ids.ts';
import type { SortWord } from '../../support/sort-order.ts';
import { isStorableMoment } from '../../support/storable-moment.ts';
import type { Receipt } from './receipt.ts';
import { type ReceiptCursor, type ReceiptFilter, selectReceipts } from './receipt-records.ts';

/** What is exported: `-queuedAt` unless told. */
export type ReceiptListRequest = ReceiptFilter & { sort?: SortWord<'queuedAt'> | undefined };

export type ReceiptPageRequest = ReceiptListRequest & {
  /** 1 to 1000; 100 unless told. */
  max?: number | undefined;
  /** The `next` of the page before. */
  before?: string | undefined;
};

/** `next` is to be given as `before` to get the following page; null on the last. */
export type ReceiptPage = { items: Receipt[]; next: string | null };

const DEFAULT_MAX = 100;
const MAX_MAX = 1_000;
const EXPORT_PAGE = 500;

const COLUMNS: readonly (readonly [name: string, of: (receipt: Receipt) => string | null])[] = [
  ['key', ({ key }) => key],
  ['kind', ({ kind }) => kind],
  ['severity', ({ severity }) => severity],
  ['channel', ({ channel }) => channel],
  ['recipient', ({ recipient }) => recipient],
  ['reasons', ({ reasons }) => reasons.join('; ')],
  ['state', ({ state }) => state],
  ['attempts', ({ attempts }) => String(attempts)],
  ['queuedAt', ({ queuedAt }) => queuedAt.toISOString()],
  ['resentAt', ({ resentAt }) => resentAt?.toISOString() ?? null],
  ['lastAttemptAt', ({ lastAttemptAt }) => lastAttemptAt?.toISOString() ?? null],
  ['acceptedAt', ({ acceptedAt }) => acceptedAt?.toISOString() ?? null],
  ['response', ({ response }) => response],
  ['lastError', ({ lastError }) => lastError],
  ['callId', ({ callId }) => callId],
  ['incidentId', ({ incidentId }) => incidentId],
  ['messageId', ({ messageId }) => messageId],
];

function writeCursor({ queuedAt, key }: ReceiptCursor): string {
  return Buffer.from(`${queuedAt}|${key}`, 'utf8').toString('base64url');
}

function readCursor(text: string): ReceiptCursor {
  const [queuedAt = '', key = ''] = Buffer.from(text, 'base64url').toString('utf8').split('|');
  if (text.length > 200 || !isStorableMoment(new Date(queuedAt)) || !/^[0-9a-f]{40}$/.test(key))
    throw invalidField('before', 'is no cursor');
  return { queuedAt, key };
}

/** Receipts of an organization's messages, newest first unless told. */
export function createReceiptList(deps: { database: Pick<Database, 'db'> }) {
  /** Problems: `invalid` (max, before, callId). */
  async function listPage(scope: Scope, request: ReceiptPageRequest): Promise<ReceiptPage> {
    const { max = DEFAULT_MAX, before, sort, ...filter } = request;
    if (!Number.isInteger(max) || max < 1 || max > MAX_MAX) throw invalidField('max', `expected 1 to ${MAX_MAX}`);
    if (filter.callId !== undefined && !isUuid(filter.callId)) throw invalidField('callId', 'expected an identifier');
    const rows = await selectReceipts(deps.database.db, scope.organizationId, filter, {
      max: max + 1,
      sort,
      before: before === undefined ? undefined : readCursor(before),
    });
    const last = rows.length > max ? rows[max - 1] : undefined;
    return { items: rows.slice(0, max).map(({ receipt }) => receipt), next: last ? writeCursor(last.cursor) : null };
  }

  /** As CSV, page after page. */
  async function* lines(scope: Scope, filter: ReceiptListRequest): AsyncGenerator<string> {
    yield `${COLUMNS.map(([name]) => name).join(',')}\r\n`;
    let before: string | undefined;
    do {
      const { items, next } = await listPage(scope, { ...filter, max: EXPORT_PAGE, before });
      if (items.length > 0)
        yield items.map((item) => `${COLUMNS.map(([, of]) => csvCell(of(item) ?? '')).join(',')}\r\n`).join('');
      before = next ?? undefined;
    } while (before !== undefined);
  }

  return {
    listPage,
    /** Problems as `listPage`, before the first line. */
    async exportAll(scope: Scope, filter: ReceiptListRequest): Promise<AsyncIterable<string>> {
      await listPage(scope, { ...filter, max: 1 });
      return lines(scope, filter);
    },
  };
}

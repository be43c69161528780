import type { Audit } from '../../audit/audit.ts';
import { ALERT_TRIGGERS } from '../../domain/alert-trigger.ts';
import { invalidField, ProblemError } from '../../domain/problem.ts';
import { type Scope, shownActor } from '../../domain/scope.ts';
import type { Places } from '../../places/places.ts';
import type { Database, Queryable, Transaction } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { csvCell } from '../../support/csv-cell.ts';
import { isUuid, newId } from '../../support/ids.ts';
import type { SortWord } from '../../support/sort-order.ts';
import { isStorableMoment } from '../../support/storable-moment.ts';
import type { AlertOccasion, AlertPlace } from '../alert-occasion.ts';
import { messageKey } from '../delivery/message-key.ts';
import type { SendNow } from '../delivery/send-now.ts';
import type { DrillTarget } from '../recipients/judge-drill.ts';
import type { Judgement } from '../recipients/judge-occasion.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type { Drill, DrillItem, DrillPlan, DrillRecipient, DrillRequest, DrillResult, DrillView } from './drill.ts';
import { type DrillCursor, findDrill, insertDrill, selectDrillReceipts, selectDrills } from './drill-records.ts';

export type DrillPageRequest = {
  /** 1 to 1,000; 100 unless told. */
  max?: number | undefined;
  /** The `next` of the page before. */
  before?: string | undefined;
  /** Part of the note or of who started it, in any case. */
  text?: string | undefined;
  /** `-startedAt` unless told. */
  sort?: SortWord<'startedAt'> | undefined;
};

/** Alerts that are tried out on real people, by the same path as real ones, and what became of them. */
export type DrillManagement = {
  /** Who would be told. Problems: `invalid`, `not-found`. */
  planDrill(scope: Scope, request: DrillRequest): DrillPlan;
  /** Tells them, clearly marked as a drill. Problems: as above; `conflict`: nobody would be told; `unavailable`. */
  startDrill(scope: Scope, request: DrillRequest): Promise<DrillView>;
  /** Newest first unless told. Problems: `invalid`. */
  listDrills(scope: Scope, page?: DrillPageRequest): Promise<{ items: DrillItem[]; next: string | null }>;
  /** Problems: `not-found`. */
  getDrill(scope: Scope, id: string): Promise<DrillView>;
  /** One line a message, with a header row. Problems: `not-found`. */
  exportDrill(scope: Scope, id: string): Promise<string>;
  /** Whom a drill told, at once or later, as far as they are there yet; asked inside a transaction. */
  toldOf(db: Queryable, drill: AlertOccasion): Promise<readonly ToldRecipient[]>;
};

export type DrillDeps = {
  database: Database;
  audit: Audit;
  places: Pick<Places, 'location' | 'responseLocation'>;
  judgeDrill(drill: AlertOccasion, target: DrillTarget): Judgement | undefined;
  /** The incident that a drill opens. */
  incidentIdOf(drill: AlertOccasion): string;
  /** What it gives sends them, after the commit. */
  enqueueTold(tx: Transaction, drill: AlertOccasion, told: readonly ToldRecipient[]): Promise<SendNow>;
  clock: Clock;
};

const MAX_NOTE = 500;
const DEFAULT_MAX = 100;
const MAX_MAX = 1_000;
const DRILL_STATES = ['queued', 'accepted', 'failed', 'exhausted'] as const;
const NO_COUNTS: DrillView['counts'] = { 'not-sent': 0, queued: 0, accepted: 0, failed: 0, exhausted: 0 };

const COLUMNS: readonly (readonly [
  name: string,
  of: (drill: DrillView, result: DrillResult) => string | number | null,
])[] = [
  ['drill', ({ id }) => id],
  ['startedAt', ({ startedAt }) => startedAt],
  ['startedBy', ({ startedBy }) => startedBy],
  ['note', ({ note }) => note],
  ['recipient', (_, { label }) => label],
  ['channel', (_, { channel }) => channel],
  ['step', (_, { afterSeconds }) => afterSeconds],
  ['state', (_, { state }) => state],
  ['attempts', (_, { attempts }) => attempts],
  ['queuedAt', (_, { queuedAt }) => queuedAt],
  ['acceptedAt', (_, { acceptedAt }) => acceptedAt],
  ['acceptedAfterMs', (_, { acceptedAfterMs }) => acceptedAfterMs],
  ['response', (_, { response }) => response],
  ['lastError', (_, { lastError }) => lastError],
  ['reasons', (_, { reasons }) => reasons.join('; ')],
];

export function createDrills(deps: DrillDeps): DrillManagement {
  const { database, places } = deps;

  function readTarget({ ruleId, groupId, recipientId, trigger }: DrillRequest): DrillTarget {
    const named = [
      ruleId === undefined ? [] : [{ kind: 'rule', id: ruleId } as const],
      groupId === undefined ? [] : [{ kind: 'group', id: groupId } as const],
      recipientId === undefined ? [] : [{ kind: 'recipient', id: recipientId } as const],
      trigger === undefined ? [] : [{ kind: 'trigger', trigger } as const],
    ].flat();
    const [target] = named;
    if (target === undefined || named.length > 1) {
      throw invalidField('ruleId', 'exactly one of ruleId, groupId, recipientId and trigger says whom to drill');
    }
    if (target.kind === 'trigger' && (target.trigger === 'drill' || !ALERT_TRIGGERS.includes(target.trigger))) {
      throw invalidField('trigger', 'is not a trigger that can be tried out');
    }
    return target;
  }

  function readPlace({ organizationId }: Scope, request: DrillRequest): AlertPlace {
    const locationId = request.locationId ?? null;
    const responseLocationId = request.responseLocationId ?? null;
    if (locationId !== null && !places.location(organizationId, locationId)) {
      throw invalidField('locationId', 'there is no such location');
    }
    const erl = responseLocationId === null ? undefined : places.responseLocation(organizationId, responseLocationId);
    if (responseLocationId !== null && erl === undefined) {
      throw invalidField('responseLocationId', 'there is no such emergency response location');
    }
    if (erl && locationId !== null && erl.locationId !== locationId) {
      throw invalidField('responseLocationId', 'lies in another location');
    }
    return { locationId: erl?.locationId ?? locationId, responseLocationId };
  }

  function judge(scope: Scope, request: DrillRequest) {
    const note = request.note ?? '';
    if (note.length > MAX_NOTE) throw invalidField('note', `may have ${MAX_NOTE} characters`);
    const target = readTarget(request);
    const by = shownActor(scope);
    const drill: AlertOccasion = {
      subjectId: newId(),
      moment: 'drill',
      triggers: ['drill'],
      organizationId: scope.organizationId,
      place: readPlace(scope, request),
      at: new Date(deps.clock.nowMs()).toISOString(),
      call: null,
      news: { sentence: 'drill', values: { by, ...(note !== '' && { note }) } },
    };
    const judgement = deps.judgeDrill(drill, target);
    if (!judgement) throw new ProblemError('not-found', `there is no such ${target.kind}`);
    const recipients = judgement.told.map((told): DrillRecipient => {
      const { label, recipientId, afterSeconds, reasons, endpoint } = told;
      const key = messageKey(drill.subjectId, endpoint, drill.moment);
      return { key, label, channel: endpoint.channel, recipientId, afterSeconds, reasons };
    });
    return { drill, target, note, by, judgement, recipients };
  }

  async function requireDrill(scope: Scope, id: string): Promise<Drill> {
    const drill = isUuid(id) ? await findDrill(database.db, scope.organizationId, id) : undefined;
    if (!drill) throw new ProblemError('not-found', 'there is no such drill');
    return drill;
  }

  async function getDrill(scope: Scope, id: string): Promise<DrillView> {
    const { told, ...drill } = await requireDrill(scope, id);
    const receipts = await selectDrillReceipts(database.db, scope.organizationId, drill.incidentId);
    const startedMs = Date.parse(drill.startedAt);
    const results = told.map((one): DrillResult => {
      const receipt = receipts.get(one.key);
      const acceptedAt = receipt?.acceptedAt ?? null;
      return {
        ...one,
        state: stateOf(receipt?.state),
        attempts: receipt?.attempts ?? 0,
        queuedAt: receipt?.queuedAt.toISOString() ?? null,
        acceptedAt: acceptedAt?.toISOString() ?? null,
        acceptedAfterMs: acceptedAt === null ? null : acceptedAt.getTime() - startedMs,
        response: receipt?.response ?? null,
        lastError: receipt?.lastError ?? null,
      };
    });
    const counts = { ...NO_COUNTS };
    for (const { state } of results) counts[state]++;
    const times = results.flatMap(({ acceptedAfterMs }) => acceptedAfterMs ?? []);
    return { ...drill, results, counts, slowestMs: times.length === 0 ? null : Math.max(...times) };
  }

  return {
    planDrill(scope, request) {
      const { recipients, judgement } = judge(scope, request);
      return { recipients, passedOver: judgement.passedOver };
    },
    async startDrill(scope, request) {
      const { drill, target, note, by, judgement, recipients } = judge(scope, request);
      if (recipients.length === 0) throw new ProblemError('conflict', 'nobody would be told by this drill');
      const stored: Drill = {
        id: drill.subjectId,
        incidentId: deps.incidentIdOf(drill),
        startedAt: drill.at,
        startedBy: by,
        target,
        ...drill.place,
        note,
        told: recipients,
      };
      const sendNow = await database.db.transaction().execute(async (tx) => {
        await insertDrill(tx, scope.organizationId, stored);
        await deps.audit.record(tx, scope, {
          action: 'alert.drill-started',
          subject: `drill ${stored.id}`,
          detail: { target, ...drill.place, note, recipients: recipients.length },
        });
        return deps.enqueueTold(tx, drill, judgement.told);
      });
      sendNow();
      return getDrill(scope, stored.id);
    },
    async listDrills(scope, { max = DEFAULT_MAX, before, sort, text } = {}) {
      if (!Number.isInteger(max) || max < 1 || max > MAX_MAX) throw invalidField('max', `expected 1 to ${MAX_MAX}`);
      const found = await selectDrills(database.db, scope.organizationId, {
        max: max + 1,
        sort,
        text,
        before: before === undefined ? undefined : readCursor(before),
      });
      const items = found.slice(0, max);
      const last = items.at(-1);
      return { items, next: found.length > max && last ? writeCursor(last) : null };
    },
    getDrill,
    async toldOf(db, occasion) {
      const { organizationId, subjectId, moment } = occasion;
      const stored = await findDrill(db, organizationId, subjectId);
      const keys = new Set(stored?.told.map(({ key }) => key));
      const told = stored && deps.judgeDrill(occasion, stored.target)?.told;
      return told?.filter(({ endpoint }) => keys.has(messageKey(subjectId, endpoint, moment))) ?? [];
    },
    async exportDrill(scope, id) {
      const drill = await getDrill(scope, id);
      const line = (result: DrillResult) => COLUMNS.map(([, of]) => csvCell(String(of(drill, result) ?? ''))).join(',');
      return [COLUMNS.map(([name]) => name).join(','), ...drill.results.map(line), ''].join('\r\n');
    },
  };
}

function stateOf(state: string | undefined): DrillResult['state'] {
  return DRILL_STATES.find((one) => one === state) ?? 'not-sent';
}

function writeCursor({ startedAt, id }: DrillCursor): string {
  return Buffer.from(`${startedAt} ${id}`, 'utf8').toString('base64url');
}

function readCursor(text: string): DrillCursor {
  const [startedAt = '', id = ''] = Buffer.from(text, 'base64url').toString('utf8').split(' ');
  if (text.length > 200 || !isStorableMoment(new Date(startedAt)) || !isUuid(id)) {
    throw invalidField('before', 'is no cursor');
  }
  return { startedAt, id };
}

import type { Audit } from '../../audit/audit.ts';
import type { AlertLanguage } from '../../domain/alert-trigger.ts';
import type { CallRecord } from '../../domain/call-record.ts';
import { invalidField, ProblemError } from '../../domain/problem.ts';
import { type Scope, shownActor } from '../../domain/scope.ts';
import type { Database, Queryable, Transaction } from '../../storage/database.ts';
import { createSnapshot, type Snapshot } from '../../storage/snapshot.ts';
import { BoundedMap } from '../../support/bounded-map.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import { isUuid, newId } from '../../support/ids.ts';
import type { Logger } from '../../support/logger.ts';
import type { Metrics } from '../../support/metrics.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import { cutText, oneLine } from '../content/one-line.ts';
import type { Receipt } from '../delivery/receipt.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import { createActLog } from './act-log.ts';
import { type ActDeps, type ActOutcome, actOnIncident } from './act-on-incident.ts';
import { createIncidentLinks, type LinkView } from './answer-link.ts';
import { createEscalationWorker, type Telling } from './escalation-worker.ts';
import { exportIncidents, type IncidentExportFormat, timelineAsCsv } from './export-timeline.ts';
import type { Incident, IncidentAct, IncidentAction, IncidentItem } from './incident.ts';
import { selectEntries } from './incident-entry-records.ts';
import { incidentIdOf } from './incident-id.ts';
import { selectIncident } from './incident-list-records.ts';
import { createIncidentMetrics } from './incident-metrics.ts';
import { selectExisting } from './incident-records.ts';
import { createKnownIncidents } from './known-incidents.ts';
import { linkKeySnapshotDefinition } from './link-key-snapshot.ts';
import { createIncidentList, type IncidentPage, type IncidentPageRequest, isWithinReach } from './list-incidents.ts';
import { type Opening, rememberIncidents, storeIncidents } from './open-incidents.ts';
import type { LinkAction } from './seal-link.ts';
import { isWorthAnIncident } from './summarize-occasion.ts';
import { type TimelineEntry, writeTimeline } from './write-timeline.ts';

export type { LinkView } from './answer-link.ts';
export type { Telling } from './escalation-worker.ts';
export type { IncidentExportFormat } from './export-timeline.ts';
export type { Incident, IncidentAction, IncidentItem, IncidentState } from './incident.ts';
export type { IncidentFilter } from './incident-list-records.ts';
export type { IncidentPage, IncidentPageRequest } from './list-incidents.ts';
export type { Opening } from './open-incidents.ts';
export type { TimelineEntry } from './write-timeline.ts';

/** Something that happens to an incident, for those who listen. */
export type IncidentEvent = {
  type: 'incident.opened' | 'incident.escalated' | 'incident.acknowledged' | 'incident.resolved' | 'incident.reopened';
  organizationId: string;
  locationId: string | null;
  data: Readonly<Record<string, unknown>>;
};

/** A timeline with what it is of. */
export type IncidentTimeline = { incident: IncidentItem; entries: TimelineEntry[] };

/** What people should act on: opened, passed on while nobody does, taken on, settled; with everything that happened. */
export type Incidents = {
  readonly snapshots: readonly Snapshot<unknown>[];

  /** That of an occasion; null where nobody has to act on it. */
  incidentIdOf(occasion: AlertOccasion, told: readonly ToldRecipient[]): string | null;
  /**
   * Opens incidents in the caller's transaction, which also holds what they are about; idempotent, in two statements however many
   * there are. Later steps are told from here on, the first message is the caller's. What it gives is to be called after the
   * commit; who cannot is found out after a moment.
   */
  openIncidents(tx: Transaction, openings: readonly Opening[]): Promise<() => void>;
  /** The same while the database is away: in memory, until `openIncidents` is called for it (decision 18). */
  openWithoutDatabase(openings: readonly Opening[]): void;

  /** The address of a one-time link for one recipient; null while this node has no key. No database is needed. */
  actionLink(incidentId: string, told: ToldRecipient, action?: LinkAction): string | null;
  /** What the page behind a link shows; changes nothing. Never rejects. */
  lookAtLink(token: string, sourceAddress: string): Promise<LinkView>;
  /** Does what the link is for; kept while the database is away. Never rejects. */
  actByLink(token: string, sourceAddress: string): Promise<LinkView>;

  /** Open ones first. Problems: `invalid` (max, after). */
  listIncidents(scope: Scope, request?: IncidentPageRequest): Promise<IncidentPage>;
  exportIncidents(
    scope: Scope,
    request: IncidentPageRequest,
    format: IncidentExportFormat,
  ): Promise<AsyncIterable<string>>;
  /** Problems: `not-found`. */
  getIncident(scope: Scope, id: string): Promise<IncidentItem>;
  /** Problems: `not-found`. */
  readTimeline(scope: Scope, id: string): Promise<IncidentTimeline>;
  /** With a line of headings. */
  timelineAsCsv(timeline: IncidentTimeline): string;
  /** Acknowledges, resolves, opens again or notes. Doing it twice changes nothing. Problems: `not-found`, `invalid` (note). */
  actOn(scope: Scope, id: string, action: IncidentAction, note?: string | null): Promise<IncidentItem>;

  /** Takes up what people did while the database was away, and begins to tell later steps. */
  start(): Promise<void>;
  /** Resolves when what fell due is told; for tests. */
  drained(): Promise<void>;
  stop(): Promise<void>;
};

export type IncidentsDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Folder of saved snapshots; undefined = none are kept. */
  snapshotFolder: string | undefined;
  /** The file for what people do while the database is away; undefined = memory only. */
  actLogPath: string | undefined;
  /** Base of links, without a slash at the end. */
  publicUrl: string;
  keptDays: number;
  whoIsTold(occasion: AlertOccasion): readonly ToldRecipient[];
  /** The newest records of these calls, by id; asked inside a transaction. */
  findCalls(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, CallRecord>>;
  /** Composes and enqueues messages in the transaction; what it gives is to be called after the commit. */
  tell(tx: Transaction, tellings: readonly Telling[]): Promise<() => void>;
  /** Composes and sends messages without the database. Must not throw. */
  tellWithoutDatabase(telling: Telling): void;
  /** Whether more can be sent that way now. */
  hasRoomWithoutDatabase(): boolean;
  listReceipts(incident: Incident): Promise<readonly Receipt[]>;
  tellsAcknowledgements(organizationId: string): boolean;
  /** In which an organization's incidents are written. */
  languageOf(organizationId: string): AlertLanguage;
  /** What the place of an occasion is called, from memory; null: it is about no place. Never throws. */
  placeNameOf(occasion: AlertOccasion): string | null;
  /** Whom a drill told, at once or later; asked inside a transaction. */
  toldOfDrill(db: Queryable, drill: AlertOccasion): Promise<readonly ToldRecipient[]>;
  /** Must not throw. */
  publish(event: IncidentEvent): void;
};

const DAY_MS = 24 * 3_600_000;
const MAX_NOTE = 2_000;
const MAX_BY = 100;
const MAX_UNCONFIRMED = 5_000;
const CONFIRM_AFTER_MS = 1_000;
/** Acts that are stored in one go. */
const STORED_AT_ONCE = 200;
/** An act whose incident the database does not have so long after it could be asked is of one that never came to be stored. */
const UNSTORED_MS = DAY_MS;

export function createIncidents(deps: IncidentsDeps): Incidents {
  const { database, clock, logger } = deps;
  const metrics = createIncidentMetrics(deps.metrics);
  const known = createKnownIncidents(deps);
  const acts = createActLog({ path: deps.actLogPath, clock, logger });
  const keys = createSnapshot({ folder: deps.snapshotFolder, logger }, linkKeySnapshotDefinition(database));
  const list = createIncidentList({ database });

  /** Written in a transaction whose end is not known yet; whether it was new there. */
  const unconfirmed = new BoundedMap<string, { isNew: boolean; lookAtMs: number }>(MAX_UNCONFIRMED);

  const EVENT_TYPES = {
    acknowledge: 'incident.acknowledged',
    resolve: 'incident.resolved',
    reopen: 'incident.reopened',
  } as const;

  const actDeps: ActDeps = {
    ...deps,
    known,
    metrics,
    onChanged(incident, act) {
      if (act.action === 'note') return;
      tell(EVENT_TYPES[act.action], incident, { by: act.by, via: act.via, actedAt: act.at, note: act.note });
      if (act.action === 'reopen') worker.learn(incident.id);
    },
  };

  function tell(type: IncidentEvent['type'], incident: Incident, data: Readonly<Record<string, unknown>>): void {
    const { id, organizationId, locationId, callId, severity, state, title, place, isDrill, openedAt } = incident;
    deps.publish({
      type,
      organizationId,
      locationId,
      data: { id, callId, severity, state, title, place, locationId, isDrill, openedAt, ...data },
    });
  }

  const worker = createEscalationWorker({
    ...deps,
    known,
    metrics,
    confirm,
    storeActs,
    keptMs: deps.keptDays * DAY_MS,
    onEscalated({ incidentId, occasion, detail }) {
      deps.publish({
        type: 'incident.escalated',
        organizationId: occasion.organizationId,
        locationId: occasion.place.locationId,
        data: { id: incidentId, callId: occasion.call?.id ?? null, ...detail },
      });
    },
  });

  const links = createIncidentLinks({
    keys: () => keys.current(),
    known,
    acts,
    find: (id) => selectIncident(database.db, null, id),
    store: (act, actor) => actOnIncident(actDeps, act, actor),
    metrics,
    clock,
    logger,
  });

  const isWorthy = ({ occasion, told }: Opening): boolean => isWorthAnIncident(occasion, told);

  /**
   * Looks which of the incidents that were written are committed: their transactions are those of others, and may have come to
   * nothing. Who listens is told of those that are new.
   */
  async function confirm(): Promise<number> {
    const nowMs = clock.nowMs();
    const ids = [...unconfirmed.keys()].filter((id) => nowMs >= (unconfirmed.get(id)?.lookAtMs ?? 0));
    for (const id of await selectExisting(database.db, ids)) confirmed(id);
    const next = [...unconfirmed.keys()].map((id) => unconfirmed.get(id)?.lookAtMs ?? 0).filter((atMs) => atMs > nowMs);
    return Math.min(Number.POSITIVE_INFINITY, ...next);
  }

  function confirmed(id: string): void {
    const one = unconfirmed.get(id);
    const incident = known.get(id)?.incident;
    unconfirmed.delete(id);
    known.markStored(id);
    if (!one?.isNew || !incident) return;
    metrics.opened(incident.severity);
    tell('incident.opened', incident, { caller: incident.caller, callbackNumber: incident.callbackNumber });
  }

  /** Since when the database answers and has no incident for an act, on the monotonic clock; those that wait are bounded. */
  const missedSince = new Map<string, number>();

  /** Stores what waits. One act that cannot be stored lets the others have their turn first. */
  async function storeActs(): Promise<void> {
    const settled: string[] = [];
    for (const act of acts.waiting().slice(0, STORED_AT_ONCE)) {
      let outcome: ActOutcome | undefined;
      try {
        outcome = await actOnIncident(actDeps, act, { tokenId: 'message link', trackingId: newId() });
      } catch (error) {
        logger.debug({ incident: act.incidentId, err: errorText(error) }, 'incidents: an act cannot be stored yet');
        acts.putLast(act.id);
        break;
      }
      if (outcome) {
        logger.info({ incident: act.incidentId, action: act.action }, 'incidents: an act that waited is stored');
      }
      // Its incident is not stored yet, however long ago it was: the database may have been away for days.
      const missedMs = missedSince.get(act.id) ?? clock.monotonicMs();
      if (outcome || clock.monotonicMs() - missedMs > UNSTORED_MS) {
        settled.push(act.id);
        missedSince.delete(act.id);
      } else {
        missedSince.set(act.id, missedMs);
        acts.putLast(act.id);
      }
    }
    if (settled.length > 0) await acts.settle(settled);
  }

  function expectSteps(ids: Iterable<string>): void {
    for (const id of ids) {
      for (const { dueMs, firedMs } of known.get(id)?.steps ?? []) if (firedMs === null) worker.expect(dueMs);
    }
  }

  return {
    snapshots: [keys],
    incidentIdOf: (occasion, told) => (isWorthAnIncident(occasion, told) ? incidentIdOf(occasion) : null),
    async openIncidents(tx, openings) {
      const added = await storeIncidents(tx, openings, { known, acts });
      const ids = openings.filter(isWorthy).map(({ occasion }) => incidentIdOf(occasion));
      const lookAtMs = clock.nowMs() + CONFIRM_AFTER_MS;
      for (const id of ids) {
        unconfirmed.set(id, { isNew: added.has(id) || unconfirmed.get(id)?.isNew === true, lookAtMs });
      }
      if (ids.length > 0) worker.expect(lookAtMs);
      expectSteps(ids);
      return () => {
        for (const id of ids) confirmed(id);
        if (acts.waiting().length > 0) worker.expect(clock.nowMs());
      };
    },
    openWithoutDatabase(openings) {
      expectSteps(rememberIncidents(known, openings).map(({ incident }) => incident.id));
    },
    actionLink(incidentId, told, action = 'acknowledge') {
      const token = links.makeToken(incidentId, told, action);
      return token === undefined ? null : `${deps.publicUrl}/act/${token}`;
    },
    lookAtLink: (token, sourceAddress) => links.look(token, sourceAddress),
    actByLink: (token, sourceAddress) => links.act(token, sourceAddress),
    listIncidents: (scope, request) => list.listIncidents(scope, request),
    async exportIncidents(scope, request, format) {
      // A faulty request is refused before the answer begins.
      await list.listIncidents(scope, { ...request, max: 1 });
      return exportIncidents(list.incidentPages(scope, request), format);
    },
    getIncident: (scope, id) => list.getIncident(scope, id),
    async readTimeline(scope, id) {
      const incident = await list.getIncident(scope, id);
      const { db } = database;
      const calls = incident.callId === null ? undefined : await deps.findCalls(db, [incident.callId]);
      return {
        incident,
        entries: writeTimeline({
          incident,
          call: (incident.callId !== null && calls?.get(incident.callId)) || null,
          receipts: await deps.listReceipts(incident),
          entries: await selectEntries(db, incident.id),
        }),
      };
    },
    timelineAsCsv: ({ entries }) => timelineAsCsv(entries),
    async actOn(scope, id, action, note = null) {
      const text = note === null ? null : storableNote(note);
      if (action === 'note' && (text === null || text === '')) throw invalidField('note', 'expected a text');
      const act: IncidentAct = {
        id: newId(),
        incidentId: id,
        action,
        by: cutText(oneLine(shownActor(scope)), MAX_BY),
        via: 'api',
        at: new Date(clock.nowMs()).toISOString(),
        note: text === '' ? null : text,
        endpointTag: null,
      };
      const outcome = isUuid(id)
        ? await actOnIncident(actDeps, act, scope, (incident) => isWithinReach(scope, incident))
        : undefined;
      if (!outcome) throw new ProblemError('not-found', 'no such incident');
      return list.getIncident(scope, id);
    },
    async start() {
      await acts.load();
      worker.start();
    },
    drained: () => worker.drained(),
    stop: () => worker.stop(),
  };
}

/** Line breaks stay; what the database does not take is replaced. */
function storableNote(note: string): string {
  if (note.length > MAX_NOTE) throw invalidField('note', `at most ${MAX_NOTE} characters`);
  return note.trim().replaceAll('\0', '\uFFFD').toWellFormed();
}

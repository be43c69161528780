import type { CallRecord } from '../../domain/call-record.ts';
import type { Database, Queryable, Transaction } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import { dueNow, recipientsOfStep } from './escalation.ts';
import { inTime } from './in-time.ts';
import { type EscalationDetail, type IncidentEntry, insertEntries } from './incident-entry-records.ts';
import { namedId } from './incident-id.ts';
import type { IncidentMetrics } from './incident-metrics.ts';
import { countOpen, deleteOldIncidents, selectTakenOn } from './incident-records.ts';
import {
  type IncidentStep,
  noteFired,
  selectFired,
  selectNextDue,
  selectWaiting,
  takeDueSteps,
} from './incident-step-records.ts';
import type { KnownIncident, KnownIncidents, KnownStep } from './known-incidents.ts';
import { isDrill } from './summarize-occasion.ts';

/** What is told, to whom, of which incident. */
export type Telling = { incidentId: string; occasion: AlertOccasion; told: readonly ToldRecipient[] };

/**
 * Tells the later steps of incidents, each at its time and only while nobody took the incident on. Steps stand in the database:
 * any node tells those that are due, none twice, and after a downtime what is overdue at once. While the database is away, this
 * node tells from memory those it knows, under the same keys, and notes that later.
 */
export type EscalationWorker = {
  start(): void;
  /** An incident was opened again here: its steps go on, also should the database go away. */
  learn(incidentId: string): void;
  /** A step is due then, or something changed: look in time. */
  expect(dueMs: number): void;
  /** Resolves when no look is under way; for tests. */
  drained(): Promise<void>;
  stop(): Promise<void>;
};

export type EscalationWorkerDeps = {
  database: Pick<Database, 'db'>;
  known: KnownIncidents;
  clock: Clock;
  logger: Logger;
  metrics: IncidentMetrics;
  /** From memory; must not throw. */
  whoIsTold(occasion: AlertOccasion): readonly ToldRecipient[];
  /** The newest records of these calls. */
  findCalls(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, CallRecord>>;
  /** Enqueues the messages; what it gives is to be called after the commit. */
  tell(tx: Transaction, tellings: readonly Telling[]): Promise<() => void>;
  /** Sends them without the database. Must not throw. */
  tellWithoutDatabase(telling: Telling): void;
  /** Whether more can be sent that way now; a step for which there is none waits. */
  hasRoomWithoutDatabase(): boolean;
  /** Learns which incidents are committed, and when to look again; rejects while the database is away. */
  confirm(): Promise<number>;
  /** Stores what people did meanwhile; rejects while the database is away. */
  storeActs(): Promise<void>;
  /** A step was told. Must not throw. */
  onEscalated(told: Telling & { detail: EscalationDetail }): void;
  keptMs: number;
};

const POLL_MS = 2_000;
const ROUND_LIMIT_MS = 5_000;
/** A round that hangs is not waited for for ever. */
const GIVE_UP_MS = 30_000;
const BATCH = 20;
const TELL_FOR_MS = 1_000;
/** So long nodes have, once the database is back, to note what they told without it. */
const OTHERS_REST_MS = 10_000;
const FAILED_PAUSE_MS = 5_000;
const MAX_FAILED_PAUSE_MS = 60_000;
const MAX_LABELS = 50;
/** Steps that a node learns from the database at its start; those that are due later are left to it. */
const MAX_LEARNED = 300;
const COUNT_EVERY_MS = 30_000;
const PRUNE_EVERY_MS = 3_600_000;
const PRUNED_AT_ONCE = 500;

export function createEscalationWorker(deps: EscalationWorkerDeps): EscalationWorker {
  const { database, known, clock, logger, metrics } = deps;
  /** Incidents one of whose steps could not be told, which must not hold up the others. */
  const failed = new Map<string, { untilMs: number; pauseMs: number }>();
  let isStopping = false;
  let isAway = false;
  let othersRestUntilMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  let isAgain = false;
  let storedRound: { begunMs: number } | undefined;
  let cancelLook = (): void => undefined;
  let lookAtMs = Number.POSITIVE_INFINITY;
  let countedMs = Number.NEGATIVE_INFINITY;
  let prunedMs = Number.NEGATIVE_INFINITY;
  /** Incidents whose steps are to be learned from the database; at the start all that are open. */
  const toLearn = new Set<string>();
  let isAllToLearn = true;

  function detailOf(afterSeconds: number, told: readonly ToldRecipient[]): EscalationDetail {
    return { afterSeconds, told: told.length, labels: told.slice(0, MAX_LABELS).map(({ label }) => label) };
  }

  function entryOf(incidentId: string, source: string, at: string, detail: EscalationDetail) {
    const id = namedId('escalated', incidentId, source, String(detail.afterSeconds));
    const entry: IncidentEntry = { id, at, action: 'escalate', by: null, via: null, note: null, detail };
    return { ...entry, incidentId };
  }

  /** Who is told with a step now: schedules are judged at this moment, whenever it was due. */
  function chooseNow(
    { afterSeconds, planned }: { afterSeconds: number; planned: readonly ToldRecipient[] },
    occasion: AlertOccasion,
    nowMs: number,
  ): readonly ToldRecipient[] {
    // Whom a drill tells was chosen with it.
    if (isDrill(occasion)) return planned;
    const at = new Date(nowMs - afterSeconds * 1_000).toISOString();
    return recipientsOfStep(afterSeconds, deps.whoIsTold({ ...occasion, at }), planned);
  }

  /** Told from memory already, by this process. */
  function isToldHere({ incidentId, source, afterSeconds }: IncidentStep): boolean {
    const steps = known.get(incidentId)?.steps ?? [];
    return steps.some((step) => step.source === source && step.afterSeconds === afterSeconds && step.firedMs !== null);
  }

  function knownCall(incidentId: string): CallRecord | null {
    return known.get(incidentId)?.steps.find(({ occasion }) => occasion.call !== null)?.occasion.call ?? null;
  }

  /** While others may not have noted what they told from memory, each node tells what it knows by itself. */
  function onlyOwn(): string[] | undefined {
    if (clock.monotonicMs() >= othersRestUntilMs) return undefined;
    return known.waiting().map(({ incident }) => incident.id);
  }

  /** Tells some due steps in one transaction; how many. `onTaken` hears of them before anything can go wrong with them. */
  async function tellSome(max: number, onTaken: (steps: readonly IncidentStep[]) => void): Promise<number> {
    const nowMs = clock.nowMs();
    const now = new Date(nowMs).toISOString();
    const resting = [...failed].filter(([, { untilMs }]) => untilMs > nowMs).map(([id]) => id);
    const done: (Telling & { step: IncidentStep; detail: EscalationDetail })[] = [];
    let taken: readonly IncidentStep[] = [];
    let afterCommit = (): void => undefined;
    await database.db.transaction().execute(async (tx) => {
      taken = await takeDueSteps(tx, new Date(nowMs), max, { except: resting, only: onlyOwn() });
      onTaken(taken);
      if (taken.length === 0) return;
      const toTell = taken.filter((step) => !isToldHere(step));
      const isOfCall = ({ occasion }: IncidentStep): boolean => occasion.moment === 'call-started';
      const callIds = new Set(toTell.filter(isOfCall).map(({ incidentId }) => incidentId));
      const calls = callIds.size === 0 ? undefined : await deps.findCalls(tx, [...callIds]);
      for (const step of toTell) {
        const call = calls?.get(step.incidentId) ?? knownCall(step.incidentId);
        const occasion: AlertOccasion = { ...step.occasion, call };
        const told = chooseNow(step, occasion, nowMs);
        done.push({ incidentId: step.incidentId, occasion, told, step, detail: detailOf(step.afterSeconds, told) });
      }
      if (done.length > 0) afterCommit = await deps.tell(tx, done);
      await noteFired(
        tx,
        taken.map(({ incidentId, source, afterSeconds }) => ({ incidentId, source, afterSeconds, firedAt: now })),
      );
      await insertEntries(
        tx,
        done.map(({ step, detail }) => entryOf(step.incidentId, step.source, now, detail)),
      );
    });
    afterCommit();
    for (const { step, ...telling } of done) {
      known.markFired(step.incidentId, step.source, step.afterSeconds, nowMs);
      failed.delete(step.incidentId);
      metrics.stepTold('stored');
      deps.onEscalated(telling);
    }
    return taken.length;
  }

  /** Whether there may be more: a burst is told in portions, so that a look ends in time. */
  async function tellDue(): Promise<boolean> {
    const endMs = clock.monotonicMs() + TELL_FOR_MS;
    let max = BATCH;
    for (;;) {
      if (isStopping) return false;
      if (clock.monotonicMs() >= endMs) return true;
      let taken: readonly IncidentStep[] = [];
      try {
        const count = await tellSome(max, (steps) => {
          taken = steps;
        });
        if (count < max) return false;
      } catch (error) {
        const [first] = taken;
        // Without a step in hand it is the database that fails; with several, one of them may be at fault.
        if (!first) throw error;
        if (taken.length > 1) {
          max = 1;
          continue;
        }
        letRest(first, error);
      }
    }
  }

  function letRest({ incidentId, afterSeconds }: IncidentStep, error: unknown): void {
    const nowMs = clock.nowMs();
    for (const [id, { untilMs }] of failed) if (untilMs < nowMs - MAX_FAILED_PAUSE_MS) failed.delete(id);
    const pauseMs = Math.min((failed.get(incidentId)?.pauseMs ?? FAILED_PAUSE_MS / 2) * 2, MAX_FAILED_PAUSE_MS);
    failed.set(incidentId, { untilMs: nowMs + pauseMs, pauseMs });
    logger.error(
      { incident: incidentId, afterSeconds, err: errorText(error) },
      'incidents: a step could not be told; it is tried again',
    );
  }

  /** What was told from memory is noted, before anybody else tells it too. */
  async function noteMemory(): Promise<void> {
    for (const { incident, steps, isStored } of known.toNote()) {
      if (!isStored) continue;
      const told = steps.filter((step) => step.toNote !== null && step.firedMs !== null);
      const notes = told.map((step) => ({ ...step, firedAt: new Date(step.firedMs ?? 0).toISOString() }));
      await database.db.transaction().execute(async (tx) => {
        await noteFired(
          tx,
          notes.map(({ source, afterSeconds, firedAt }) => ({
            incidentId: incident.id,
            source,
            afterSeconds,
            firedAt,
          })),
        );
        await insertEntries(
          tx,
          notes.flatMap(({ source, firedAt, toNote }) =>
            toNote ? [entryOf(incident.id, source, firedAt, toNote)] : [],
          ),
        );
      });
      for (const { source, afterSeconds, firedMs } of told)
        known.markFired(incident.id, source, afterSeconds, firedMs ?? 0);
    }
  }

  async function upkeep(): Promise<void> {
    const nowMs = clock.monotonicMs();
    if (nowMs - countedMs >= COUNT_EVERY_MS) {
      countedMs = nowMs;
      metrics.open(await countOpen(database.db));
    }
    if (nowMs - prunedMs < PRUNE_EVERY_MS) return;
    const deleted = await deleteOldIncidents(database.db, new Date(clock.nowMs() - deps.keptMs), PRUNED_AT_ONCE);
    // A full batch: the next round goes on.
    if (deleted < PRUNED_AT_ONCE) prunedMs = nowMs;
  }

  /** What waits, of incidents that this process did not open: should the database go away, their steps go on. */
  async function learnWaiting(): Promise<void> {
    const ids = [...toLearn];
    if (!isAllToLearn && ids.length === 0) return;
    // Opened again while it is read, an incident is learned once more.
    for (const id of ids) toLearn.delete(id);
    try {
      await learnSteps(isAllToLearn ? undefined : ids);
      isAllToLearn = false;
    } catch (error) {
      for (const id of ids) toLearn.add(id);
      throw error;
    }
  }

  async function learnSteps(ids: readonly string[] | undefined): Promise<void> {
    const found = await selectWaiting(database.db, MAX_LEARNED, ids);
    const callIds = found.flatMap(({ incident }) => incident.callId ?? []);
    const calls = callIds.length === 0 ? undefined : await deps.findCalls(database.db, callIds);
    for (const { incident, steps } of found) {
      const call = calls?.get(incident.callId ?? '') ?? null;
      known.adopt(
        incident,
        steps.map(({ source, afterSeconds, dueAt, occasion, planned }) => ({
          source,
          afterSeconds,
          dueMs: Date.parse(dueAt),
          firedMs: null,
          occasion: { ...occasion, call },
          planned,
        })),
      );
    }
  }

  /** What other nodes told of what this one knows: should the database go away, it is not told again. */
  async function learnFired(): Promise<void> {
    const nowMs = clock.nowMs();
    const overdue = known
      .waiting()
      .filter(({ isStored, steps }) => isStored && dueNow(steps, true, nowMs).due.length > 0);
    const fired = await selectFired(
      database.db,
      overdue.map(({ incident }) => incident.id),
    );
    for (const { incidentId, source, afterSeconds, firedAt } of fired) {
      known.markFired(incidentId, source, afterSeconds, firedAt.getTime());
    }
  }

  /** Everything that needs the database; gives when the next step is due. */
  async function lookInDatabase(): Promise<number> {
    const confirmMs = await deps.confirm();
    await deps.storeActs();
    await noteMemory();
    await learnWaiting();
    known.markTakenOn(
      await selectTakenOn(
        database.db,
        known.waiting().map(({ incident }) => incident.id),
      ),
    );
    const next = await selectNextDue(database.db);
    const isDue = next !== null && next.getTime() <= clock.nowMs();
    const isMore = isDue && (await tellDue());
    await learnFired();
    await upkeep();
    if (isMore) return clock.nowMs();
    const later = isDue ? await selectNextDue(database.db) : next;
    // One that rests after a fault is due already; the next poll is early enough for it.
    const laterMs = later?.getTime() ?? 0;
    return Math.min(confirmMs, laterMs <= clock.nowMs() ? Number.POSITIVE_INFINITY : laterMs);
  }

  function tellFromMemory(one: KnownIncident, step: KnownStep, nowMs: number): void {
    const told = chooseNow(step, step.occasion, nowMs);
    const detail = detailOf(step.afterSeconds, told);
    const telling: Telling = { incidentId: one.incident.id, occasion: step.occasion, told };
    step.firedMs = nowMs;
    step.toNote = detail;
    metrics.stepTold('memory');
    logger.warn(
      { incident: one.incident.id, afterSeconds: step.afterSeconds },
      'incidents: a step is told without the database',
    );
    deps.tellWithoutDatabase(telling);
    deps.onEscalated({ ...telling, detail });
  }

  /** Tells what is due of the incidents that the database does not have, or cannot be asked about; gives when the next is due. */
  function lookInMemory(): number {
    const nowMs = clock.nowMs();
    let next = Number.POSITIVE_INFINITY;
    for (const one of known.waiting()) {
      const { due, nextMs } = dueNow(one.steps, true, nowMs);
      if (isAway || !one.isStored) {
        for (const step of due) if (deps.hasRoomWithoutDatabase()) tellFromMemory(one, step, nowMs);
      }
      next = Math.min(next, nextMs ?? Number.POSITIVE_INFINITY);
    }
    return next;
  }

  async function look(): Promise<void> {
    let next = Number.POSITIVE_INFINITY;
    if (isAway) othersRestUntilMs = clock.monotonicMs() + OTHERS_REST_MS;
    try {
      if (storedRound && clock.monotonicMs() - storedRound.begunMs < GIVE_UP_MS) throw new Error('the last look hangs');
      const round = { begunMs: clock.monotonicMs() };
      storedRound = round;
      const work = lookInDatabase().finally(() => {
        if (storedRound === round) storedRound = undefined;
      });
      next = await inTime(clock, ROUND_LIMIT_MS, work);
      if (isAway) logger.info('incidents: the database answers again');
      isAway = false;
    } catch (error) {
      if (!isAway) logger.warn({ err: errorText(error) }, 'incidents: the database is away; steps go on from memory');
      isAway = true;
    }
    lookBy(Math.min(next, lookInMemory()));
  }

  function lookBy(atMs: number): void {
    const nowMs = clock.nowMs();
    // The clock may be set; a look too many costs little.
    const wantedMs = Math.min(Math.max(atMs, nowMs), nowMs + POLL_MS);
    if (isStopping || wantedMs >= lookAtMs) return;
    lookAtMs = wantedMs;
    cancelLook();
    cancelLook = clock.after(wantedMs - nowMs, lookNow);
  }

  function lookNow(): void {
    if (looking) {
      isAgain = true;
      return;
    }
    isAgain = false;
    cancelLook();
    lookAtMs = Number.POSITIVE_INFINITY;
    looking = look().finally(() => {
      looking = undefined;
      if (isAgain && !isStopping) lookNow();
    });
  }

  return {
    start: lookNow,
    learn(incidentId) {
      toLearn.add(incidentId);
      lookNow();
    },
    expect(dueMs) {
      if (dueMs <= clock.nowMs()) lookNow();
      else lookBy(dueMs);
    },
    async drained() {
      // One look may call for the next.
      for (let look = looking; look; look = looking) await look;
    },
    async stop() {
      isStopping = true;
      cancelLook();
      await looking;
    },
  };
}

import type { AlertOccasion } from '../../src/alerts/alert-occasion.ts';
import { createIncidents, type Incidents, type IncidentsDeps } from '../../src/alerts/incidents/incidents.ts';
import type { ToldRecipient } from '../../src/alerts/told-recipient.ts';
import { createAudit } from '../../src/audit/audit.ts';
import type { AlertLanguage } from '../../src/domain/alert-trigger.ts';
import type { CallRecord } from '../../src/domain/call-record.ts';
import type { Database } from '../../src/storage/database.ts';
import type { Clock } from '../../src/support/clock.ts';
import { createManualClock } from '../../src/support/manual-clock.ts';
import { createMetrics, type Metrics } from '../../src/support/metrics.ts';
import { silentLogger } from './alerts-fixture.ts';
import { exampleCallRecord } from './call-record-fixture.ts';

/** Somebody who is told by mail, so many seconds after the occasion. */
export function toldRecipient(name: string, afterSeconds = 0, changes: Partial<ToldRecipient> = {}): ToldRecipient {
  return {
    endpoint: { channel: 'email', address: `${name}@example.com` },
    label: `${name}@example.com`,
    recipientId: null,
    language: 'en',
    timeZone: null,
    afterSeconds,
    trigger: 'call-placed',
    severity: 'emergency',
    reasons: ['a rule'],
    ...changes,
  };
}

/** The start of a 911 call at that moment. */
export function callOccasion(
  organizationId: string,
  startedMs: number,
  changes: Partial<CallRecord> = {},
): AlertOccasion & { call: CallRecord } {
  const startedAt = new Date(startedMs).toISOString();
  const call = exampleCallRecord({ organizationId, startedAt, ...changes });
  return {
    subjectId: call.id,
    moment: 'call-started',
    triggers: ['call-placed'],
    organizationId,
    place: { locationId: call.location?.locationId ?? null, responseLocationId: call.location?.erlId ?? null },
    at: startedAt,
    call,
    news: null,
  };
}

/** One message that was told: of what, to whom, and when. */
export type Told = { incidentId: string; moment: string; label: string; atMs: number; path: 'stored' | 'memory' };

export type IncidentsFixture = {
  incidents: Incidents;
  clock: Clock;
  metrics: Metrics;
  told: Told[];
  events: Parameters<IncidentsDeps['publish']>[0][];
  /** Who is told of anything; to be changed at will. */
  rules: { told: readonly ToldRecipient[]; hasRoom: boolean; language: AlertLanguage };
  /** Calls as the room of calls has them. */
  calls: Map<string, CallRecord>;
  /** As the caller's transaction of a call does it. */
  open(occasion: AlertOccasion): Promise<void>;
  /** Moves time, its last seconds bit by bit, and waits until what fell due is done. */
  advance(byMs: number): Promise<void>;
  /** From now on the database does not answer, or does again. */
  setAway(isAway: boolean): void;
};

/** Long enough for every look that is due anyway. */
const POLLED_MS = 2_500;
const HOP_MS = 500;

/** The room with a clock that is moved by hand, and neighbours held in memory. */
export function createTestIncidents(
  database: Database,
  told: readonly ToldRecipient[],
  overrides: Partial<Omit<IncidentsDeps, 'clock'>> = {},
  startMs?: number,
): IncidentsFixture {
  const manual = createManualClock(startMs);
  let setByMs = 0;
  const clock: Clock = { ...manual, nowMs: () => manual.nowMs() + setByMs };
  const metrics = createMetrics({ processMetrics: false });
  const rules: IncidentsFixture['rules'] = { told, hasRoom: true, language: 'en' };
  const list: Told[] = [];
  const events: IncidentsFixture['events'] = [];
  const calls = new Map<string, CallRecord>();
  let isAway = false;
  const note = (
    path: Told['path'],
    tellings: readonly { incidentId: string; occasion: AlertOccasion; told: readonly ToldRecipient[] }[],
  ) => {
    for (const { incidentId, occasion, told: recipients } of tellings) {
      for (const { label } of recipients) {
        list.push({ incidentId, moment: occasion.moment, label, atMs: clock.nowMs(), path });
      }
    }
  };
  /** The database, or nothing that answers. */
  const db = new Proxy(database.db, {
    get(target, name) {
      if (isAway) throw new Error('the database is away');
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const incidents = createIncidents({
    database: { ...database, db },
    audit: createAudit({ database, clock }),
    logger: silentLogger,
    metrics,
    snapshotFolder: undefined,
    actLogPath: undefined,
    publicUrl: 'http://127.0.0.1:8911',
    keptDays: 730,
    whoIsTold: () => rules.told,
    hasRoomWithoutDatabase: () => rules.hasRoom,
    findCalls: (_db, ids) => Promise.resolve(new Map([...calls].filter(([id]) => ids.includes(id)))),
    tell: (_tx, tellings) => Promise.resolve(() => note('stored', tellings)),
    tellWithoutDatabase: (telling) => note('memory', [telling]),
    listReceipts: () => Promise.resolve([]),
    toldOfDrill: () => Promise.resolve([]),
    tellsAcknowledgements: () => false,
    languageOf: () => rules.language,
    placeNameOf: () => null,
    publish: (event) => events.push(event),
    clock,
    ...overrides,
  });
  return {
    incidents,
    clock,
    metrics,
    told: list,
    events,
    rules,
    calls,
    async open(occasion) {
      if (occasion.call) calls.set(occasion.call.id, occasion.call);
      const afterCommit = await database.db
        .transaction()
        .execute((tx) => incidents.openIncidents(tx, [{ occasion, told: rules.told }]));
      afterCommit();
      await incidents.drained();
    },
    async advance(byMs) {
      // Moved in one go, it would pass the time that the database has to answer.
      const hopsMs = Math.min(byMs, POLLED_MS);
      setByMs += byMs - hopsMs;
      for (let leftMs = hopsMs; leftMs > 0; leftMs -= HOP_MS) {
        manual.advance(Math.min(leftMs, HOP_MS));
        await incidents.drained();
      }
    },
    setAway(away) {
      isAway = away;
    },
  };
}

import type { Actor, Audit } from '../../audit/audit.ts';
import type { CallRecord } from '../../domain/call-record.ts';
import type { Database, Queryable, Transaction } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import { applyAct } from './apply-act.ts';
import type { Telling } from './escalation-worker.ts';
import type { Incident, IncidentAct, IncidentAction, KeptOccasion } from './incident.ts';
import { entryOf, insertEntries } from './incident-entry-records.ts';
import { namedId } from './incident-id.ts';
import type { IncidentMetrics } from './incident-metrics.ts';
import { lockIncident, updateStanding } from './incident-records.ts';
import { pauseSteps, selectToldUpTo } from './incident-step-records.ts';
import type { KnownIncidents } from './known-incidents.ts';
import { endpointTagOf } from './seal-link.ts';
import { isDrill } from './summarize-occasion.ts';

/** What became of an act: the incident as it is now, and whether the act changed it. */
export type ActOutcome = { incident: Incident; isChanged: boolean };

export type ActDeps = {
  database: Pick<Database, 'db'>;
  audit: Audit;
  clock: Clock;
  known: KnownIncidents;
  metrics: IncidentMetrics;
  whoIsTold(occasion: AlertOccasion): readonly ToldRecipient[];
  findCalls(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, CallRecord>>;
  tell(tx: Transaction, tellings: readonly Telling[]): Promise<() => void>;
  /** Whether those who were told of an incident are told who acknowledged it. */
  tellsAcknowledgements(organizationId: string): boolean;
  /** Whom a drill told, at once or later. */
  toldOfDrill(db: Queryable, drill: AlertOccasion): Promise<readonly ToldRecipient[]>;
  /** The state of an incident changed. Must not throw. */
  onChanged(incident: Incident, act: IncidentAct): void;
};

const AUDIT_ACTIONS: Readonly<Record<IncidentAction, string>> = {
  acknowledge: 'incident.acknowledged',
  resolve: 'incident.resolved',
  reopen: 'incident.reopened',
  note: 'incident.noted',
};

/** News of an acknowledgement that was stored long after it happened is none. */
const NEWS_FOR_MS = 15 * 60_000;

/**
 * Stores what somebody did about an incident, once, with its audit entry and what follows of it: later steps wait no more, or
 * again, and those who were told learn who took it on. `mayTouch` says whether it is theirs. Undefined: there is no such incident.
 */
export async function actOnIncident(
  deps: ActDeps,
  act: IncidentAct,
  actor: Omit<Actor, 'organizationId'>,
  mayTouch: (incident: Incident) => boolean = () => true,
): Promise<ActOutcome | undefined> {
  let outcome: ActOutcome | undefined;
  let afterCommit = (): void => undefined;
  await deps.database.db.transaction().execute(async (tx) => {
    const locked = await lockIncident(tx, act.incidentId);
    if (!locked || !mayTouch(locked.incident)) return;
    const before = locked.incident;
    // The same link works once more after the incident was opened again.
    const entry = { ...entryOf(act), id: namedId('act', act.id, before.reopenedAt ?? '') };
    const standing = applyAct(before, act);
    outcome = { incident: { ...before, ...standing }, isChanged: standing !== null };
    const isWorthKeeping = standing !== null || act.note !== null || act.via === 'link';
    if (!isWorthKeeping || !(await insertEntries(tx, [entry])).has(entry.id)) return;
    if (standing) {
      await updateStanding(tx, before.id, standing, new Date(deps.clock.nowMs()));
      await pauseSteps(tx, before.id, standing.state !== 'open');
    }
    await deps.audit.record(
      tx,
      { ...actor, organizationId: before.organizationId },
      {
        action: AUDIT_ACTIONS[act.action],
        subject: `incident ${before.id}`,
        before: { state: before.state },
        after: { state: outcome.incident.state },
        detail: { by: act.by, via: act.via, at: act.at, ...(act.note !== null && { note: act.note }) },
      },
    );
    if (standing && act.action === 'acknowledge')
      afterCommit = await tellOthers(deps, tx, outcome.incident, locked.occasion, act);
  });
  afterCommit();
  if (outcome?.isChanged) follow(deps, outcome.incident, act);
  return outcome;
}

function follow(deps: ActDeps, incident: Incident, act: IncidentAct): void {
  const { metrics } = deps;
  deps.known.apply(act);
  if (act.action === 'acknowledge') {
    metrics.acknowledged(act.via, (Date.parse(act.at) - Date.parse(incident.openedAt)) / 1_000);
  }
  if (act.action === 'resolve') metrics.resolved(act.via);
  deps.onChanged(incident, act);
}

/** A short message to everybody who was told of it until now, but not to who acknowledged. */
async function tellOthers(
  deps: ActDeps,
  tx: Transaction,
  incident: Incident,
  kept: KeptOccasion,
  act: IncidentAct,
): Promise<() => void> {
  const isNews = deps.clock.nowMs() - Date.parse(act.at) <= NEWS_FOR_MS;
  if (!isNews || !deps.tellsAcknowledgements(incident.organizationId)) return () => undefined;
  const calls = incident.callId === null ? undefined : await deps.findCalls(tx, [incident.callId]);
  const call = calls?.get(incident.id) ?? null;
  const toldUpTo = await selectToldUpTo(tx, incident.id);
  const opened: AlertOccasion = { ...kept, call };
  // Whom a drill told was chosen with it: no rule says.
  const everybody = isDrill(kept) ? await deps.toldOfDrill(tx, opened) : deps.whoIsTold(opened);
  const told = everybody.filter(
    ({ afterSeconds, endpoint }) => afterSeconds <= toldUpTo && endpointTagOf(endpoint) !== act.endpointTag,
  );
  const occasion: AlertOccasion = {
    ...opened,
    subjectId: namedId('acknowledged', incident.id, act.id),
    moment: 'acknowledged',
    at: act.at,
    news: { sentence: 'acknowledged', values: { by: act.by, about: incident.title, note: act.note ?? '' } },
  };
  return deps.tell(tx, [
    {
      incidentId: incident.id,
      occasion,
      told: told.map((one) => ({ ...one, afterSeconds: 0, severity: 'info' as const })),
    },
  ]);
}

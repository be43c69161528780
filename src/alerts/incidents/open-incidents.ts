import type { Transaction } from '../../storage/database.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type { ActLog } from './act-log.ts';
import { laterSteps } from './escalation.ts';
import { insertIncidents } from './incident-records.ts';
import { type IncidentStep, insertSteps } from './incident-step-records.ts';
import { type KnownIncident, type KnownIncidents, stepSource, stepsFromMs } from './known-incidents.ts';
import { isDrill, isWorthAnIncident, keptOccasion } from './summarize-occasion.ts';

/** Something that happened, and everybody who is told of it, at once or later. */
export type Opening = { occasion: AlertOccasion; told: readonly ToldRecipient[] };

/**
 * Of so many recipients a step remembers what was planned; who is chosen when it fires knows no limit. Whom a drill tells is chosen
 * with it.
 */
const MAX_PLANNED = 500;

/** Of those that are worth it; the others stay a message. */
export function rememberIncidents(known: KnownIncidents, openings: readonly Opening[]): KnownIncident[] {
  return openings
    .filter(({ occasion, told }) => isWorthAnIncident(occasion, told))
    .map(({ occasion, told }) => known.remember(occasion, told));
}

/**
 * Writes incidents and their later steps in the caller's transaction, in two statements however many there are; what is there
 * already stays. Gives the ids of those that are new.
 */
export async function storeIncidents(
  tx: Transaction,
  openings: readonly Opening[],
  deps: { known: KnownIncidents; acts: Pick<ActLog, 'of'> },
): Promise<ReadonlySet<string>> {
  const worthy = openings.filter(({ occasion, told }) => isWorthAnIncident(occasion, told));
  const rows = worthy.map(({ occasion, told }) => ({
    known: deps.known.remember(occasion, told),
    occasion: keptOccasion(occasion),
    told,
  }));
  const added = await insertIncidents(
    tx,
    rows.map(({ known: { incident }, occasion }) => ({ incident, occasion })),
  );
  const steps = rows.flatMap(({ known: { incident, isStored, steps: knownSteps }, occasion, told }) => {
    const source = stepSource(occasion);
    // What somebody did while the database was away is stored in a moment; until then nobody else is told. Of what is stored the
    // database knows the state: another node may have opened it again.
    const isTakenOn = (!isStored && incident.state !== 'open') || deps.acts.of(incident.id).length > 0;
    return laterSteps(told).map(({ afterSeconds, told: planned }): IncidentStep => {
      const known = knownSteps.find((step) => step.source === source && step.afterSeconds === afterSeconds);
      return {
        incidentId: incident.id,
        source,
        afterSeconds,
        dueAt: new Date(known?.dueMs ?? stepsFromMs(occasion) + afterSeconds * 1_000).toISOString(),
        firedAt: known?.firedMs ? new Date(known.firedMs).toISOString() : null,
        isPaused: isTakenOn,
        occasion,
        planned: isDrill(occasion) ? planned : planned.slice(0, MAX_PLANNED),
      };
    });
  });
  await insertSteps(tx, steps);
  return added;
}

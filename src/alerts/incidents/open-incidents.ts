import type { Transaction } from '../../storage/database.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type { ActLog } from './act-log.ts';
import { insertIncidents, insertSteps, type NewStep } from './incident-records.ts';
import { type KnownIncident, type KnownIncidents, stepSource } from './known-incidents.ts';
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
    incident: deps.known.remember(occasion, told).incident,
    occasion: keptOccasion(occasion),
  }));
  const added = await insertIncidents(tx, rows);
  const steps = rows.flatMap(({ incident, occasion }) => {
    const source = stepSource(occasion);
    // What somebody did while the database was away is stored in a moment; until then nobody else is told.
    const isTakenOn = incident.state !== 'open' || deps.acts.of(incident.id).length > 0;
    return (deps.known.get(incident.id)?.steps ?? [])
      .filter((step) => step.source === source)
      .map(
        (step): NewStep => ({
          incidentId: incident.id,
          source,
          afterSeconds: step.afterSeconds,
          dueAt: new Date(step.dueMs).toISOString(),
          firedAt: step.firedMs === null ? null : new Date(step.firedMs).toISOString(),
          isPaused: isTakenOn,
          occasion,
          planned: isDrill(occasion) ? step.planned : step.planned.slice(0, MAX_PLANNED),
        }),
      );
  });
  await insertSteps(tx, steps);
  return added;
}

import type { Queryable } from '../../storage/database.ts';
import { runSteps } from '../../support/run-steps.ts';
import { type PsapChoiceRow, selectActiveEntries, selectPsapChoices } from './registry-records.ts';
import { type ActiveEntry, type RegistryStanding, standingSteps } from './registry-standing.ts';

/** Every PSAP of the registries that takes calls, and every choice, as stored; without holding up who waits for an answer. */
export async function readStandingSources(db: Queryable): Promise<{ active: ActiveEntry[]; choices: PsapChoiceRow[] }> {
  const active: ActiveEntry[] = [];
  for await (const page of selectActiveEntries(db)) active.push(...page);
  const choices: PsapChoiceRow[] = [];
  for await (const page of selectPsapChoices(db)) choices.push(...page);
  return { active, choices };
}

/** What registries and choices say of each boundary, as stored. */
export async function readStandings(db: Queryable): Promise<Map<string, RegistryStanding>> {
  const { active, choices } = await readStandingSources(db);
  return runSteps(standingSteps(active, choices));
}

import { compareText } from '../../support/compare-text.ts';
import type { RegistryNaming } from '../routing-rows.ts';
import type { RegistryEntry } from './registry-entry.ts';
import type { PsapChoiceRow } from './registry-records.ts';

/** A PSAP that may serve a boundary. */
export type RegistryCandidate = Pick<
  RegistryEntry,
  'key' | 'psapId' | 'name' | 'city' | 'county' | 'changeCodes' | 'match' | 'textTo911' | 'contact'
> & { source: string };

/**
 * What registries say of a boundary of the built-in data. They have no service areas: one active PSAP in a county is a likely
 * name, several are a question for the operator, and until it is answered calls from there go to the relay centre.
 */
export type RegistryStanding = {
  sourceId: string;
  /** `chosen`: by the operator, `relay`: the operator wants the relay centre, `gone`: what was chosen takes calls no more. */
  status: 'one' | 'several' | 'chosen' | 'relay' | 'gone';
  /** Every active PSAP whose county text names the boundary, by name. */
  candidates: readonly RegistryCandidate[];
  /** Of `one` and `chosen`. */
  psap: RegistryCandidate | null;
  choice: (Pick<PsapChoiceRow, 'reason' | 'actor'> & { chosenAt: string }) | null;
};

/** A row of a registry as far as a standing needs it. */
export type ActiveEntry = RegistryCandidate & Pick<RegistryEntry, 'sourceIds'>;

/** Entries and choices that are brought together between two pauses. */
const STEP = 100;

/** Brings active entries and choices together, by boundary, in small steps: registries have thousands of both. */
export function* standingSteps(
  entries: readonly ActiveEntry[],
  choices: readonly PsapChoiceRow[],
): Generator<void, Map<string, RegistryStanding>> {
  const candidates = new Map<string, RegistryCandidate[]>();
  for (const [number, { sourceIds, ...candidate }] of entries.entries()) {
    for (const sourceId of sourceIds) {
      const list = candidates.get(sourceId);
      if (list) list.push(candidate);
      else candidates.set(sourceId, [candidate]);
    }
    if (number % STEP === 0) yield;
  }
  const bySourceId = new Map(choices.map((choice) => [choice.sourceId, choice]));
  const standings = new Map<string, RegistryStanding>();
  for (const sourceId of new Set([...candidates.keys(), ...bySourceId.keys()])) {
    const possible = (candidates.get(sourceId) ?? []).sort(byName);
    standings.set(sourceId, standingOf(sourceId, possible, bySourceId.get(sourceId)));
    if (standings.size % STEP === 0) yield;
  }
  return standings;
}

/** The same in every file and on every node. */
function byName(a: RegistryCandidate, b: RegistryCandidate): number {
  return compareText(a.name, b.name) || compareText(a.source, b.source) || compareText(a.key, b.key);
}

function standingOf(
  sourceId: string,
  candidates: readonly RegistryCandidate[],
  chosen: PsapChoiceRow | undefined,
): RegistryStanding {
  const [first] = candidates;
  const choice = chosen
    ? { reason: chosen.reason, actor: chosen.actor, chosenAt: chosen.chosenAt.toISOString() }
    : null;
  if (chosen?.entryKey === null) return { sourceId, status: 'relay', candidates, psap: null, choice };
  if (chosen) {
    const psap = candidates.find(({ key, source }) => key === chosen.entryKey && source === chosen.registrySource);
    return { sourceId, status: psap ? 'chosen' : 'gone', candidates, psap: psap ?? null, choice };
  }
  // A name that may mean another area too is a question even when it is the only one.
  if (first && candidates.length === 1 && first.match !== 'ambiguous') {
    return { sourceId, status: 'one', candidates, psap: first, choice };
  }
  return { sourceId, status: 'several', candidates, psap: null, choice };
}

/** The standings as the routing snapshot keeps them. */
export function namingsOf(standings: ReadonlyMap<string, RegistryStanding>): RegistryNaming[] {
  return [...standings.values()].map(({ candidates, psap, sourceId, status }) => ({
    sourceId,
    psap: psap && { psapId: psap.psapId, name: psap.name },
    unnamed: status === 'one' || status === 'chosen' ? null : status,
    possible: candidates.length,
  }));
}

/** Every boundary whose mapping says something else by `after` than by `before`, in small steps. */
export function* renamedSteps(
  before: ReadonlyMap<string, RegistryStanding>,
  after: ReadonlyMap<string, RegistryStanding>,
): Generator<void, string[]> {
  const namesOf = (standings: ReadonlyMap<string, RegistryStanding>): Map<string, string> =>
    new Map(namingsOf(standings).map(({ sourceId, ...naming }) => [sourceId, JSON.stringify(naming)]));
  const was = namesOf(before);
  yield;
  const is = namesOf(after);
  yield;
  return [...new Set([...was.keys(), ...is.keys()])].filter((sourceId) => was.get(sourceId) !== is.get(sourceId));
}

/** Whether calls from there go to the relay centre until somebody decides otherwise. */
export function leadsToRelay({ status }: Pick<RegistryStanding, 'status'>): boolean {
  return status !== 'one' && status !== 'chosen';
}

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

/** Brings entries and choices together, by boundary. */
export function standingsOf(
  entries: readonly (RegistryEntry & { source: string })[],
  choices: readonly PsapChoiceRow[],
): Map<string, RegistryStanding> {
  const candidates = new Map<string, RegistryCandidate[]>();
  for (const entry of entries) {
    if (!entry.isActive) continue;
    const { changeCodes, city, contact, county, key, match, name, psapId, source, textTo911 } = entry;
    const candidate = { key, psapId, name, city, county, changeCodes, match, textTo911, contact, source };
    for (const sourceId of entry.sourceIds) {
      const list = candidates.get(sourceId);
      if (list) list.push(candidate);
      else candidates.set(sourceId, [candidate]);
    }
  }
  const bySourceId = new Map(choices.map((choice) => [choice.sourceId, choice]));
  const sourceIds = new Set([...candidates.keys(), ...bySourceId.keys()]);
  return new Map(
    [...sourceIds]
      .sort()
      .map((sourceId) => [sourceId, standingOf(sourceId, candidates.get(sourceId) ?? [], bySourceId.get(sourceId))]),
  );
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
  return [...standings.values()].map(({ candidates, psap, sourceId }) => ({
    sourceId,
    psap: psap && { psapId: psap.psapId, name: psap.name },
    possible: candidates.length,
  }));
}

/** Whether calls from there go to the relay centre until somebody decides otherwise. */
export function leadsToRelay({ status }: Pick<RegistryStanding, 'status'>): boolean {
  return status !== 'one' && status !== 'chosen';
}

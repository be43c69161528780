import { api } from '../../api/client.ts';
import type { paths } from '../../api/schema.generated.ts';
import { useQuery } from '../../api/use-query.ts';
import { texts } from '../../texts/texts.ts';
import type { LocationItem } from '../places/place-types.ts';

export type Compliance = paths['/api/compliance']['get']['responses']['200']['content']['application/json'];
export type Stage = keyof typeof texts.home.stages;

/** Steps in their order, each with the stage that it confirms. */
export const STEPS = [
  { id: 'account', stage: null },
  { id: 'locations', stage: 'LOCATION_SETUP' },
  { id: 'alerts', stage: 'ALERTS' },
  { id: 'network', stage: 'NETWORK_ELEMENTS' },
  { id: 'test', stage: null },
  { id: 'routing', stage: 'ROUTING_ENABLED' },
] as const satisfies readonly { id: keyof typeof texts.onboarding.steps; stage: Stage | null }[];

export type StepId = (typeof STEPS)[number]['id'];

const LOOK_AGAIN_MS = 5_000;
export const SHOWN = 100;

export type Progress = { compliance: Compliance; locations: readonly LocationItem[] };

/** How far the organization has come, as the platform knows it: whoever comes back goes on there. */
export function useProgress() {
  return useQuery({
    queryKey: ['compliance', 'onboarding'],
    refetchInterval: LOOK_AGAIN_MS,
    async queryFn(): Promise<Progress | null> {
      const [compliance, locations] = await Promise.all([
        api.GET('/api/compliance'),
        api.GET('/api/locations', { params: { query: { max: SHOWN } } }),
      ]);
      return compliance.data === undefined
        ? null
        : { compliance: compliance.data, locations: locations.data?.items ?? [] };
    },
  });
}

/** The step to go on with. */
export function currentStep({ organization }: Compliance): StepId {
  if (!organization.accountExists) return 'account';
  // The test call comes before what it tests is switched on.
  if (organization.next === 'ROUTING_ENABLED') return 'test';
  return STEPS.find(({ stage }) => stage === organization.next)?.id ?? 'routing';
}

/** What a step lacks before it can be confirmed; null: nothing. */
export function lackOf(step: StepId, { compliance, locations }: Progress): string | null {
  if (step === 'account') return compliance.organization.accountExists ? null : texts.onboarding.account.needed;
  if (step !== 'locations') return null;
  if (locations.length === 0) return texts.onboarding.locations.needed;
  const inService = locations.filter(({ standing }) => !standing.exempt);
  const bare = inService.find(({ building }) => building === null);
  if (bare) return texts.onboarding.locations.neededBuilding(bare.name);
  const lost = inService.find(({ addressCheck }) => addressCheck?.isDispatchable === false);
  return lost ? texts.onboarding.locations.neededAddress(lost.name) : null;
}

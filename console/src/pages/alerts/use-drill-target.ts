import { api } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { texts } from '../../texts/texts.ts';
import type { Drill, Rule } from './alert-types.ts';
import { useGroups, useRecipients } from './use-names.ts';

const MAX = 1_000;

/** The first thousand rules of the organization's own. */
export function useRules() {
  return useQuery({
    queryKey: ['alert-rules', 'first'],
    staleTime: 30_000,
    queryFn: async (): Promise<readonly Rule[]> =>
      (await api.GET('/api/alert-rules', { params: { query: { max: MAX, source: 'own' } } })).data?.items ?? [],
  });
}

/** Whom a drill was for, in words. */
export function useDrillTarget(): (target: Drill['target']) => string {
  const named = [...(useRules().data ?? []), ...(useGroups().data ?? []), ...(useRecipients().data ?? [])];
  const names = new Map(named.map(({ id, name }) => [id, name]));
  return (target) =>
    target.kind === 'trigger'
      ? texts.drills.targets.trigger(texts.alerts.triggers[target.trigger])
      : texts.drills.targets[target.kind](names.get(target.id) ?? target.id);
}

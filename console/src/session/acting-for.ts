import { actFor } from '../api/client.ts';

/** Of this tab alone: another tab may act for another organization. */
const KEY = 'waymark.organization';

/** Goes on for whom this tab acted before it was loaded anew; before anything is asked. */
export function resumeActing(): void {
  actFor(sessionStorage.getItem(KEY));
}

/** From now on everything in this tab is asked for that organization; null: one's own. */
export function keepActing(organizationId: string | null): void {
  if (organizationId === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, organizationId);
  actFor(organizationId);
}

export const isActing = (): boolean => sessionStorage.getItem(KEY) !== null;

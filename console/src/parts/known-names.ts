import { useSession } from '../session/session.ts';
import { useLocations } from './use-locations.ts';

const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;

/** Puts names where a text of the platform names locations and the organization by ids; `more` knows others. What is not known stays an id. */
export function useKnownNames(more: Readonly<Record<string, string | undefined>> = {}): (text: string) => string {
  const { organization } = useSession();
  const locations = useLocations();
  const names: Record<string, string | undefined> = { ...locations, [organization.id]: organization.name, ...more };
  return (text) => text.replace(UUID, (id) => names[id] ?? id);
}

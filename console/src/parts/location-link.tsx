import { useMay } from '../session/session.ts';
import { texts } from '../texts/texts.ts';
import { PageLink } from './links.tsx';

/** The name of a location, with the way to its page for whoever may see it. */
export function LocationLink({ id, name }: { id: string; name: string | null | undefined }) {
  const mayOpen = useMay()('GET /api/locations');
  if (name === null || name === undefined) return texts.unknown;
  return mayOpen ? <PageLink to={`/places/${id}`}>{name}</PageLink> : name;
}

/** The versions (ETag) that open forms began with, by the address that is changed. */
const held = new Map<string, string>();

/** Whatever is changed at that address from now on is refused where somebody else was before. Gives the end of it. */
export function holdVersion(address: string, version: string): () => void {
  held.set(address, version);
  return () => held.delete(address);
}

const CHANGES: ReadonlySet<string> = new Set(['PUT', 'PATCH', 'DELETE']);

/** What a request says it has read; null: nothing, it is no change of what a form holds. */
export const heldVersion = (method: string, address: string): string | null =>
  CHANGES.has(method) ? (held.get(address) ?? null) : null;

/** A form that stays open after it was saved goes on from there. */
export function noteVersion(method: string, address: string, version: string | null): void {
  if (version !== null && heldVersion(method, address) !== null) held.set(address, version);
}

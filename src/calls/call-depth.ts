/**
 * How deep a call goes round. Where a B2BUA makes a new call of ours and sends it back, no Via tells that it passed here; its
 * identifier (NENA i3 emergency-CallId), or the number that is called back, does, while the passage before is still being set up.
 */
export type CallDepth = {
  /** A passage begins; answers how many of this call are under way, this one included. `key`: what all of them have. */
  enter(key: string): number;
  leave(key: string): void;
};

export function createCallDepth(): CallDepth {
  // Bounded by the calls that are being set up.
  const depths = new Map<string, number>();
  return {
    enter(key) {
      const depth = (depths.get(key) ?? 0) + 1;
      depths.set(key, depth);
      return depth;
    },
    leave(key) {
      const depth = (depths.get(key) ?? 0) - 1;
      if (depth > 0) depths.set(key, depth);
      else depths.delete(key);
    },
  };
}

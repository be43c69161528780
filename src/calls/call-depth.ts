/**
 * How deep a call goes round. Where a B2BUA makes a new call of ours and sends it back, no Via tells that it passed here; its
 * identifier (NENA i3 emergency-CallId) does, while the passage before is still being set up.
 */
export type CallDepth = {
  /** A passage begins; answers how many of this call are under way, this one included. */
  enter(emergencyCallId: string): number;
  leave(emergencyCallId: string): void;
};

export function createCallDepth(): CallDepth {
  // Bounded by the calls that are being set up.
  const depths = new Map<string, number>();
  return {
    enter(emergencyCallId) {
      const depth = (depths.get(emergencyCallId) ?? 0) + 1;
      depths.set(emergencyCallId, depth);
      return depth;
    },
    leave(emergencyCallId) {
      const depth = (depths.get(emergencyCallId) ?? 0) - 1;
      if (depth > 0) depths.set(emergencyCallId, depth);
      else depths.delete(emergencyCallId);
    },
  };
}

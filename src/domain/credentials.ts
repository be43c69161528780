/** States and limits of what people and phones identify themselves with, for the room that keeps them and the doors that show them. */

/** A token works, has ended by itself, or was ended. */
export const TOKEN_STATES = ['active', 'expired', 'revoked'] as const;

export type TokenState = (typeof TOKEN_STATES)[number];

/** How long a replaced token works beside the new one when nothing is said, and at most. */
export const DEFAULT_OVERLAP_SECONDS = 86_400;
export const MAX_OVERLAP_SECONDS = 30 * 86_400;

/** How long a replaced secret of an E911 account can stay good. */
export const MAX_GRACE_SECONDS = 30 * 86_400;

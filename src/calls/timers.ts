/** Every deadline on the way of a call, in one table so that tests can make them small. */
export type CallTimers = {
  /** Longest wait for somebody else's LIS before the decision. */
  dereferenceMs: number;
  /** Longest wait for a name of a destination to resolve. */
  resolveMs: number;
  /** Longest wait for the journal before the call goes on (decision 16). */
  journalMs: number;
  /** A destination that said nothing but 100 for so long is passed over. */
  tryingMs: number;
  /** A destination may ring for so long (timer C, RFC 3261 §16.6 step 11: more than three minutes). */
  ringingMs: number;
  /** After a CANCEL the caller gets its 487 after so long even if the destination says nothing. */
  cancelMs: number;
  /** How long a PSAP may call back: 30 minutes from the end of an emergency call (RFC 6881 SP-35, SP-40), counted from its start. */
  callbackWindowMs: number;
  /** A record that is not in the database after so long is alerted without it (decision 18). */
  essentialAlertMs: number;
};

export const CALL_TIMERS: CallTimers = {
  dereferenceMs: 1_500,
  resolveMs: 1_500,
  journalMs: 20,
  tryingMs: 12_000,
  ringingMs: 185_000,
  cancelMs: 2_000,
  callbackWindowMs: 60 * 60_000,
  essentialAlertMs: 2_000,
};

/** The base values of RFC 3261 §17.1.1.1, Table 4; all other timers are multiples of these. */
export type TimerTable = {
  /** Estimated round-trip time; timers B, F, H, J, L, M are 64 times this. */
  readonly t1Ms: number;
  /** Longest interval between retransmissions. */
  readonly t2Ms: number;
  /** How long a message may stay in the network. */
  readonly t4Ms: number;
  /** Timer D: how long a final response to an INVITE may be retransmitted to us over UDP. */
  readonly timerDMs: number;
  /** When an INVITE gets a 100 from the layer if its owner has said nothing (RFC 3261 §17.2.1). */
  readonly autoTryingMs: number;
};

export const RFC3261_TIMERS: TimerTable = {
  t1Ms: 500,
  t2Ms: 4_000,
  t4Ms: 5_000,
  timerDMs: 32_000,
  autoTryingMs: 200,
};

/** 64*T1. */
export function transactionTimeoutMs({ t1Ms }: TimerTable): number {
  return 64 * t1Ms;
}

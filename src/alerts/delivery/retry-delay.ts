/** When a message that was not taken is tried again, and for how long. */
export type RetryPolicy = {
  /** Attempts after the first. */
  retries: number;
  firstDelaySeconds: number;
  maxDelaySeconds: number;
  /** After so long no attempt is begun. */
  giveUpAfterSeconds: number;
};

/** About two hours of attempts: seconds apart at first, five minutes apart at the end. */
export const RETRY_POLICY: RetryPolicy = {
  retries: 40,
  firstDelaySeconds: 2,
  maxDelaySeconds: 300,
  giveUpAfterSeconds: 2 * 60 * 60,
};

/** What a server that asks for patience gets at most. */
const MAX_RETRY_AFTER_SECONDS = 3_600;

/**
 * The pause after the attempt `attempts` (1: the first): twice as long each time, the later half of it by chance, so that many
 * messages do not come back at the same moment. `random` gives 0 to 1.
 */
export function retryDelayMs(
  policy: RetryPolicy,
  attempts: number,
  retryAfterSeconds: number | undefined,
  random: () => number,
): number {
  const full = Math.min(policy.maxDelaySeconds, policy.firstDelaySeconds * 2 ** Math.min(30, attempts - 1)) * 1_000;
  const delayMs = full / 2 + (full / 2) * random();
  const wantedMs = Math.min(retryAfterSeconds ?? 0, MAX_RETRY_AFTER_SECONDS) * 1_000;
  return Math.max(delayMs, wantedMs);
}

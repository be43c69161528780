import { type CallPlan, type CallReport, placeCall as place } from '../calls/test-caller/place-call.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { createRtpPorts } from '../transport/rtp-ports.ts';
import { createSipTransport } from '../transport/sip-transport.ts';

export type { CallReport } from '../calls/test-caller/place-call.ts';

/** Places one call over UDP from this process, like a phone would, records what is heard, and hangs up. */
export function placeCall(plan: CallPlan, deps: { clock: Clock; logger: Logger }): Promise<CallReport> {
  return place(plan, { ...deps, openSip: createSipTransport, openMedia: createRtpPorts });
}

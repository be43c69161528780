import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import type { SipFlow } from '../transport/sip-flow.ts';
import type { SipMessage } from '../wire/sip/message.ts';
import type { CallLookups } from './call-lookups.ts';
import { readEmergencyCall } from './read-emergency-call.ts';
import { readServiceNumber } from './service-number.ts';
import { identifyCaller } from './steps/identify-caller.ts';

/** What becomes of an emergency call of which nobody knows whose it is (decision 62). */
export type UnknownCallers = 'relay' | 'drop';

/**
 * Tells, before anything is answered, whether a message is taken. With `drop`, a call to an emergency number is not when neither a
 * trunk, nor a location URI of ours, nor a number that we know says whose it is; everything else is, and so is a call that cannot be judged.
 */
export function createCallerAdmission(deps: {
  lookups: CallLookups;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}): (message: SipMessage, flow: SipFlow) => boolean {
  const { lookups, clock, logger } = deps;
  const countDropped = deps.metrics.tally(
    'waymark_unknown_callers_dropped_total',
    'INVITEs to emergency numbers that were dropped because nothing told whose they are',
    [],
  )();

  return (message, flow) => {
    if (message.kind !== 'request' || message.method !== 'INVITE') return true;
    const service = readServiceNumber(message.uri);
    if (!service) return true;
    try {
      const peer = { address: flow.remoteAddress, port: flow.remotePort, names: flow.peerNames };
      const match = lookups.trunkOf(peer);
      if (match.kind !== 'none') return true;
      const call = readEmergencyCall(message, service, peer, (uri) => lookups.isOwnReference(uri));
      if (identifyCaller({ call, lookups, now: clock }).value.organizationId !== null) return true;
    } catch (error) {
      logger.error({ err: errorText(error) }, 'calls: a caller could not be judged; its call is taken');
      return true;
    }
    countDropped();
    return false;
  };
}

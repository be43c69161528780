import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import type { SipFlow } from '../transport/sip-flow.ts';
import { headerValue, type SipMessage } from '../wire/sip/message.ts';
import type { CallLookups } from './call-lookups.ts';
import { isInDialog, readEmergencyCall } from './read-emergency-call.ts';
import { readServiceNumber } from './service-number.ts';
import { identifyCaller } from './steps/identify-caller.ts';
import { peerOf } from './trunk.ts';

/** What becomes of an emergency call of which nobody knows whose it is (decision 62). */
export type UnknownCallers = 'relay' | 'drop';

/**
 * Tells, before anything is answered, whether a message is taken. With `drop`, a call to an emergency number is not when neither a
 * trunk, nor a location URI of ours, nor a number that we know says whose it is; everything else is: a part of a call that stands
 * already, a call with a location URI of ours that is over, and one that cannot be judged.
 */
export function createCallerAdmission(deps: {
  lookups: CallLookups;
  /** Whether trunks are known; until they are, nobody can be judged. */
  areTrunksKnown: () => boolean;
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

  function isOurs(uri: string): boolean {
    const resolved = lookups.resolveReference(uri, clock.nowMs());
    return resolved.found || resolved.reason !== 'unknown';
  }

  return (message, flow) => {
    if (message.kind !== 'request' || message.method !== 'INVITE') return true;
    const service = readServiceNumber(message.uri);
    if (!service || !deps.areTrunksKnown()) return true;
    // A re-INVITE carries no location any more. Without our Route it is none of a call for help, but a broken phone's new call.
    if (isInDialog(message) && (service.kind === '933' || headerValue(message, 'Route') !== undefined)) return true;
    try {
      const peer = peerOf(flow);
      const match = lookups.trunkOf(peer);
      if (match.kind !== 'none') return true;
      const call = readEmergencyCall(message, service, peer, (uri) => lookups.isOwnReference(uri));
      if (identifyCaller({ call, lookups, now: clock }).value.organizationId !== null) return true;
      // One that is over was issued by us all the same: a phone that kept it too long calls for help.
      const isIssued = call.conveyed.some(({ form, uri }) => form === 'own' && uri !== null && isOurs(uri));
      if (isIssued) return true;
    } catch (error) {
      logger.error({ err: errorText(error) }, 'calls: a caller could not be judged; its call is taken');
      return true;
    }
    countDropped();
    return false;
  };
}

import type { SipFlow, SipRanking, SipReceiver, SipTarget, SipTransport } from '../../transport/sip-flow.ts';
import type { SipMessage } from '../../wire/sip/message.ts';
import type { CallLadders } from './call-ladders.ts';

/** The transport, with every message that passes noted for the ladder of its call. */
export function tapTransport(
  transport: SipTransport,
  ladders: Pick<CallLadders, 'noteIncoming' | 'noteOutgoing'>,
): SipTransport {
  function post(message: SipMessage, target: SipTarget | SipFlow, onFailure: (error: Error) => void): void {
    const held = ladders.noteOutgoing(message, target);
    if (!held) return transport.post(message, target, onFailure);
    transport.post(message, target, (error) => {
      held.failure = error.message;
      onFailure(error);
    });
  }

  // Everything else is the transport's own.
  return Object.assign(Object.create(transport) as SipTransport, {
    listen: (receive: SipReceiver, rankOf?: SipRanking) =>
      transport.listen((message, flow) => {
        ladders.noteIncoming(message, flow);
        receive(message, flow);
      }, rankOf),
    post,
    async send(message: SipMessage, target: SipTarget | SipFlow) {
      const held = ladders.noteOutgoing(message, target);
      try {
        await transport.send(message, target);
      } catch (error) {
        if (held) held.failure = error instanceof Error ? error.message : String(error);
        throw error;
      }
    },
  });
}

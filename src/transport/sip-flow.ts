import type { SipMessage } from '../wire/sip/message.ts';

export type SipProtocol = 'udp' | 'tcp' | 'tls';

/** The path on which a message came: who sent it, and to which of our addresses. Answers go back on it. */
export type SipFlow = {
  readonly protocol: SipProtocol;
  /** IP address without brackets. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** The names in the verified certificate of a TLS peer, in lower case (RFC 5922 §7.1); absent where there is none. */
  readonly peerNames?: readonly string[];
};

/** Where a message shall go: an IP address (not a name), without brackets. */
export type SipTarget = {
  readonly protocol: SipProtocol;
  readonly address: string;
  readonly port: number;
  /** TLS: the name of which the peer's certificate must speak (RFC 5922 §7.2); the address when absent. */
  readonly serverName?: string;
  /** UDP, where nobody asked for it: a large request goes by TCP if that can be had (RFC 3261 §18.1.1). */
  readonly orTcp?: true;
  /** TCP that only the size of a request asked for: where it fails, UDP is left (RFC 3261 §18.1.1). */
  readonly orUdp?: true;
};

/** One address on which the transport listens. */
export type SipListenAddress = { readonly protocol: SipProtocol; readonly host: string; readonly port: number };

/**
 * What a message is, as far as its first look tells, for when more come than can be taken, first things first: a call for help;
 * what calls under way need (responses, ACK, BYE); other requests in dialogs; calls to numbers; everything else.
 */
export type SipRank = 'emergency' | 'of-calls' | 'in-dialog' | 'call' | 'other';

/** Tells the rank of a message by its bytes; it must not throw. */
export type SipRanking = (bytes: Buffer) => SipRank;

/** What the transport does with every message it could read. It must not throw. */
export type SipReceiver = (message: SipMessage, flow: SipFlow) => void;

/** What the transaction layer and the proxy need of a transport; made by `createSipTransport`. */
export type SipTransport = {
  /**
   * Binds every host on UDP and TCP, and TLS where it is set up, and starts to deliver. Rejects when an address cannot be bound.
   * `rankOf`: what goes first when more datagrams come than can be taken; without it all are alike, their senders in turns.
   */
  listen(receive: SipReceiver, rankOf?: SipRanking): Promise<void>;
  /** What is bound; empty before `listen`. */
  readonly addresses: readonly SipListenAddress[];
  /** Whether more datagrams come than can be taken, so that they stand in line. */
  readonly isBehind: boolean;
  /**
   * `host:port` by which a peer at `target` reaches us: the sent-by of Via, the host of Record-Route.
   * IPv6 hosts stand in brackets.
   */
  sentBy(target: SipTarget | SipFlow): string;
  /**
   * Sends a message, as a datagram at the end of this turn of the event loop. A request goes to the target; a response given with the flow of its
   * request goes where RFC 3261 §18.2.2 and RFC 3581 §4 say. `onFailure` gets a ProblemError: `upstream-failed` or
   * `upstream-timeout` when the transport fails, also when a connection ends after a request on which it said nothing more;
   * `too-large` when the message does not fit into a datagram.
   */
  post(message: SipMessage, target: SipTarget | SipFlow, onFailure: (error: Error) => void): void;
  /** Like `post`, for those who wait until the message is out; rejects where `post` calls `onFailure`. */
  send(message: SipMessage, target: SipTarget | SipFlow): Promise<void>;
  /**
   * Whether a connection to that address stands or can be had in `withinMs`; an attempt that takes longer goes on for the next
   * who asks. After a failure the answer is no for a minute. Answers at once where it can.
   */
  canConnect(target: SipTarget, withinMs: number): boolean | Promise<boolean>;
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
};

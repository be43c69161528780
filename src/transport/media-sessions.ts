import type { Clock } from '../support/clock.ts';
import { createRtpPacer } from './rtp-pacer.ts';
import type { RtpPorts } from './rtp-ports.ts';
import { createRtpSession, type MediaReport, type MediaStream, type RtpSessionHandlers } from './rtp-session.ts';

export type { MediaReport, MediaStream } from './rtp-session.ts';

export type MediaHandlers = RtpSessionHandlers & {
  /** The audio of the call is lost for good; nothing else comes after this. */
  failed(reason: string): void;
};

/** The audio of one call at a port of its own; see RtpSession for what the verbs do. */
export type MediaSession = {
  /** The IP address and port at which the phone reaches it. */
  readonly address: string;
  readonly port: number;
  follow(stream: MediaStream): void;
  append(pcm: Int16Array): void;
  finish(mark: number): void;
  clear(): void;
  /** Ends it and frees its port; what went over the line. Twice is harmless. */
  close(): Promise<MediaReport>;
};

export type MediaSessions = {
  /**
   * Opens a port towards the IP address that the call's signalling comes from. Throws ProblemError `unavailable` when there is none to be
   * had.
   */
  open(signallingAddress: string | undefined, handlers: MediaHandlers): Promise<MediaSession>;
  inUse(): number;
  close(): Promise<void>;
};

/** What is reported of a session that did nothing. */
export const NO_MEDIA: MediaReport = {
  received: { packets: 0, lost: 0, jitterMs: 0, levelDbov: null },
  foreignPackets: 0,
  keys: '',
  packetsSent: 0,
  audioMs: 0,
  sendErrors: 0,
  lastSendError: null,
};

/** Sessions on the thread that asks for them. */
export function createMediaSessions({ ports, clock }: { ports: RtpPorts; clock: Clock }): MediaSessions {
  const pacer = createRtpPacer(clock);
  return {
    async open(signallingAddress, handlers) {
      const port = await ports.open(signallingAddress);
      const session = createRtpSession({ socket: port.socket, pacer, clock, signallingAddress, handlers });
      return {
        address: port.address,
        port: port.port,
        follow: (stream) => session.follow(stream),
        append: (pcm) => session.append(pcm),
        finish: (mark) => session.finish(mark),
        clear: () => session.clear(),
        async close() {
          session.stop();
          const report = session.report();
          await port.close();
          return report;
        },
      };
    },
    inUse: () => ports.inUse(),
    close: () => ports.close(),
  };
}

import { randomInt } from 'node:crypto';
import { ProblemError } from '../../domain/problem.ts';
import { type Clock, systemClock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { RtpPort, RtpPorts } from '../../transport/rtp-ports.ts';
import type { Playback } from '../../transport/rtp-sender.ts';
import {
  type AgreedAudio,
  answerOffer,
  type LocalMedia,
  makeOffer,
  readAnswer,
} from '../../wire/sdp-rtp/offer-answer.ts';
import type { Announcement } from './compose-announcement.ts';
import { composeFallbackTones } from './fallback-tones.ts';
import type { Speech } from './speech.ts';

/** Answers test calls with a voice. */
export type TestAgent = {
  /**
   * Opens a media port and answers `offer`; without an offer (RFC 3261 §13.2.1) `answerSdp` is an offer of ours, whose answer
   * goes to `start`. Does not wait for speech, which is prepared meanwhile. Never throws.
   *
   * @param peerAddress IP address from which the INVITE came.
   */
  answer(offer: string | undefined, announcement: Announcement, peerAddress?: string): Promise<TestCall | Refusal>;
};

/** `malformed`: the description cannot be read; `not-acceptable`: no audio in common; `busy`: no media port. */
export type Refusal = { refused: string; kind: 'malformed' | 'not-acceptable' | 'busy' };

export type TestCall = {
  answerSdp: string;
  /**
   * Speaks as soon as speech is there. Call it for every ACK, with its body if it has one: that answers the last offer of
   * ours. The first call starts, later ones return the same.
   */
  start(answerInAck?: string): RunningTestCall;
  /** A re-INVITE: moves, holds or resumes the audio. Without an offer in it, `answerSdp` is again an offer of ours. */
  reoffer(offer: string | undefined): { answerSdp: string } | Refusal;
  /** Ends the call and frees its port, started or not. */
  stop(): void;
  report(): TestCallReport;
};

export type RunningTestCall = {
  /** `spoken`: all was said, hang up. `stopped`: `stop` was called, or see the report's reason. Never rejects. */
  finished: Promise<'spoken' | 'stopped'>;
  stop(): void;
};

/** What the caller heard, for the trace. */
export type TestCallReport = {
  announcementText: string;
  /** `tones`: speech failed, a tone sequence was played instead, `reason` says why. `none`: nothing yet. */
  audio: 'speech' | 'tones' | 'none';
  reason: string | null;
  audioMs: number;
  packetsSent: number;
  sendErrors: number;
  packetsReceived: number;
};

const SAMPLES_PER_MS = 8;
/** Phones open their audio a moment after the ACK, and drop what still waits in the jitter buffer at the BYE. */
const LEAD_IN_MS = 400;
const TAIL_MS = 300;
const DEFAULT_MAX_CALL_MS = 180_000;

export function createTestAgent({
  speech,
  ports,
  logger,
  clock = systemClock,
  maxCallMs = DEFAULT_MAX_CALL_MS,
}: {
  speech: Pick<Speech, 'speak'>;
  ports: Pick<RtpPorts, 'open'>;
  logger: Pick<Logger, 'warn'>;
  clock?: Clock;
  /** A call that did not end by then (held, or never acknowledged) is stopped. */
  maxCallMs?: number;
}): TestAgent {
  async function prepareAudio(text: string): Promise<PreparedAudio> {
    try {
      const pcm = await speech.speak(text);
      if (pcm.length > 0) return { pcm, audio: 'speech', reason: null };
      return { pcm: composeFallbackTones(), audio: 'tones', reason: 'speech was empty' };
    } catch (error) {
      logger.warn({ err: error }, 'test call gets tones instead of speech');
      return { pcm: composeFallbackTones(), audio: 'tones', reason: errorText(error) };
    }
  }

  return {
    async answer(offer, announcement, observedPeerAddress) {
      // A dual-stack socket shows IPv4 peers in IPv6 form.
      const peerAddress = observedPeerAddress?.replace(/^::ffff:(?=\d+\.)/i, '');
      let port: RtpPort;
      try {
        port = await ports.open(peerAddress);
      } catch (error) {
        logger.warn({ err: error }, 'test call without media port');
        return { refused: errorText(error), kind: 'busy' };
      }
      const local = { address: port.address, port: port.port, sessionId: String(randomInt(2 ** 47)) };
      const answer = offer === undefined ? { answerSdp: makeOffer(local) } : orRefusal(() => answerOffer(offer, local));
      if ('refused' in answer) {
        await port.close();
        return answer;
      }
      return runTestCall({
        port,
        local,
        answerSdp: answer.answerSdp,
        agreed: 'remote' in answer ? answer : undefined,
        peerAddress,
        announcementText: announcement.announcementText,
        prepared: prepareAudio(announcement.announcementText),
        clock,
        maxCallMs,
      });
    },
  };
}

type PreparedAudio = { pcm: Int16Array; audio: 'speech' | 'tones'; reason: string | null };

function runTestCall({
  port,
  local,
  answerSdp,
  agreed: agreedAtFirst,
  peerAddress,
  announcementText,
  prepared,
  clock,
  maxCallMs,
}: {
  port: RtpPort;
  local: LocalMedia;
  answerSdp: string;
  agreed: AgreedAudio | undefined;
  peerAddress: string | undefined;
  announcementText: string;
  prepared: Promise<PreparedAudio>;
  clock: Clock;
  maxCallMs: number;
}): TestCall {
  let agreed = agreedAtFirst;
  let offeredByUs = agreedAtFirst === undefined;
  let sessionVersion = 1;
  let started = false;
  let ended = false;
  let pcm: Int16Array | undefined;
  let playing: { playback: Playback; audio: AgreedAudio } | undefined;
  const report: TestCallReport = {
    announcementText,
    audio: 'none',
    reason: null,
    audioMs: 0,
    packetsSent: 0,
    sendErrors: 0,
    packetsReceived: 0,
  };
  let resolveFinished: (outcome: 'spoken' | 'stopped') => void = () => {};
  const finished = new Promise<'spoken' | 'stopped'>((resolve) => {
    resolveFinished = resolve;
  });
  const running: RunningTestCall = { finished, stop: () => end('stopped') };
  const cancelLimit = clock.after(maxCallMs, () => {
    report.reason = agreed && !agreed.maySend ? 'the caller took no audio' : 'time limit';
    end('stopped');
  });

  function end(outcome: 'spoken' | 'stopped'): void {
    if (ended) return;
    ended = true;
    cancelLimit();
    playing?.playback.stop();
    void port.close().then(() => resolveFinished(outcome));
  }

  /** Makes the audio do what was agreed last: begin, wait, go on elsewhere, or go on in another format. */
  function follow(): void {
    if (ended || !started || !agreed || !pcm) return;
    if (playing && isSameFormat(playing.audio, agreed)) {
      if (agreed.maySend) playing.playback.resume(agreed.remote);
      else playing.playback.hold();
    } else if (playing) {
      // Its end calls follow again.
      playing.playback.stop();
    } else if (agreed.maySend) {
      play(agreed, pcm);
    }
  }

  function play(audio: AgreedAudio, whole: Int16Array): void {
    const playback = port.playAudio({
      pcm: whole.subarray(report.audioMs * SAMPLES_PER_MS),
      codec: audio.codec,
      payloadType: audio.payloadType,
      ptimeMs: audio.ptimeMs,
      remote: audio.remote,
      acceptFrom: peerAddress === undefined ? [audio.remote.address] : [audio.remote.address, peerAddress],
      clock,
    });
    playing = { playback, audio };
    void playback.done.then(({ outcome, packets, sendErrors, lastSendError }) => {
      playing = undefined;
      report.packetsSent += packets;
      report.audioMs += packets * audio.ptimeMs;
      report.sendErrors += sendErrors;
      if (lastSendError !== null) report.reason = `audio could not be sent: ${lastSendError}`;
      if (outcome === 'spoken') end('spoken');
      else follow();
    });
  }

  void prepared.then((audio) => {
    pcm = withSilence(audio.pcm);
    report.audio = audio.audio;
    report.reason ??= audio.reason;
    follow();
  });

  return {
    answerSdp,
    start(answerInAck) {
      started = true;
      if (offeredByUs) {
        const answer =
          answerInAck === undefined ? refusal('our offer was not answered') : orRefusal(() => readAnswer(answerInAck));
        offeredByUs = false;
        if ('refused' in answer) {
          report.reason = answer.refused;
          if (!agreed) end('stopped');
        } else {
          agreed = answer;
        }
      }
      follow();
      return running;
    },
    reoffer(offer) {
      const next = { ...local, sessionVersion: sessionVersion + 1 };
      const answer = offer === undefined ? { answerSdp: makeOffer(next) } : orRefusal(() => answerOffer(offer, next));
      // RFC 3264 §8: a refused offer leaves the session as it was.
      if ('refused' in answer) return answer;
      sessionVersion = next.sessionVersion;
      offeredByUs = offer === undefined;
      if ('remote' in answer) {
        agreed = answer;
        follow();
      }
      return { answerSdp: answer.answerSdp };
    },
    stop: () => end('stopped'),
    report: () => ({ ...report, packetsReceived: port.received().packets }),
  };
}

function isSameFormat(a: AgreedAudio, b: AgreedAudio): boolean {
  return a.codec === b.codec && a.payloadType === b.payloadType && a.ptimeMs === b.ptimeMs;
}

function withSilence(pcm: Int16Array): Int16Array {
  const padded = new Int16Array((LEAD_IN_MS + TAIL_MS) * SAMPLES_PER_MS + pcm.length);
  padded.set(pcm, LEAD_IN_MS * SAMPLES_PER_MS);
  return padded;
}

function refusal(refused: string): Refusal {
  return { refused, kind: 'not-acceptable' };
}

function orRefusal<Reading extends object>(read: () => Reading | { refused: string }): Reading | Refusal {
  try {
    const reading = read();
    return 'refused' in reading ? refusal(reading.refused) : reading;
  } catch (error) {
    if (error instanceof ProblemError) return { refused: error.message, kind: 'malformed' };
    throw error;
  }
}

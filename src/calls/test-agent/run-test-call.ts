import { randomInt } from 'node:crypto';
import type { TestCallResult } from '../../domain/call-record.ts';
import { ProblemError } from '../../domain/problem.ts';
import { type Clock, systemClock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import { type MediaReport, type MediaSession, type MediaSessions, NO_MEDIA } from '../../transport/media-sessions.ts';
import { readSessionDescription } from '../../wire/sdp/decode-session-description.ts';
import { type AgreedAudio, answerOffer, type LocalMedia, makeOffer, readAnswer } from '../../wire/sdp/offer-answer.ts';
import type { Announcement } from './compose-announcement.ts';
import { composeFallbackTones } from './fallback-tones.ts';
import type { Speech } from './speech.ts';

/** Answers test calls with a voice. */
export type TestAgent = {
  /**
   * Opens a media port and answers `offer`; without an offer (RFC 3261 §13.2.1) `answerSdp` is an offer of ours, whose answer
   * goes to `start`. Does not wait for speech, which is prepared meanwhile. Never throws.
   *
   * @param signallingAddress IP address from which the INVITE came.
   */
  answer(
    offer: string | undefined,
    announcement: Announcement,
    signallingAddress?: string,
  ): Promise<TestCall | Refusal>;
};

/** `malformed`: the description cannot be read; `not-acceptable`: no audio in common; `busy`: too many test calls, or no media port. */
export type Refusal = { refused: string; kind: 'malformed' | 'not-acceptable' | 'busy' };

export type TestCall = {
  answerSdp: string;
  /**
   * Speaks as soon as speech is there. Call it for every ACK, with its body if it has one: that answers the last offer of ours.
   */
  start(answerInAck?: string): void;
  /** A re-INVITE or UPDATE: moves, holds or resumes the audio. Without an offer in it, `answerSdp` is again an offer of ours. */
  reoffer(offer: string | undefined): { answerSdp: string } | Refusal;
  /** Ends the call and frees its port, started or not. */
  stop(): void;
  /** Resolves when the call is over. `spoken`: all was said, hang up. `stopped`: `stop` was called, or see the fault. Never rejects. */
  finished: Promise<{ how: 'spoken' | 'stopped'; heard: HeardInTestCall }>;
};

/** What the audio of the call showed. */
export type HeardInTestCall = Omit<TestCallResult, 'hungUpBy' | 'durationMs'>;

export type TestAgentOptions = {
  speech: Pick<Speech, 'speak'>;
  media: Pick<MediaSessions, 'open'>;
  logger: Pick<Logger, 'warn'>;
  clock?: Clock;
  /** Test calls at the same time; more are refused. */
  maxCalls?: number;
  /** A call that did not end by then (held, or never acknowledged) is stopped. */
  maxCallMs?: number;
  /** How long a key is waited for after the announcement. */
  keyMs?: number;
};

const SAMPLES_PER_MS = 8;
/** Phones open their audio a moment after the ACK, and drop what still waits in the jitter buffer at the BYE. */
const LEAD_IN_MS = 400;
const TAIL_MS = 300;
/** A later sentence is spoken while the ones before it are heard. */
const FIRST_SPEECH_MS = 3_000;
const LATER_SPEECH_MS = 30_000;
const MAX_REPEATS = 5;

export function createTestAgent({
  speech,
  media,
  logger,
  clock = systemClock,
  maxCalls = 250,
  maxCallMs = 180_000,
  keyMs = 6_000,
}: TestAgentOptions): TestAgent {
  let callCount = 0;

  return {
    async answer(offer, announcement, observedAddress) {
      // A dual-stack socket shows IPv4 peers in IPv6 form.
      const signallingAddress = observedAddress?.replace(/^::ffff:(?=\d+\.)/i, '');
      if (callCount >= maxCalls) return { refused: `${maxCalls} test calls are under way`, kind: 'busy' };
      // What cannot be read opens no port.
      const unreadable = offer === undefined ? undefined : readProblem(offer);
      if (unreadable) return unreadable;
      callCount += 1;
      const events = createLateHandlers();
      let session: MediaSession;
      try {
        session = await media.open(signallingAddress, events.handlers);
      } catch (error) {
        callCount -= 1;
        logger.warn({ err: error }, 'test call without media port');
        return { refused: errorText(error), kind: 'busy' };
      }
      const local = { address: session.address, port: session.port, sessionId: String(randomInt(2 ** 47)) };
      const answer = offer === undefined ? { answerSdp: makeOffer(local) } : orRefusal(() => answerOffer(offer, local));
      if ('refused' in answer) {
        callCount -= 1;
        await session.close();
        return answer;
      }
      const agreed = 'remote' in answer ? answer : undefined;
      const call = runTestCall({ session, local, answerSdp: answer.answerSdp, agreed, announcement, events });
      void call.finished.then(() => {
        callCount -= 1;
      });
      return call;
    },
  };

  function runTestCall(facts: {
    session: MediaSession;
    local: LocalMedia;
    answerSdp: string;
    agreed: AgreedAudio | undefined;
    announcement: Announcement;
    events: ReturnType<typeof createLateHandlers>;
  }): TestCall {
    const { session, local, announcement } = facts;
    let agreed = facts.agreed;
    let isOurOffer = agreed === undefined;
    let sessionVersion = 1;
    let phase: 'waiting' | 'telling' | 'listening' | 'closing' | 'over' = 'waiting';
    let spoken: TestCallResult['spoken'] = 'none';
    let fault: string | null = null;
    let repeats = 0;
    /** What is being said; what was asked for an earlier telling is dropped when it comes. */
    let telling = 0;
    let cancelKeyLimit: () => void = () => undefined;
    const finished: TestCall['finished'] extends Promise<infer End> ? PromiseWithResolvers<End> : never =
      Promise.withResolvers();
    const cancelLimit = clock.after(maxCallMs, () => {
      fault ??= agreed && !agreed.maySend ? 'the caller took no audio' : 'time limit';
      end('stopped');
    });
    // Asked for before the ACK is there, so that it need not be waited for then.
    let prepared: Promise<Prepared>[] | undefined = announcement.sentences.map((sentence, order) =>
      prepare(sentence, order, false),
    );

    function end(how: 'spoken' | 'stopped'): void {
      if (phase === 'over') return;
      phase = 'over';
      cancelLimit();
      cancelKeyLimit();
      session.close().then(
        (report) => finished.resolve({ how, heard: describe(report) }),
        (error: unknown) => {
          logger.warn({ err: error }, 'media of a test call could not be closed');
          finished.resolve({ how, heard: describe(NO_MEDIA) });
        },
      );
    }

    function describe(report: MediaReport): HeardInTestCall {
      const { received, keys, foreignPackets, ...sent } = report;
      // Who hung up at once, or took no audio, heard nothing of what was prepared. Of lost media it is not known.
      const wasHeard = report === NO_MEDIA || sent.audioMs > 0;
      return {
        spoken: wasHeard ? spoken : 'none',
        heard: received.levelDbov !== null,
        received: received.packets > 0,
        codec: agreed?.codec ?? null,
        packetsSent: sent.packetsSent,
        packetsReceived: received.packets,
        packetsLost: received.lost,
        jitterMs: received.jitterMs,
        levelDbov: received.levelDbov,
        digits: keys,
        foreignPackets,
        fault: fault ?? (sent.lastSendError === null ? null : `audio could not be sent: ${sent.lastSendError}`),
      };
    }

    async function prepare(sentence: string, order: number, isSlow: boolean): Promise<Prepared> {
      try {
        const deadlineMs = order === 0 ? FIRST_SPEECH_MS : LATER_SPEECH_MS;
        const pcm = await speech.speak(sentence, { isSlow, order, deadlineMs });
        return pcm.length > 0 ? { pcm } : { reason: 'speech was empty' };
      } catch (error) {
        logger.warn({ err: error }, 'test call gets tones instead of speech');
        return { reason: errorText(error) };
      }
    }

    /** Plays the parts one after the other, each as soon as it is there; tones in place of the first that fails and all after it. */
    async function say(parts: readonly Promise<Prepared>[]): Promise<void> {
      const mine = ++telling;
      session.clear();
      for (const part of parts) {
        const one = await part;
        if (telling !== mine || phase === 'over') return;
        if ('reason' in one) {
          fault ??= one.reason;
          spoken = 'tones';
          session.append(composeFallbackTones());
          break;
        }
        if (spoken === 'none') spoken = 'speech';
        session.append(one.pcm);
      }
      session.append(silence(TAIL_MS));
      session.finish(mine);
    }

    /** Whether the phone sends pressed keys. */
    function hasKeys(): boolean {
      return agreed !== undefined && agreed.eventPayloadType !== null;
    }

    function tell(isSlow: boolean): void {
      phase = 'telling';
      cancelKeyLimit();
      const { sentences, spelling, menu } = announcement;
      const words = isSlow
        ? [...sentences, ...spelling].map((sentence, order) => prepare(sentence, order, true))
        : (prepared ?? sentences.map((sentence, order) => prepare(sentence, order, false)));
      prepared = undefined;
      const withMenu = hasKeys() && repeats < MAX_REPEATS;
      const parts = withMenu ? [...words, prepare(menu, words.length, false)] : words;
      void say([Promise.resolve({ pcm: silence(LEAD_IN_MS) }), ...parts]);
    }

    function closeWith(sentences: readonly string[]): void {
      phase = 'closing';
      cancelKeyLimit();
      void say(sentences.map((sentence, order) => prepare(sentence, order, false)));
    }

    function sayGoodbye({ received }: MediaReport): void {
      closeWith([received.levelDbov === null ? announcement.notHeard : announcement.heard, announcement.goodbye]);
    }

    // Listens from now on, speaks only after the ACK: it proves that who called is where it said (decision 65).
    if (agreed) session.follow({ ...agreed, maySend: false });
    facts.events.attach({
      played(report, mark) {
        if (mark !== telling) return;
        if (phase === 'closing') end('spoken');
        if (phase !== 'telling') return;
        // Nobody of whom nothing came can be expected to press a key.
        if (!hasKeys() || report.received.packets === 0 || repeats >= MAX_REPEATS) {
          sayGoodbye(report);
          return;
        }
        phase = 'listening';
        cancelKeyLimit = clock.after(keyMs, () => sayGoodbye(report));
      },
      key(key) {
        if (phase !== 'telling' && phase !== 'listening') return;
        if (key === '#') closeWith([announcement.goodbye]);
        else if ((key === '1' || key === '2') && repeats < MAX_REPEATS) {
          repeats += 1;
          tell(key === '2');
        }
      },
      failed(reason) {
        fault ??= reason;
        end('stopped');
      },
    });

    return {
      answerSdp: facts.answerSdp,
      start(answerInAck) {
        if (phase === 'over') return;
        if (isOurOffer) {
          const answer =
            answerInAck === undefined
              ? refusal('our offer was not answered')
              : orRefusal(() => readAnswer(answerInAck));
          isOurOffer = false;
          if ('refused' in answer) fault ??= answer.refused;
          else agreed = answer;
        }
        if (!agreed) {
          end('stopped');
          return;
        }
        session.follow(agreed);
        if (phase === 'waiting') tell(false);
      },
      reoffer(offer) {
        const next = { ...local, sessionVersion: sessionVersion + 1 };
        const answer = offer === undefined ? { answerSdp: makeOffer(next) } : orRefusal(() => answerOffer(offer, next));
        // RFC 3264 §8: a refused offer leaves the session as it was.
        if ('refused' in answer) return answer;
        sessionVersion = next.sessionVersion;
        isOurOffer = offer === undefined;
        if ('remote' in answer) {
          agreed = answer;
          if (phase !== 'over') session.follow(phase === 'waiting' ? { ...answer, maySend: false } : answer);
        }
        return { answerSdp: answer.answerSdp };
      },
      stop: () => end('stopped'),
      finished: finished.promise,
    };
  }
}

/** A piece of speech, or why there is none. */
type Prepared = { pcm: Int16Array } | { reason: string };

type MediaEvents = Parameters<MediaSessions['open']>[1];

/** Handlers that the session is opened with, before there is a call that could handle anything. */
function createLateHandlers(): { handlers: MediaEvents; attach(target: MediaEvents): void } {
  let target: MediaEvents | undefined;
  let failure: string | undefined;
  return {
    handlers: {
      played: (report, mark) => target?.played(report, mark),
      key: (key) => target?.key(key),
      failed(reason) {
        failure = reason;
        target?.failed(reason);
      },
    },
    attach(next) {
      target = next;
      if (failure !== undefined) next.failed(failure);
    },
  };
}

function silence(lengthMs: number): Int16Array {
  return new Int16Array(lengthMs * SAMPLES_PER_MS);
}

function refusal(refused: string): Refusal {
  return { refused, kind: 'not-acceptable' };
}

function readProblem(offer: string): Refusal | undefined {
  const reading = orRefusal<{ timing: object }>(() => readSessionDescription(offer));
  return 'refused' in reading ? reading : undefined;
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

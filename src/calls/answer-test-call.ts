import type { CallRecord } from '../domain/call-record.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import type { SipFlow } from '../transport/sip-flow.ts';
import { headerValue, type SipRequest } from '../wire/sip/message.ts';
import { partHeader, readBodyParts } from '../wire/sip/multipart.ts';
import { createResponse } from '../wire/sip/responses.ts';
import type { AnsweredDialog, AnsweringDialogs } from './answering-dialogs.ts';
import type { CallRecorder } from './call-recorder.ts';
import type { CallSession } from './call-session.ts';
import type { Decision } from './decision.ts';
import type { AnnouncementInput } from './test-agent/compose-announcement.ts';
import { composeAnnouncement } from './test-agent/compose-announcement.ts';
import type { Refusal, TestAgent, TestCall } from './test-agent/run-test-call.ts';
import type { ServerTransaction } from './transactions/transaction.ts';

export type TestCallInput = {
  request: SipRequest;
  transaction: ServerTransaction;
  flow: SipFlow;
  session: CallSession;
  decision: Decision;
  localTag: string;
  cancellation: { readonly isRequested: boolean };
};

/** Answers a 933 call; resolves when it is recorded, the announcement goes on by itself. Never rejects. */
export type AnswerTestCall = (input: TestCallInput) => Promise<void>;

const AGENT = {
  uri: 'sip:933@localhost',
  name: 'Test agent',
  sourceId: null,
  kind: 'test-agent',
  quality: null,
} as const;
const REFUSALS: Readonly<Record<Refusal['kind'], number>> = { malformed: 400, 'not-acceptable': 488, busy: 486 };

/**
 * The built-in agent for 933: answers whatever the stage (decision 9), says what a real 911 call would do, and hangs up. The
 * record tells the caller's place and the agent as destination; what a real call would do is in its trace.
 */
export function createAnswerTestCall(deps: {
  agent: TestAgent;
  dialogs: AnsweringDialogs;
  recorder: Pick<CallRecorder, 'save'>;
  clock: Clock;
  logger: Logger;
  /** Destinations are the built-in simulation. */
  isSimulated: boolean;
}): AnswerTestCall {
  const { agent, dialogs, recorder, clock, logger } = deps;
  const nowText = (): string => new Date(clock.nowMs()).toISOString();

  return async ({ request, transaction, flow, session, decision, localTag, cancellation }) => {
    const announcement = composeAnnouncement(describe(decision, deps.isSimulated));
    const { record } = session;
    record.spokenText = announcement.announcementText;
    record.destination = { ...AGENT, reason: `a real call would go to ${decision.destination.name}` };
    if (decision.standing && !decision.standing.testCallsEnabled) {
      record.flags = [...record.flags, 'test-calls-not-enabled'];
    }
    const finish = (outcome: CallRecord['outcome'], reason: string): void => {
      const trace = [
        ...session.record.trace,
        { step: 'forward', choice: 'test agent', reason, durationMs: 0 } as const,
      ];
      session.change({ outcome, endedAt: nowText(), trace });
    };
    await recorder.save(record);

    let testCall: TestCall | Refusal;
    try {
      testCall = await agent.answer(readSdp(request), announcement, flow.remoteAddress);
    } catch (error) {
      logger.error({ err: errorText(error) }, 'calls: the test agent failed');
      testCall = { refused: errorText(error), kind: 'busy' };
    }
    if ('refused' in testCall) {
      transaction.respond(createResponse(request, REFUSALS[testCall.kind], undefined, { toTag: localTag }));
      return finish('failed', testCall.refused);
    }
    const call = testCall;
    if (cancellation.isRequested) {
      call.stop();
      transaction.respond(createResponse(request, 487, undefined, { toTag: localTag }));
      return finish('abandoned', 'the caller hung up before the answer');
    }
    let isOver = false;
    const dialog: AnsweredDialog = dialogs.accept(
      transaction,
      { user: '933', sdp: Buffer.from(call.answerSdp, 'utf8'), toTag: localTag },
      {
        onAck(ack) {
          call
            .start(readSdp(ack))
            .finished.then(async (how) => {
              if (isOver) return;
              isOver = true;
              finish('completed', how === 'spoken' ? 'announcement spoken' : (call.report().reason ?? 'stopped'));
              await dialog.end();
            })
            .catch((error: unknown) => logger.warn({ err: errorText(error) }, 'calls: a test call could not be ended'));
        },
        onReoffer(reinvite) {
          const answer = call.reoffer(readSdp(reinvite));
          return 'refused' in answer
            ? { status: REFUSALS[answer.kind] }
            : { sdp: Buffer.from(answer.answerSdp, 'utf8') };
        },
        onEnd(why) {
          if (isOver) return;
          isOver = true;
          call.stop();
          finish('completed', why === 'bye' ? 'the caller hung up' : 'the caller never acknowledged the answer');
        },
      },
    );
    session.change({ outcome: 'answered', answeredAt: nowText() });
  };
}

/** The session description of a message, also inside a multipart; undefined when it has none. */
function readSdp(message: SipRequest): string | undefined {
  for (const part of readBodyParts(message)) {
    if (/^application\/sdp\b/i.test(partHeader(part, 'Content-Type') ?? '')) return part.bytes.toString('utf8');
  }
  return message.body.length > 0 && headerValue(message, 'Content-Type') === undefined
    ? message.body.toString('utf8')
    : undefined;
}

/** What the agent says, from what was decided. */
export function describe(decision: Decision, isSimulated: boolean): AnnouncementInput {
  const { destination, standing, location } = decision;
  const isRelay = destination.kind === 'relay';
  // The agent says of stages itself, in words; the trace's reason lists them as the API spells them.
  const isForStages = standing !== null && !standing.exempt && (standing.optedOut || !standing.routingEnabled);
  return {
    callerNumber: decision.caller.number,
    callbackNumber: decision.callback.number,
    location: location?.civic ?? null,
    locationRule: location?.rule ?? null,
    routing: isRelay ? 'relay' : 'direct',
    ...(isRelay && !isForStages && { routingReason: destination.reason }),
    psapName: destination.name,
    // Whose organization is unknown has no stages that could be missing.
    stage: standing ?? {
      accountEnabled: true,
      testCallsEnabled: true,
      routingEnabled: true,
      missing: [],
      optedOut: false,
    },
    simulated: isSimulated,
  };
}

import type { CallRecord, TestCallResult } from '../domain/call-record.ts';
import { shapeCenter } from '../domain/shape.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import type { SipFlow } from '../transport/sip-flow.ts';
import { headerValue, type SipRequest } from '../wire/sip/message.ts';
import { partHeader, readBodyParts } from '../wire/sip/multipart.ts';
import { partContent } from '../wire/sip/part-content.ts';
import { createResponse } from '../wire/sip/responses.ts';
import type { AnsweredDialog, AnsweringDialogs } from './answering-dialogs.ts';
import type { CallRecorder } from './call-recorder.ts';
import type { CallSession } from './call-session.ts';
import type { Decision } from './decision.ts';
import type { AnnouncementInput, RelayReason } from './test-agent/compose-announcement.ts';
import { composeAnnouncement } from './test-agent/compose-announcement.ts';
import type { HeardInTestCall, Refusal, TestAgent, TestCall } from './test-agent/run-test-call.ts';
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
/** Busy is 486, not 503: a peer that hears 503 may send its emergency calls elsewhere for a while (RFC 3261 §21.5.4, decision 64). */
const REFUSALS: Readonly<Record<Refusal['kind'], number>> = { malformed: 400, 'not-acceptable': 488, busy: 486 };
const RETRY_AFTER = { name: 'Retry-After', value: '60' };
/** RFC 3261 §13.3.1.3: 488 says why. */
const WARNING_CODE = 399;

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
  metrics: Pick<Metrics, 'gauge' | 'tally'>;
  /** Destinations are the built-in simulation. */
  isSimulated: boolean;
}): AnswerTestCall {
  const { agent, dialogs, recorder, clock, logger } = deps;
  const active = deps.metrics.gauge('waymark_test_calls_active', 'Test calls that the 933 agent talks to');
  const countRefused = deps.metrics.tally('waymark_test_calls_refused_total', 'Test calls that were refused, by why', [
    'why',
  ]);
  active.set(0);

  return async ({ request, transaction, flow, session, decision, localTag, cancellation }) => {
    const announcement = composeAnnouncement(describe(decision, deps.isSimulated));
    const { record } = session;
    record.spokenText = announcement.announcementText;
    if (announcement.translation) record.spokenTranslation = announcement.translation;
    record.destination = { ...AGENT, reason: `a real call would go to ${decision.destination.name}` };
    if (decision.standing && !decision.standing.testCallsEnabled) {
      record.flags = [...record.flags, 'test-calls-not-enabled'];
    }
    const finish = (outcome: CallRecord['outcome'], reason: string, testResult?: TestCallResult): void => {
      const trace = [
        ...session.record.trace,
        { step: 'forward', choice: 'test agent', reason, durationMs: 0 } as const,
      ];
      session.change({ outcome, endedAt: session.nowText(), trace, testResult });
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
      countRefused(testCall.kind)();
      transaction.respond(refusalOf(request, testCall, localTag));
      return finish('failed', testCall.refused);
    }
    const call = testCall;
    if (cancellation.isRequested) {
      call.stop();
      transaction.respond(createResponse(request, 487, undefined, { toTag: localTag }));
      return finish('abandoned', 'the caller hung up before the answer');
    }
    const answeredMs = clock.monotonicMs();
    let hungUpBy: TestCallResult['hungUpBy'] = 'agent';
    const dialog: AnsweredDialog = dialogs.accept(
      transaction,
      { user: '933', sdp: Buffer.from(call.answerSdp, 'utf8'), toTag: localTag },
      {
        onAck: (ack) => call.start(readSdp(ack)),
        onReoffer(request) {
          const answer = call.reoffer(readSdp(request));
          return 'refused' in answer
            ? { status: REFUSALS[answer.kind] }
            : { sdp: Buffer.from(answer.answerSdp, 'utf8') };
        },
        onEnd(why) {
          hungUpBy = why === 'bye' ? 'caller' : 'network';
          call.stop();
        },
      },
    );
    session.change({ outcome: 'answered', answeredAt: session.nowText() });
    active.inc();
    call.finished
      .then(async ({ how, heard }) => {
        active.dec();
        const durationMs = Math.round(clock.monotonicMs() - answeredMs);
        finish('completed', REASONS_OF_END[hungUpBy](how, heard), { ...heard, hungUpBy, durationMs });
        if (hungUpBy === 'agent') await dialog.end();
      })
      .catch((error: unknown) => logger.warn({ err: errorText(error) }, 'calls: a test call could not be ended'));
  };
}

const REASONS_OF_END: Readonly<
  Record<TestCallResult['hungUpBy'], (how: 'spoken' | 'stopped', heard: HeardInTestCall) => string>
> = {
  agent: (how, { fault }) => (how === 'spoken' ? 'announcement spoken' : (fault ?? 'stopped')),
  caller: () => 'the caller hung up',
  network: () => 'the caller never acknowledged the answer',
};

function refusalOf(request: SipRequest, { kind, refused }: Refusal, toTag: string) {
  const headers = kind === 'busy' ? [RETRY_AFTER] : [warning(refused)];
  return createResponse(request, REFUSALS[kind], undefined, { toTag, headers });
}

function warning(text: string): { name: string; value: string } {
  return { name: 'Warning', value: `${WARNING_CODE} localhost "${text.replace(/[^ !#-[\]-~]/g, '')}"` };
}

/** The session description of a message, also inside a multipart; undefined when it has none. */
function readSdp(message: SipRequest): string | undefined {
  for (const part of readBodyParts(message)) {
    if (/^application\/sdp\b/i.test(partHeader(part, 'Content-Type') ?? '')) return partContent(part).toString('utf8');
  }
  return message.body.length > 0 && headerValue(message, 'Content-Type') === undefined
    ? message.body.toString('utf8')
    : undefined;
}

/** Reasons for a detour, the one that a caller should hear first. */
const RELAY_REASONS = [
  'opted-out',
  'exempt',
  'not-enabled',
  'no-location',
  'nomadic-canada',
  'psap-open',
  'no-route',
] as const satisfies readonly RelayReason[];

/** What the agent says, from what was decided. */
export function describe(decision: Decision, isSimulated: boolean): AnnouncementInput {
  const { destination, standing, location } = decision;
  const flag = destination.kind === 'relay' ? RELAY_REASONS.find((one) => decision.flags.includes(one)) : undefined;
  const reason = flag === 'not-enabled' && standing && !standing.accountEnabled ? 'no-account' : (flag ?? null);
  return {
    callerNumber: decision.caller.number,
    callbackNumber: decision.callback.number,
    location: location && {
      civic: location.civic,
      position: location.shape ? shapeCenter(location.shape) : null,
      source: location.source,
      foundBy: location.foundBy ?? null,
      // What somebody else's location was found by is nothing but its URL, which cannot be understood when it is spoken.
      rule: (location.locationId ?? location.erlId ?? location.buildingId) ? location.rule : '',
    },
    routing: destination.kind === 'psap' ? 'direct' : reason === 'nomadic-canada' ? 'screened' : 'relay',
    reason,
    destinationName: destination.name,
    // Whose organization is unknown has no stages that could be missing.
    stage: standing ?? {
      accountEnabled: true,
      testCallsEnabled: true,
      routingEnabled: true,
      missing: [],
      optedOut: false,
    },
    simulated: isSimulated,
    language: decision.language,
  };
}

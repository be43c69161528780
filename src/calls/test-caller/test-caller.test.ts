/** Test calls that the platform places by itself: through its own SIP door, counted, noted, and hung up at the end. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CallWorld, openCallWorld } from '../../../test/support/call-world.ts';
import { openMigratedDatabase } from '../../../test/support/embedded-template.ts';
import { eventually } from '../../../test/support/platform-client.ts';
import { createAudit } from '../../audit/audit.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database } from '../../storage/database.ts';
import { systemClock } from '../../support/clock.ts';
import { createLogger } from '../../support/logger.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMediaSessions } from '../../transport/media-sessions.ts';
import { createRtpPorts } from '../../transport/rtp-ports.ts';
import { createTestAgent } from '../test-agent/run-test-call.ts';
import { fakeLookups, ORGANIZATION_ID, OTHER_ORGANIZATION_ID } from '../testing/fake-lookups.ts';
import type { CallPlan, CallReport } from './place-call.ts';
import { createTestCaller } from './test-caller.ts';

const logger = createLogger('silent');
const NUMBER = '+12145550100';
const WAIT_MS = 20_000;
let database: Database;

before(async () => {
  database = await openMigratedDatabase(logger);
  for (const id of [ORGANIZATION_ID, OTHER_ORGANIZATION_ID]) {
    await database.db.insertInto('organizations').values({ id, name: id, partnerId: null }).execute();
  }
});

after(() => database.close());

const scope: Scope = {
  organizationId: ORGANIZATION_ID,
  homeOrganizationId: ORGANIZATION_ID,
  tokenId: 'token',
  trackingId: 'tracking',
  role: 'fullAdmin',
  scopes: new Set(),
};

const isProblem =
  (kind: string, path?: string) =>
  (error: unknown): boolean =>
    error instanceof ProblemError && error.kind === kind && (path === undefined || error.fields[0]?.path === path);

test('it goes through the SIP door, is answered by the agent, heard, recorded and noted', async () => {
  let world: CallWorld | undefined;
  // Nobody may send but those whom a trunk names, and test calls of ours while they last.
  const isTrusted = (address: string): boolean => world?.calls.admission.isAddress(address) ?? false;
  world = await openCallWorld({
    database,
    psapUris: ['sip:psap@127.0.0.1:9'],
    relayUri: 'sip:relay@127.0.0.1:9',
    isTrusted,
    deps: {
      agent: createTestAgent({
        speech: { speak: () => Promise.resolve(Int16Array.from({ length: 1_600 }, (_, at) => (at % 16) * 1_000)) },
        media: createMediaSessions({
          ports: createRtpPorts({ host: '127.0.0.1', from: 0, to: 0, logger }),
          clock: systemClock,
        }),
        logger,
        keyMs: 100,
      }),
    },
  });
  const running = world;
  const { calls } = running;
  try {
    await calls.snapshots[0]?.loadFromDatabase();
    assert.equal(calls.admission.isAddress('127.0.0.1'), false, 'nobody calls');
    const { callId, from } = await calls.placeTestCall(scope, { from: '(214) 555-0100' });
    assert.equal(from, NUMBER);
    assert.equal(calls.admission.isAddress('127.0.0.1'), true, 'while it is under way');
    const record = await eventually('the test call is over', WAIT_MS, async () =>
      (await running.records()).find((one) => one.callId === callId && one.endedAt !== null),
    );
    assert.equal(record.kind, '933');
    assert.equal(record.caller.number, NUMBER);
    assert.equal(record.destination.kind, 'test-agent');
    assert.equal(record.outcome, 'completed');
    assert.equal(record.testResult?.heard, true, 'the agent hears itself');
    await eventually('nobody calls any more', WAIT_MS, () =>
      Promise.resolve(calls.admission.isAddress('127.0.0.1') ? undefined : true),
    );
    const [entry] = await createAudit({ database, clock: createManualClock() }).list(ORGANIZATION_ID, { max: 1 });
    assert.deepEqual(
      [entry?.action, entry?.subject, entry?.detail],
      ['test-call.placed', `number ${NUMBER}`, { callId }],
    );
  } finally {
    await running.stop();
  }
});

/** The caller alone, whose calls last until they are ended. */
function openCaller() {
  const clock = createManualClock();
  const plans: CallPlan[] = [];
  const calls = new Set<() => void>();
  const caller = createTestCaller({
    database,
    audit: createAudit({ database, clock }),
    clock,
    logger,
    lookups: fakeLookups(),
    rooms: {
      places: { responseLocation: (_organizationId, id) => (id === 'erl-1' ? ({ id } as never) : undefined) },
      location: {
        issueLocationUri: (_organizationId, { id }) => ({ uri: `https://here/${id}`, expires: new Date(0) }),
      },
    },
    addresses: () => [{ protocol: 'udp', host: '0.0.0.0', port: 5_060 }],
    placeCall: (plan) =>
      new Promise<CallReport>((resolve) => {
        plans.push(plan);
        const report = { responses: [], finalStatus: 200, setupMs: 1, endedBy: 'peer', audio: null } as const;
        const end = (): void => resolve({ ...report, callId: plan.callId ?? '' });
        calls.add(end);
        plan.signal?.addEventListener('abort', end);
      }),
  });
  /** The other side hangs up every call. */
  async function endAll(): Promise<void> {
    for (const end of calls) end();
    calls.clear();
    await eventually('no call is under way', WAIT_MS, () => !caller.callsFrom('127.0.0.1'));
  }
  return { caller, clock, endAll, plans };
}

test('of a place: the call conveys a location URI for it', async () => {
  const { caller, plans } = openCaller();
  await caller.placeTestCall(scope, { from: NUMBER, responseLocationId: 'erl-1' });
  assert.deepEqual(
    plans.map(({ geolocation, dialed, target }) => [geolocation, dialed, target.address]),
    [['https://here/erl-1', '933', '127.0.0.1']],
  );
  await caller.stop();
});

test('numbers of others, no numbers and unknown places are refused, and nothing is placed', async () => {
  const { caller, plans } = openCaller();
  const refused = (from: string, responseLocationId?: string): Promise<unknown> =>
    caller.placeTestCall(scope, { from, responseLocationId });
  await assert.rejects(refused('nonsense'), isProblem('invalid', 'from'));
  await assert.rejects(refused('+13035550199'), isProblem('invalid', 'from'));
  await assert.rejects(refused(NUMBER, 'erl-9'), isProblem('invalid', 'responseLocationId'));
  await assert.rejects(
    caller.placeTestCall({ ...scope, organizationId: OTHER_ORGANIZATION_ID }, { from: NUMBER }),
    isProblem('invalid', 'from'),
  );
  assert.equal(plans.length, 0);
});

test('four at once on a node, six a minute for an organization; stopping hangs up', async () => {
  const { caller, clock, endAll, plans } = openCaller();
  const place = (): Promise<unknown> => caller.placeTestCall(scope, { from: NUMBER });
  for (let count = 0; count < 4; count += 1) await place();
  await assert.rejects(place(), isProblem('too-many-requests'));
  await endAll();
  await place();
  await place();
  await assert.rejects(
    place(),
    (error) => isProblem('too-many-requests')(error) && (error as ProblemError).retryAfterSeconds === 60,
  );
  clock.advance(60_000);
  await place();
  assert.equal(plans.length, 7);
  await caller.stop();
  assert.equal(caller.callsFrom('127.0.0.1'), false);
});

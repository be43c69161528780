/**
 * Which destination has the call in the end, whatever the others do, with SIPp at both ends over UDP, TCP and TLS (decisions 10 and
 * 20; RFC 3261 §9, §13.2.2.4, §16.7). Which behaviour each scenario shows stands in docs/conformance/esrp.md.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CallsDeps } from '../../../src/calls/calls.ts';
import { LOCATION_ID, locationValue, ORGANIZATION_ID, STANDING } from '../../../src/calls/testing/fake-lookups.ts';
import type { CallStanding } from '../../../src/domain/call-record.ts';
import { skipWithout } from '../../support/parts.ts';
import { freePort, headerOf, type PhoneReport, type SippMessage, startSippUas } from '../../support/sipp.ts';
import {
  methods,
  openSippScenes,
  recordOf,
  SIPP_PROTOCOLS,
  type SippScenes,
  startLines,
  withoutRepeats,
} from '../../support/sipp-scenes.ts';

const skip = skipWithout('sipp');

let scenes: SippScenes;

before(async () => {
  if (skip === false) scenes = await openSippScenes();
});

after(() => scenes?.close());

/** What the phone was answered to its INVITE, by status, without repeats. */
function statusesOf({ messages }: PhoneReport): string[] {
  const answers = messages.filter(
    (message) => message.direction === 'received' && /^1 INVITE$/.test(headerOf(message, 'CSeq') ?? ''),
  );
  return withoutRepeats(answers.map(({ startLine }) => startLine.slice(8, 11)));
}

/** FIND, with one place in Toronto that every reference of ours leads to: an ERL, or what the user of a device registered. */
function torontoBy(kind: 'erl' | 'device-address'): CallsDeps['rooms']['location'] {
  return {
    locateDevice: () => ({ found: false, reason: 'nothing', needsAddress: false, countedAddresses: [], notes: [] }),
    isOwnLocationUri: (uri) => uri.startsWith('https://waymark.example.net/'),
    resolveLocationUri: (_uri, nowMs) => ({
      found: true,
      id: 'reference-1',
      organizationId: ORGANIZATION_ID,
      target: { kind, id: 'toronto' },
      rule: null,
      value: locationValue('ON', 'Toronto', 'CA'),
      places: { locationId: LOCATION_ID, buildingId: null, erlId: kind === 'erl' ? 'toronto' : null },
      expires: new Date(nowMs + 60_000),
    }),
    issueLocationUri: () => null,
  };
}

const went = (messages: readonly SippMessage[]): string[] => withoutRepeats(methods(messages));

for (const protocol of SIPP_PROTOCOLS) {
  test(`a 200 of the first PSAP after the second has answered: one session, the other is acknowledged and ended (${protocol})`, {
    skip,
  }, async () => {
    // Between two retransmissions of the INVITE, which come at 500 and 1,500 ms (RFC 3261 §17.1.1.2).
    const plans = [{ scenario: 'proxy/uas-late', ringMs: 1_100 }, { scenario: 'uas-200' }] as const;
    await scenes.play(
      protocol,
      plans,
      async ({ world, psaps: [late, quick], phone }) => {
        const report = await phone({ scenario: 'uac-911', holdMs: 2_500 });
        assert.equal(report.exitCode, 0, report.errors);
        assert.ok(late && quick);
        const [bye] = await late.waitFor('BYE');
        assert.match((bye && headerOf(bye, 'Reason')) ?? '', /Call completed elsewhere/);
        assert.deepEqual(went(late.messages()), ['INVITE', 'ACK', 'BYE'], 'acknowledged and ended by us');
        assert.deepEqual(went(quick.messages()), ['INVITE', 'ACK', 'BYE'], 'talked to, and ended by the caller');
        assert.deepEqual(
          statusesOf(report).filter((status) => status !== '100'),
          ['180', '200'],
          'the caller heard of one session alone',
        );
        const record = await recordOf(world, report, 'completed');
        assert.deepEqual(
          record.attempts.map(({ outcome }) => outcome),
          ['silent', 'answered'],
        );
      },
      { silenceMs: 500 },
    );
  });

  test(`a 200 of the first PSAP while the second rings: it has the call, the second is cancelled (${protocol})`, {
    skip,
  }, async () => {
    // Between two retransmissions of the INVITE, which come at 500 and 1,500 ms (RFC 3261 §17.1.1.2).
    const plans = [{ scenario: 'proxy/uas-late', ringMs: 1_100 }, { scenario: 'uas-cancelled' }] as const;
    await scenes.play(
      protocol,
      plans,
      async ({ world, psaps: [late, ringing], phone }) => {
        const report = await phone({ scenario: 'uac-911' });
        assert.equal(report.exitCode, 0, report.errors);
        assert.ok(late && ringing);
        await Promise.all([late.waitFor('BYE'), ringing.waitFor('ACK')]);
        assert.deepEqual(went(late.messages()), ['INVITE', 'ACK', 'BYE']);
        assert.deepEqual(went(ringing.messages()), ['INVITE', 'CANCEL', 'ACK']);
        assert.equal(statusesOf(report).at(-1), '200');
        await recordOf(world, report, 'completed');
      },
      { silenceMs: 500 },
    );
  });

  test(`a PSAP that rings too long is cancelled, and answers all the same: its session is ended (${protocol})`, {
    skip,
  }, async () => {
    const plans = [{ scenario: 'proxy/uas-answers-cancelled', ringMs: 700 }, { scenario: 'uas-200' }] as const;
    await scenes.play(
      protocol,
      plans,
      async ({ world, psaps: [slow, next], phone }) => {
        const report = await phone({ scenario: 'proxy/uac-patient', holdMs: 1_500 });
        assert.equal(report.exitCode, 0, report.errors);
        assert.ok(slow && next);
        await slow.waitFor('BYE');
        assert.deepEqual(went(slow.messages()), ['INVITE', 'CANCEL', 'ACK', 'BYE']);
        assert.deepEqual(went(next.messages()), ['INVITE', 'ACK', 'BYE']);
        assert.deepEqual(
          (await recordOf(world, report, 'completed')).attempts.map(({ outcome }) => outcome),
          ['ringing', 'answered'],
        );
      },
      { limits: { ringLimitMs: 500 } },
    );
  });

  test(`busy, declined, unknown there and unreachable: each leads on, the caller hears nothing of it (${protocol})`, {
    skip,
  }, async () => {
    const nobody = `sip:nobody@127.0.0.1:${await freePort('127.0.0.1')}${protocol === 'udp' ? '' : `;transport=${protocol}`}`;
    const plans = [
      { scenario: 'uas-503', status: '486 Busy Here' },
      { scenario: 'uas-503', status: '603 Decline' },
      { scenario: 'uas-503', status: '404 Not Found' },
      nobody,
      { scenario: 'uas-200' },
    ] as const;
    await scenes.play(
      protocol,
      plans,
      async ({ world, phone }) => {
        const report = await phone({ scenario: 'uac-911' });
        assert.equal(report.exitCode, 0, report.errors);
        const { attempts } = await recordOf(world, report, 'completed');
        assert.deepEqual(
          attempts.map(({ status }) => status),
          [486, 603, 404, null, 200],
        );
        assert.deepEqual(
          statusesOf(report).filter((status) => status !== '100'),
          ['180', '200'],
        );
      },
      { silenceMs: 700 },
    );
  });

  test(`100 at once from a node whose PSAP says nothing, and no other provisional response of ours (${protocol})`, {
    skip,
  }, async () => {
    await scenes.play(
      protocol,
      [{ scenario: 'uas-silent' }],
      async ({ relay, phone }) => {
        const report = await phone({ scenario: 'uac-911' });
        assert.equal(report.exitCode, 0, report.errors);
        assert.deepEqual(statusesOf(report), ['100', '180', '200']);
        const ringing = report.messages.find(({ startLine }) => startLine.includes(' 180 '));
        const [rang] = relay.messages().filter(({ startLine }) => startLine.includes(' 180 '));
        assert.ok(ringing && rang);
        assert.equal(headerOf(ringing, 'To'), headerOf(rang, 'To'), 'the 180 is that of the relay centre');
      },
      { silenceMs: 1_000 },
    );
  });

  test(`CANCEL before anybody rang, after one destination refused: 200, 487, and nobody else is called (${protocol})`, {
    skip,
  }, async () => {
    const plans = [{ scenario: 'uas-503', status: '486 Busy Here' }, { scenario: 'uas-silent' }] as const;
    await scenes.play(protocol, plans, async ({ world, psaps: [busy, silent], relay, phone }) => {
      const report = await phone({ scenario: 'proxy/uac-cancel-early', holdMs: 300 });
      assert.equal(report.exitCode, 0, report.errors);
      assert.ok(busy && silent);
      const record = await recordOf(world, report, 'abandoned');
      assert.ok(world.alerted.includes(record.id), 'who hung up may need help all the same');
      assert.deepEqual(went(busy.messages()), ['INVITE', 'ACK']);
      assert.deepEqual(went(silent.messages()), ['INVITE'], 'no CANCEL before a provisional response (RFC 3261 §9.1)');
      assert.deepEqual(methods(relay.messages()), []);
    });
  });

  test(`CANCEL while the PSAP rings: cancelled there, 487 here (${protocol})`, { skip }, async () => {
    await scenes.play(protocol, [{ scenario: 'uas-cancelled' }], async ({ world, psaps: [psap], relay, phone }) => {
      const report = await phone({ scenario: 'uac-cancel' });
      assert.equal(report.exitCode, 0, report.errors);
      assert.ok(psap);
      assert.deepEqual(went(psap.messages()), ['INVITE', 'CANCEL', 'ACK']);
      await recordOf(world, report, 'abandoned');
      assert.deepEqual(methods(relay.messages()), []);
    });
  });

  const STANDINGS: readonly [name: string, standing: Partial<CallStanding>, flag: string][] = [
    ['not enabled', { locationCompleted: 'LOCATION_SETUP', routingEnabled: false }, 'not-enabled'],
    ['opted out', { optedOut: true }, 'opted-out'],
  ];
  test(`911 is routed whatever the stage: not enabled and opted out, by the relay centre, flagged and alerted (${protocol})`, {
    skip,
  }, async () => {
    for (const [name, standing, flag] of STANDINGS) {
      await scenes.play(
        protocol,
        [{ scenario: 'uas-200' }],
        async ({ world, psaps: [psap], relay, phone }) => {
          const report = await phone({ scenario: 'uac-911' });
          assert.equal(report.exitCode, 0, report.errors);
          const record = await recordOf(world, report, 'completed');
          assert.ok(record.flags.includes(flag as (typeof record.flags)[number]), `${name}: ${record.flags.join()}`);
          assert.equal(record.destination.kind, 'relay', name);
          assert.ok(world.alerted.includes(record.id), name);
          assert.deepEqual(psap?.messages(), [], name);
          const [invite] = relay.messages();
          assert.match((invite && headerOf(invite, 'Geolocation')) ?? '', /^<https:/, 'with all that is known');
        },
        { rooms: { compliance: { standing: () => ({ ...STANDING, ...standing }) } } },
      );
    }
  });

  test(`933 before NETWORK_ELEMENTS is answered, and says what is missing; never forwarded (${protocol})`, {
    skip,
  }, async () => {
    await scenes.play(
      protocol,
      [{ scenario: 'uas-200' }],
      async ({ world, psaps: [psap], relay, phone }) => {
        const report = await phone({ scenario: 'uac-933', requestUri: 'sip:933@127.0.0.1' });
        assert.equal(report.exitCode, 0, report.errors);
        const { spokenText } = await recordOf(world, report, 'completed');
        assert.match(spokenText ?? '', /Test calls are not enabled for this location yet\. What is missing: /);
        assert.deepEqual(startLines([...(psap?.messages() ?? []), ...relay.messages()], 'received'), []);
      },
      {
        rooms: {
          compliance: {
            standing: () => ({
              ...STANDING,
              organizationCompleted: 'ALERTS',
              locationCompleted: 'ALERTS',
              testCallsEnabled: false,
              routingEnabled: false,
              missing: ['NETWORK_ELEMENTS', 'ROUTING_ENABLED'],
            }),
          },
        },
      },
    );
  });

  test(`Canada: a fixed place goes direct, a nomadic device to the Canadian relay centre (${protocol})`, {
    skip,
  }, async () => {
    for (const [kind, expected] of [
      ['erl', 'psap'],
      ['device-address', 'relay'],
    ] as const) {
      const canadian = await startSippUas({ scenario: 'uas-200', protocol, tls: scenes.tls.peer });
      try {
        await scenes.play(
          protocol,
          [{ scenario: 'uas-200' }],
          async ({ world, psaps: [psap], relay, phone }) => {
            const reference = '<https://waymark.example.net/held/l/toronto>';
            const report = await phone({ scenario: 'uac-911', headers: [`Geolocation: ${reference}`] });
            assert.equal(report.exitCode, 0, report.errors);
            assert.ok(psap);
            const [called, spared] = expected === 'psap' ? [psap, canadian] : [canadian, psap];
            assert.deepEqual(went(called.messages()), ['INVITE', 'ACK', 'BYE'], kind);
            assert.deepEqual(methods([...spared.messages(), ...relay.messages()]), [], kind);
            const [invite] = called.messages();
            assert.equal(invite && headerOf(invite, 'Geolocation'), reference);
            const record = await recordOf(world, report, 'completed');
            assert.equal(record.destination.kind, expected);
            assert.equal(record.flags.includes('nomadic-canada'), expected === 'relay');
          },
          {
            rooms: { location: torontoBy(kind) },
            deps: {
              relays: {
                US: { uri: 'sip:relay@127.0.0.1:9', name: 'Relay centre' },
                CA: { uri: canadian.uri('relay-ca'), name: 'Canadian relay centre' },
              },
            },
          },
        );
      } finally {
        await canadian.stop();
      }
    }
  });
}

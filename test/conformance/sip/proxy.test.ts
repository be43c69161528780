/**
 * The proxy between two SIP ends that we did not write: SIPp as phone and as PSAP, over UDP, TCP and TLS at both ends. Which clause
 * each scenario shows stands in docs/conformance/sip.md.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ORGANIZATION_ID } from '../../../src/calls/testing/fake-lookups.ts';
import type { Scope } from '../../../src/domain/scope.ts';
import { skipWithout } from '../../support/parts.ts';
import { headerOf, headersOf, startSippUas } from '../../support/sipp.ts';
import {
  methods,
  openSippScenes,
  recordOf,
  SIPP_PROTOCOLS,
  type SippScenes,
  withoutRepeats,
} from '../../support/sipp-scenes.ts';

const skip = skipWithout('sipp');
const SCOPE: Scope = {
  organizationId: ORGANIZATION_ID,
  homeOrganizationId: ORGANIZATION_ID,
  tokenId: 'token',
  trackingId: 'tracking',
  role: 'fullAdmin',
  scopes: new Set(),
};

let scenes: SippScenes;

before(async () => {
  if (skip === false) scenes = await openSippScenes();
});

after(() => scenes?.close());

const withScene: SippScenes['play'] = (...scene) => scenes.play(...scene);

for (const protocol of SIPP_PROTOCOLS) {
  test(`PRACK, UPDATE, session timer, glare, INFO and a BYE from the PSAP pass (${protocol})`, { skip }, async () => {
    await withScene(protocol, [{ scenario: 'proxy/uas-early-dialog' }], async ({ world, psaps: [psap], phone }) => {
      const headers = ['Supported: 100rel, timer', 'Session-Expires: 1800', 'Min-SE: 90'];
      const report = await phone({ scenario: 'proxy/uac-early-dialog', headers });
      assert.equal(report.exitCode, 0, report.errors);
      assert.ok(psap);
      const expected = ['INVITE', 'PRACK', 'UPDATE', 'ACK', 'INVITE', 'ACK', 'INFO', 'SIP/2.0'];
      await psap.waitFor('SIP/2.0');
      assert.deepEqual(withoutRepeats(methods(psap.messages())), expected);
      const [invite] = psap.messages();
      assert.ok(invite);
      assert.deepEqual(
        ['Session-Expires', 'Min-SE', 'Supported'].map((name) => headerOf(invite, name)),
        ['1800', '90', '100rel, timer'],
      );
      const ok = report.messages.find((one) => headerOf(one, 'Session-Expires') === '1800;refresher=uac');
      assert.ok(ok, 'the answer keeps its session timer');
      assert.equal((await recordOf(world, report, 'completed')).destination.kind, 'psap');
    });
  });

  test(`redirect mode: the SBC is told where to send the call, which is recorded and alerted (${protocol})`, {
    skip,
  }, async () => {
    await withScene(protocol, [{ scenario: 'uas-200' }], async ({ world, psaps: [psap], relay, phone }) => {
      assert.ok(psap);
      const trunk = await world.calls.createTrunk(SCOPE, {
        name: `Redirected ${protocol}`,
        addresses: ['127.0.0.1'],
        mode: 'redirect',
      });
      for (const snapshot of world.calls.snapshots) await snapshot.loadFromDatabase();
      try {
        const report = await phone({ scenario: 'proxy/uac-redirected' });
        assert.equal(report.exitCode, 0, report.errors);
        const told = report.messages.find(({ startLine }) => startLine.includes(' 302 '));
        assert.ok(told);
        const contacts = headersOf(told, 'Contact').flatMap((value) => value.split(/,\s*(?=<)/));
        assert.equal(contacts.length, 2);
        assert.ok(contacts[0]?.startsWith(`<${psap.uri('psap-0')}?P-Asserted-Identity=`), contacts[0]);
        assert.match(contacts[0] ?? '', /&Geolocation=%3Chttps:.*&Call-Info=.*>;q=1\.0$/);
        assert.ok(
          contacts[1]?.startsWith(`<${relay.uri('relay-us')}?`) && contacts[1].endsWith('>;q=0.9'),
          contacts[1],
        );
        const record = await recordOf(world, report, 'redirected');
        assert.equal(record.trunkId, trunk.id);
        assert.deepEqual(
          record.attempts.map(({ outcome }) => outcome),
          ['offered', 'offered'],
        );
        assert.ok(world.alerted.includes(record.id));
        assert.deepEqual(psap.messages(), []);

        const test = await phone({ scenario: 'proxy/uac-redirected', requestUri: `sip:933@127.0.0.1` });
        const agent = headerOf(test.messages.find(({ startLine }) => startLine.includes(' 302 ')) ?? told, 'Contact');
        assert.match(agent ?? '', /^<sip:933@127\.0\.0\.1:\d+.*;test-agent>$/);
        const followed = await phone({ scenario: 'uac-933', requestUri: agent?.slice(1, -1) ?? '', timeoutMs: 20_000 });
        assert.equal(followed.exitCode, 0, followed.errors);
        assert.equal((await recordOf(world, followed, 'completed')).kind, '933');
      } finally {
        await world.calls.removeTrunk(SCOPE, trunk.id);
      }
    });
  });

  test(`a PSAP that forks: one session, the other answer is acknowledged and ended (${protocol})`, {
    skip,
  }, async () => {
    await withScene(protocol, [{ scenario: 'proxy/uas-forked' }], async ({ world, psaps: [psap], phone }) => {
      const report = await phone({ scenario: 'uac-911', holdMs: 800 });
      assert.equal(report.exitCode, 0, report.errors);
      assert.ok(psap);
      const [first, second] = await psap.waitFor('BYE', 2);
      assert.ok(first && second);
      assert.match(headerOf(first, 'To') ?? '', /;tag=one$/, 'the superfluous one is ended by us');
      assert.match(headerOf(first, 'Reason') ?? '', /Call completed elsewhere/);
      assert.match(headerOf(second, 'To') ?? '', /;tag=two$/, 'the other one by the caller');
      const tags = report.messages
        .filter(({ startLine }) => /^SIP\/2\.0 (?:18|200)/.test(startLine))
        .map((message) => /tag=(\w+)/.exec(headerOf(message, 'To') ?? '')?.[1]);
      assert.deepEqual(withoutRepeats(tags.map(String)), ['one', 'two']);
      await recordOf(world, report, 'completed');
    });
  });

  test(`a PSAP that queues for longer than it may is cancelled, the relay centre answers (${protocol})`, {
    skip,
  }, async () => {
    await withScene(
      protocol,
      [{ scenario: 'proxy/uas-queue' }],
      async ({ world, psaps: [psap], relay, phone }) => {
        const report = await phone({ scenario: 'proxy/uac-patient' });
        assert.equal(report.exitCode, 0, report.errors);
        assert.ok(psap);
        await Promise.all([psap.waitFor('ACK'), relay.waitFor('BYE')]);
        assert.deepEqual(withoutRepeats(methods(psap.messages())), ['INVITE', 'CANCEL', 'ACK']);
        assert.deepEqual(withoutRepeats(methods(relay.messages())), ['INVITE', 'ACK', 'BYE']);
        const record = await recordOf(world, report, 'completed');
        assert.deepEqual(
          record.attempts.map(({ outcome, status }) => [outcome, status]),
          [
            ['ringing', 182],
            ['answered', 200],
          ],
        );
      },
      { limits: { queueLimitMs: 500 } },
    );
  });

  test(`a PSAP that answers twice, without a tag and with junk for a description: one session (${protocol})`, {
    skip,
  }, async () => {
    await withScene(protocol, [{ scenario: 'proxy/uas-sloppy' }], async ({ world, psaps: [psap], phone }) => {
      const report = await phone({ scenario: 'proxy/uac-patient', holdMs: 600 });
      assert.equal(report.exitCode, 0, report.errors);
      assert.ok(psap);
      await psap.waitFor('BYE');
      assert.deepEqual([...new Set(methods(psap.messages()))], ['INVITE', 'ACK', 'BYE']);
      const answers = report.messages.filter(({ startLine }) => startLine.includes(' 200 '));
      assert.match(answers[0]?.body.toString() ?? '', /^this is no description/);
      await recordOf(world, report, 'completed');
    });
  });

  test(`a redirection is followed by the order of q (${protocol})`, { skip }, async () => {
    const [busy, best] = await Promise.all([
      startSippUas({ scenario: 'uas-503', status: '486 Busy Here', protocol, tls: scenes.tls.peer }),
      startSippUas({ scenario: 'uas-503', status: '600 Busy Everywhere', protocol, tls: scenes.tls.peer }),
    ]);
    const contacts = [`Contact: <${busy.uri('second')}>;q=0.5`, `Contact: <${best.uri('first')}>;q=0.9`];
    try {
      await withScene(protocol, [{ scenario: 'proxy/uas-redirects', headers: contacts }], async ({ world, phone }) => {
        const report = await phone({ scenario: 'uac-911' });
        assert.equal(report.exitCode, 0, report.errors);
        const record = await recordOf(world, report, 'completed');
        assert.deepEqual(
          record.attempts.map(({ status }) => status),
          [302, 600, 486, 200],
        );
        assert.equal(record.destination.kind, 'relay');
      });
    } finally {
      for (const psap of [busy, best]) await psap.stop();
    }
  });
}

/** Acceptance 5: the mail that a real mail server gets says what 47 CFR 9.16(b)(2) wants, soon after the INVITE. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPsap } from '../support/call-world.ts';
import { askHeld, callFrom, onboardFresh } from '../support/journey-steps.ts';
import { type CallDetail, eventually, listAllCalls, openClient } from '../support/platform-client.ts';
import { removeData, runPlatform } from '../support/run-platform.ts';
import { startSmtpReceiver } from '../support/smtp-receiver.ts';

const WAIT_MS = 30_000;

test('the mail of a 911 call, at a real mail server', async (t) => {
  const acceptedAtMs = new Map<string, number>();
  const receiver = await startSmtpReceiver();
  const psap = await openPsap('answer');
  const server = await runPlatform({
    env: { WAYMARK_SMTP_URL: receiver.url, WAYMARK_RELAY_URI: psap.uri('relay') },
  });
  try {
    const operator = openClient(server.http, server.firstRun().tokens.operator);
    const site = await onboardFresh(server);
    await operator.must('POST', '/api/psaps', {
      name: 'Denver Combined Communications',
      uri: psap.uri(site.sourceId),
      sourceId: site.sourceId,
    });
    const held = await askHeld(server.http, site);

    const alerts = () => receiver.received.filter(({ mail }) => mail.subject?.startsWith('911 CALL'));
    const figures: number[] = [];
    for (let number = 0; number < 3; number += 1) {
      const before = alerts().length;
      const invitedAtMs = performance.now();
      const calling = callFrom(server, { dialed: '911', from: site.number, geolocation: held.locationUri });
      await eventually('the mails of this call', WAIT_MS, () => {
        for (const { mail } of alerts()) {
          if (!acceptedAtMs.has(mail.messageId ?? '')) acceptedAtMs.set(mail.messageId ?? '', performance.now());
        }
        return alerts().length === before + site.told.length;
      });
      figures.push(Math.round(performance.now() - invitedAtMs));
      assert.equal((await calling).finalStatus, 200);
    }
    t.diagnostic(`INVITE to the last recipient's mail at the mail server: ${figures.join(', ')} ms`);

    const [item] = await listAllCalls(operator);
    assert.ok(item);
    const mails = alerts().filter(({ mail }) => mail.text?.includes(item.id));
    assert.deepEqual(mails.flatMap(({ to }) => to).toSorted(), [...site.told].toSorted());
    const seen = psap.simulator.calls().find(({ callId }) => callId === item.callId);
    assert.ok(seen, 'the PSAP was called');
    for (const { mail } of mails) {
      const text = mail.text ?? '';
      assert.match(text, /A 911 call was made/);
      assert.ok(text.includes(item.startedAt), 'when');
      assert.match(text, /Front Desk/, 'by whom');
      assert.match(text, /Callback number: \+13035550101/);
      assert.match(text, /1437 Bannock St, Floor 4, Room 410, Denver, CO 80202, US/, 'dispatchable address');
      assert.match(text, /Floor: 4\b/);
      assert.match(text, /Room: 410\b/);
      assert.match(text, /Sent to: .*Denver/, 'which PSAP');
      assert.match(text, /Conveyed: location conveyed by reference/, 'what was conveyed');
      assert.doesNotMatch(text, /SIMULATED/, 'this PSAP is not the simulator of the platform');
      assert.match(mail.html ?? '', /Room/);
      assert.ok(text.includes(item.emergencyCallId));
    }
    const links = [...(mails[0]?.mail.text ?? '').matchAll(/https?:\/\/\S+/g)].map(([link]) => link);
    const path = (link: string): string => link.slice(server.http.length);
    assert.ok(links.length >= 2 && links.every((link) => link.startsWith(server.http)));
    const forAdmins = openClient(server.http, server.firstRun().fresh?.tokens.fullAdmin ?? '');
    for (const link of links) {
      if (path(link).startsWith('/api/')) {
        const detail = await forAdmins.must<CallDetail>('GET', path(link));
        assert.equal(detail.callId, item.callId);
        assert.ok(detail.trace.length > 3, 'the trace is there');
      } else assert.equal((await fetch(link)).status, 200, `${link} is a page`);
    }
  } finally {
    await server.stop();
    await receiver.close();
    await psap.stop();
    removeData(server.dataDir);
  }
});

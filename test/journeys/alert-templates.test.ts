/** The words of an organization, from the API to the mail of a call: previewed, saved, sent, undone. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TemplatePreview, TemplateView } from '../../src/alerts/content/content.ts';
import { callFrom } from '../support/journey-steps.ts';
import {
  type CallDetail,
  eventually,
  listAllCalls,
  openClient,
  type PlatformClient,
} from '../support/platform-client.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';

const WAIT_MS = 20_000;
const MAIL = '/api/alert-templates/call-placed/email/en';
const OWN = {
  title: 'Own words for {{ caller.number }}',
  body: 'Guards meet at gate 4.\n{{ place.text }}\n{{ callback.number }}',
  html: '<p>Guards meet at <b>gate 4</b>.</p><p>{{ place.text }}</p><p>{{ callback.number }}</p>',
};

let platform: TimedPlatform;
let client: PlatformClient;
let operator: PlatformClient;

before(async () => {
  platform = await startTimedPlatform();
  client = openClient(platform.http, platform.firstRun.tokens.fullAdmin ?? '');
  operator = openClient(platform.http, platform.firstRun.tokens.operator);
});
after(() => platform.stop());

type Mail = { file: string; messageId: string };

/** A 911 call, and the mail that tells of it. */
async function callAndReadMail(): Promise<{ call: CallDetail; text: string }> {
  const made = await callFrom(
    { sipPort: platform.sip.port },
    { dialed: '911', from: platform.firstRun.examples?.callerNumber ?? '' },
  );
  const call = await eventually('the call with its mails', WAIT_MS, async () => {
    const item = (await listAllCalls(operator)).find(({ callId }) => callId === made.callId);
    if (!item) return undefined;
    const detail = await client.must<CallDetail>('GET', `/api/calls/${item.id}`);
    return detail.receipts.some(({ state }) => state === 'accepted') ? detail : undefined;
  });
  const wanted = call.receipts.find(({ state }) => state === 'accepted')?.messageId;
  const mail = await eventually('the mail', WAIT_MS, async () => {
    const { items } = await operator.must<{ items: Mail[] }>('GET', '/api/mail');
    return items.find(({ messageId }) => messageId === wanted);
  });
  const response = await fetch(`${platform.http}/api/mail/${mail.file}`, {
    headers: { authorization: `Bearer ${platform.firstRun.tokens.operator}` },
  });
  return { call, text: await response.text() };
}

test('words of its own: previewed, checked, saved, in the mail of the next call, and undone', async () => {
  const faulty = { trigger: 'call-placed', channel: 'email', language: 'en', body: 'Hello {{ caler }}' };
  const { faults } = await client.must<TemplatePreview>('POST', '/api/alert-templates/preview', faulty);
  assert.deepEqual(faults, [{ path: 'body', message: 'line 1, column 10: there is no fact caler' }]);
  const refused = await client.ask<{ errors: { description: string }[] }>('PUT', MAIL, { body: '{% include "x" %}' });
  assert.equal(refused.status, 400);
  assert.match(refused.body.errors[0]?.description ?? '', /^body: line 1, column 1: tag "include" not found/);
  assert.equal((await client.ask('GET', '/api/alert-templates/call-placed/webhook/en')).status, 404);

  const first = await callAndReadMail();
  const saved = await client.must<TemplateView>('PUT', MAIL, OWN);
  assert.deepEqual([saved.isDefault, saved.version, saved.warnings], [false, 1, []]);
  const { content } = await client.must<TemplatePreview>('POST', '/api/alert-templates/preview', {
    ...OWN,
    trigger: 'call-placed',
    channel: 'email',
    language: 'en',
    callId: first.call.id,
  });
  assert.ok(content?.channel === 'email');
  assert.match(content.subject, /^Own words for \+1/);

  // Memory follows what is stored: calls are made until one is told in these words.
  const { text } = await eventually('a mail in own words', 3 * WAIT_MS, async () => {
    const told = await callAndReadMail();
    return /^Subject: Own words for \+1/m.test(told.text) ? told : undefined;
  });
  assert.match(text, /Guards meet at gate 4\./);
  assert.match(text, /<b>gate 4<\/b>/);

  const undone = await client.must<TemplateView>('POST', `${MAIL}/actions/undo/invoke`, {});
  assert.equal(undone.isDefault, true);
  const { items } = await client.must<{ items: { version: number; text: unknown }[] }>('GET', `${MAIL}/versions`);
  assert.deepEqual(
    items.map(({ version, text: said }) => [version, said !== null]),
    [
      [2, false],
      [1, true],
    ],
  );
  const changed = await client.must<{ items: unknown[] }>('GET', '/api/alert-templates?isDefault=false');
  assert.deepEqual(changed.items, []);
});

test('what templates can name, and what webhooks carry, is described', async () => {
  const { items } = await client.must<{ items: { name: string }[] }>('GET', '/api/alert-templates/facts');
  assert.ok(items.some(({ name }) => name === 'callback.number'));
  const described = (await (await fetch(`${platform.http}/openapi.json`)).json()) as {
    webhooks: Record<string, unknown>;
  };
  assert.ok('emergency.call_started' in described.webhooks);
});

/** Incidents at the doors of a running platform: a call opens one, a rule passes it on, a link in a mail takes it on. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { IncidentItem, IncidentTimeline } from '../../src/alerts/incidents/incidents.ts';
import { eventually, openClient, type PlatformClient } from '../support/platform-client.ts';
import { openPhone } from '../support/sip-phone.ts';
import { type SmtpReceiver, startSmtpReceiver } from '../support/smtp-receiver.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';

const WAIT_MS = 20_000;

let smtp: SmtpReceiver;
let platform: TimedPlatform;
let client: PlatformClient;

before(async () => {
  smtp = await startSmtpReceiver();
  platform = await startTimedPlatform({ WAYMARK_SMTP_URL: smtp.url });
  client = openClient(platform.http, platform.firstRun.tokens.fullAdmin ?? '');
});
after(async () => {
  await platform.stop();
  await smtp.close();
});

async function addRecipient(name: string, language = 'en'): Promise<string> {
  const endpoints = [{ channel: 'email', address: `${name}@example.com` }];
  return (await client.must<{ id: string }>('POST', '/api/alert-recipients', { name, language, endpoints })).id;
}

async function placeCall(): Promise<void> {
  const phone = await openPhone({ host: '127.0.0.1', target: { ...platform.sip, protocol: 'udp' } });
  const call = phone.call({ from: platform.firstRun.examples?.['callerNumber'] ?? '' });
  assert.equal((await call.final()).status, 200);
  await call.ack();
  await call.request('BYE');
  await phone.close();
}

const mailTo = (name: string) => smtp.received.find((mail) => mail.to.includes(`${name}@example.com`));

const newestIncident = (isSo: (incident: IncidentItem) => boolean) =>
  eventually('an incident', WAIT_MS, async () => {
    const { items } = await client.must<{ items: IncidentItem[] }>('GET', '/api/incidents');
    return items.find(isSo);
  });

async function page(method: string, url: string): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(url, { method });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

test('a call, the second step, a click in the mail: nobody else is told, and the timeline tells it all', async () => {
  const [guard, chief, director] = [
    await addRecipient('guard'),
    await addRecipient('chief', 'fr'),
    await addRecipient('director'),
  ];
  await client.must('POST', '/api/alert-rules', {
    name: 'Chain',
    triggers: ['call-placed'],
    steps: [
      { recipientIds: [guard] },
      { afterSeconds: 600, recipientIds: [chief] },
      { afterSeconds: 1_200, recipientIds: [director] },
    ],
  });
  await eventually('the rule is known', WAIT_MS, async () => {
    const { told } = await client.must<{ told: unknown[] }>('GET', '/api/alert-rules/preview?trigger=call-placed');
    return told.length >= 3;
  });
  await placeCall();
  await eventually('the first mail', WAIT_MS, () => mailTo('guard'));
  const opened = await newestIncident(({ stepsWaiting }) => stepsWaiting === 2);
  assert.deepEqual([opened.state, opened.severity, opened.id], ['open', 'emergency', opened.callId]);
  assert.equal(mailTo('chief'), undefined);

  platform.putForward(600_000);
  const mail = await eventually('the mail of the second step', WAIT_MS, () => mailTo('chief'));
  assert.equal(mailTo('director'), undefined);
  const link = new RegExp(`${platform.http}/act/[\\w-]+`).exec(mail.mail.text ?? '')?.[0] ?? '';
  assert.notEqual(link, '', mail.mail.text);

  const shown = await page('GET', link);
  assert.equal(shown.status, 200, shown.text);
  assert.match(shown.text, /<html lang="fr">/);
  assert.match(shown.text, /APPEL AU 911[^]*Je m’en occupe/);
  assert.match(shown.headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
  assert.match(shown.headers.get('x-robots-tag') ?? '', /noindex/);
  assert.equal(shown.headers.get('cache-control'), 'no-store');
  assert.equal(
    (await client.must<IncidentItem>('GET', `/api/incidents/${opened.id}`)).state,
    'open',
    'reading changes nothing',
  );

  const done = await page('POST', link);
  assert.deepEqual([done.status, /Vous avez pris l’incident en charge/.test(done.text)], [200, true], done.text);
  const taken = await client.must<IncidentItem>('GET', `/api/incidents/${opened.id}`);
  assert.deepEqual(
    [taken.state, taken.acknowledgedBy, taken.acknowledgedVia, taken.nextStepAt],
    ['acknowledged', 'chief@example.com', 'link', null],
  );
  assert.match((await page('POST', link)).text, /déjà pris en charge.*chief@example\.com/s);

  platform.putForward(3_600_000);
  const settled = await client.must<IncidentItem>('POST', `/api/incidents/${opened.id}/actions/resolve/invoke`, {
    note: 'false alarm',
  });
  assert.equal(settled.state, 'resolved');
  const { entries } = await client.must<IncidentTimeline>('GET', `/api/incidents/${opened.id}/timeline`);
  const kinds = entries.map(({ kind }) => kind);
  for (const kind of [
    'call.placed',
    'call.routed',
    'call.attempted',
    'call.answered',
    'call.ended',
    'incident.opened',
    'alert.queued',
    'alert.accepted',
    'incident.escalated',
    'incident.acknowledged',
    'incident.resolved',
  ]) {
    assert.ok(kinds.includes(kind as (typeof kinds)[number]), `${kind} is in ${kinds.join(', ')}`);
  }
  assert.deepEqual(
    entries.map(({ at }) => at),
    entries.map(({ at }) => at).toSorted(),
  );
  assert.equal(mailTo('director'), undefined, 'nobody else was told');
});

test('the timeline as a table and as a page; lists and exports; events of a listener', async () => {
  const { id } = await newestIncident(() => true);
  const authorization = `Bearer ${platform.firstRun.tokens.fullAdmin ?? ''}`;
  const read = async (path: string) => {
    const response = await fetch(`${platform.http}${path}`, { headers: { authorization } });
    return { type: response.headers.get('content-type') ?? '', text: await response.text() };
  };
  const csv = await read(`/api/incidents/${id}/timeline?format=csv`);
  assert.match(csv.type, /^text\/csv/);
  assert.match(csv.text, /^at,source,kind,text,isTimeDerived\r\n/);
  const html = await read(`/api/incidents/${id}/timeline?format=html`);
  assert.match(html.type, /^text\/html/);
  assert.match(html.text, /<h1>Emergency call: /);
  assert.doesNotMatch(html.text, /<script|src=|href=/);
  const all = await read('/api/incidents/export?format=ndjson');
  assert.ok(
    all.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as IncidentItem)
      .some((one) => one.id === id),
  );
  const events = await eventually('the events', WAIT_MS, async () => {
    const { text } = await read('/api/events?follow=false');
    return /event: incident\.resolved/.test(text) ? text : undefined;
  });
  for (const type of ['opened', 'escalated', 'acknowledged', 'resolved'])
    assert.match(events, new RegExp(`event: incident\\.${type}\\n`));
});

test('who was told learns who took it on, where the organization wants that', async () => {
  const settings = await client.must<{ tellsAcknowledgements: boolean }>('PUT', '/api/alert-settings', {
    tellsAcknowledgements: true,
  });
  assert.equal(settings.tellsAcknowledgements, true);
  await placeCall();
  const { id } = await newestIncident(({ state }) => state === 'open');
  await eventually(
    'the first message',
    WAIT_MS,
    () => smtp.received.filter((mail) => mail.to.includes('guard@example.com')).length === 2,
  );
  await client.must('POST', `/api/incidents/${id}/actions/acknowledge/invoke`, {});
  const told = () =>
    smtp.received.filter(({ mail }) => /acknowledged/i.test(mail.subject ?? '')).flatMap(({ to }) => to);
  await eventually('mails', WAIT_MS, () => told().includes('guard@example.com'));
  assert.ok(!told().some((address) => /chief|director/.test(address)), 'the later steps had told nobody yet');
});

test('links that are none say so in both languages, and nothing more', async () => {
  const answer = await page('GET', `${platform.http}/act/${'A'.repeat(90)}`);
  assert.equal(answer.status, 404);
  assert.match(answer.text, /not valid[^]*pas valide/);
  assert.doesNotMatch(answer.text, /Emergency/);
});

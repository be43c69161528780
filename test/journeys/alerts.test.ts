/** Alerts from a call to people and programs: a real platform, and a real server behind every channel. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { DrillPlan, DrillView } from '../../src/alerts/alerts.ts';
import { type AlertWorld, alertEnv, openAlertWorld } from '../support/alert-world.ts';
import { openPsap, type PsapWorld } from '../support/call-world.ts';
import { eventually, listAllCalls, openClient, type PlatformClient } from '../support/platform-client.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';
import { openPhone } from '../support/sip-phone.ts';
import { type SmtpReceiver, startSmtpReceiver } from '../support/smtp-receiver.ts';

type IncidentView = { id: string; state: string; acknowledgedBy: string | null; isDrill: boolean; severity: string };

const WAIT_MS = 30_000;

let mail: SmtpReceiver;
let psap: PsapWorld;
let server: RunningPlatform;
let client: PlatformClient;
let operator: PlatformClient;
let from: string;
let world: AlertWorld;
const ends: (() => void)[] = [];

before(async () => {
  mail = await startSmtpReceiver();
  psap = await openPsap('answer');
  server = await runPlatform({
    env: { ...alertEnv(mail), WAYMARK_RELAY_URI: psap.uri('relay'), WAYMARK_OPERATOR_MAIL: 'operator@example.com' },
  });
  const { tokens, examples } = server.firstRun();
  client = openClient(server.http, tokens.fullAdmin ?? '');
  operator = openClient(server.http, tokens.operator);
  from = examples?.['callerNumber'] ?? '';
  world = await openAlertWorld(client, mail, (end) => ends.push(end));
});

after(async () => {
  await server.stop();
  removeData(server.dataDir);
  await psap.stop();
  await mail.close();
  for (const end of ends) end();
});

/** Places a call, waits until it has ended, and gives its id. */
async function call(dialed = '911', number = from): Promise<string> {
  const known = new Set((await listAllCalls(operator)).map(({ id }) => id));
  const phone = await openPhone({ target: { protocol: 'udp', address: '127.0.0.1', port: server.sipPort } });
  const asserted = { name: 'P-Asserted-Identity', value: `<sip:${number}@${phone.sentBy};user=phone>` };
  const placed = phone.call({ uri: `sip:${dialed}@${phone.sentBy}`, headers: [asserted] });
  try {
    assert.equal((await placed.final()).status, 200);
    await placed.ack();
    await placed.request('BYE');
  } finally {
    await phone.close();
  }
  return eventually(
    'the call is stored',
    WAIT_MS,
    async () => (await listAllCalls(operator)).find(({ id, endedAt }) => !known.has(id) && endedAt !== null)?.id,
  );
}

const incident = (id: string): Promise<IncidentView> => client.must('GET', `/api/incidents/${id}`);
const webhooksOf = (id: string) => world.webhooks().filter(({ data }) => data.subjectId === id);
const mailsAbout = (address: string, id: string) => world.mailsTo(address).filter(({ text }) => text.includes(id));

/** The one-time link of a message. */
function linkIn(text: string): string {
  const link = /https?:\/\/\S+\/act\/[\w.~-]+/.exec(text)?.[0];
  assert.ok(link, `a link to acknowledge in: ${text}`);
  return link;
}

test('a 911 call tells every channel in its words, its end who asked for it, and later steps while nobody acts', async (t) => {
  const { ids } = world;
  const rule = await world.addRule(
    'Everybody',
    ['call-placed', 'call-ended'],
    [
      { afterSeconds: 0, recipientIds: [ids.mail, ids.webhook, ids.chat] },
      { afterSeconds: 1, recipientIds: [ids.sms] },
    ],
  );
  t.after(() => world.removeRule(rule));
  const id = await call();
  await eventually('mail, webhook and chat', WAIT_MS, () => {
    return (
      webhooksOf(id).length === 2 && world.chats().length === 2 && mailsAbout('guard@example.com', id).length === 2
    );
  });
  assert.deepEqual(
    webhooksOf(id)
      .map(({ type, data }) => [type, data['severity'], data['isDrill']].join(' '))
      .toSorted(),
    ['emergency.call_ended info false', 'emergency.call_started emergency false'],
  );
  const started = mailsAbout('guard@example.com', id).find(({ subject }) => subject.startsWith('911 CALL'));
  assert.match(started?.text ?? '', /Callback number/);
  assert.ok(linkIn(started?.text ?? ''));
  assert.ok(
    world.chats().some(({ body }) => /appel/i.test(body)),
    'French for who reads French',
  );
  const [sms] = await eventually('the later step', WAIT_MS, () => world.texts().length > 0 && world.texts());
  assert.equal(sms?.to, '+12145550177');
  assert.match(sms?.text ?? '', /911/);
  assert.equal((await incident(id)).state, 'open');
  await eventually('a receipt of every channel', WAIT_MS, async () => {
    const { receipts } = await client.must<{ receipts: { channel: string; state: string }[] }>(
      'GET',
      `/api/calls/${id}`,
    );
    const taken = new Set(receipts.filter(({ state }) => state === 'accepted').map(({ channel }) => channel));
    return ['email', 'webhook', 'chat', 'sms'].every((channel) => taken.has(channel));
  });
});

test('who acknowledges by the link in a mail stops later steps; looking at the link changes nothing', async (t) => {
  const { ids } = world;
  const rule = await world.addRule(
    'Chain',
    ['call-placed'],
    [
      { afterSeconds: 0, recipientIds: [ids.mail] },
      { afterSeconds: 5, recipientIds: [ids.sms] },
    ],
  );
  t.after(() => world.removeRule(rule));
  const textsBefore = world.texts().length;
  const taken = await call();
  const link = linkIn((await eventually('the mail', WAIT_MS, () => mailsAbout('guard@example.com', taken)[0])).text);
  const page = await fetch(link);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /method="post"/);
  assert.equal((await incident(taken)).state, 'open', 'mail scanners follow links');
  assert.equal((await fetch(link, { method: 'POST' })).status, 200);
  const { state, acknowledgedBy } = await incident(taken);
  assert.deepEqual({ state, acknowledgedBy }, { state: 'acknowledged', acknowledgedBy: 'guard@example.com' });
  // The step of a call that came later and that nobody took is the sign that the first one's time has passed.
  const left = await call();
  await eventually('the step of the call that nobody took', WAIT_MS, () => world.texts().length > textsBefore);
  assert.equal((await incident(left)).state, 'open');
  assert.equal(world.texts().length, textsBefore + 1);
  const again = await fetch(link, { method: 'POST' });
  assert.match(await again.text(), /guard@example\.com/, 'it says who was first');
});

test('a schedule decides who is told; of an emergency with nobody on duty everybody is, and the reason says so', async (t) => {
  const NEVER = {
    timeZone: 'UTC',
    windows: [],
    exceptions: [{ date: '2001-01-01', windows: [{ from: '00:00', to: '24:00' }] }],
  };
  const ALWAYS = {
    timeZone: 'UTC',
    windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', to: '24:00' }],
    exceptions: [],
  };
  const [off, on, alone] = await Promise.all([
    world.addMail('Offduty', { schedule: NEVER }),
    world.addMail('Onduty', { schedule: ALWAYS }),
    world.addMail('Alone', { schedule: NEVER }),
  ]);
  const rules = await Promise.all([
    world.addRule('Watch', ['call-placed', 'test-call'], [{ recipientIds: [off, on] }]),
    world.addRule('Lonely', ['call-placed', 'test-call'], [{ recipientIds: [alone] }]),
  ]);
  t.after(() => Promise.all(rules.map((rule) => world.removeRule(rule))));
  const emergency = await call();
  await eventually('who is on duty', WAIT_MS, () => mailsAbout('onduty@example.com', emergency).length > 0);
  await eventually('who is alone', WAIT_MS, () => mailsAbout('alone@example.com', emergency).length > 0);
  const { receipts } = await client.must<{ receipts: { recipient: string; reasons: string[] }[] }>(
    'GET',
    `/api/calls/${emergency}`,
  );
  assert.ok(!receipts.some(({ recipient }) => recipient === 'offduty@example.com'));
  assert.match(receipts.find(({ recipient }) => recipient === 'alone@example.com')?.reasons.join() ?? '', /nobody/);
  // A test call is no emergency: nobody is told out of hours.
  const tried = await call('933');
  await eventually('the test call', WAIT_MS, () => mailsAbout('onduty@example.com', tried).length > 0);
  assert.equal(mailsAbout('alone@example.com', tried).length, 0);
  assert.match(mailsAbout('onduty@example.com', tried)[0]?.subject ?? '', /933/);
});

test('a drill takes the whole way, says on every channel that it is one, and is measured', async (t) => {
  const { ids } = world;
  const rule = await world.addRule(
    'Fire wardens',
    ['call-placed'],
    [
      { afterSeconds: 0, recipientIds: [ids.mail, ids.webhook, ids.chat, ids.sms] },
      { afterSeconds: 3_600, recipientIds: [await world.addMail('Chief')] },
    ],
  );
  t.after(() => world.removeRule(rule));
  const before = { chats: world.chats().length, texts: world.texts().length };
  const wanted = { ruleId: rule, note: 'Monthly drill <b>', locationId: server.firstRun().locations?.[0]?.id };
  const plan = await client.must<DrillPlan>('POST', '/api/drills', { ...wanted, dryRun: true });
  assert.equal(plan.recipients.length, 5);
  assert.equal((await client.must<{ items: unknown[] }>('GET', '/api/drills')).items.length, 0, 'nothing was sent');
  const { id, incidentId } = await client.must<DrillView>('POST', '/api/drills', wanted);
  const done = await eventually('every channel took it', WAIT_MS, async () => {
    const view = await client.must<DrillView>('GET', `/api/drills/${id}`);
    return view.counts.accepted === 4 && view;
  });
  assert.equal(done.counts['not-sent'], 1, 'the chief would come in an hour');
  for (const { channel, acceptedAfterMs } of done.results.filter(({ state }) => state === 'accepted')) {
    assert.ok(acceptedAfterMs !== null && acceptedAfterMs >= 0 && acceptedAfterMs < WAIT_MS, channel);
    t.diagnostic(`drill: ${channel} took it after ${acceptedAfterMs} ms`);
  }
  const told = mailsAbout('guard@example.com', 'Monthly drill');
  assert.equal(told.length, 1);
  assert.match(told[0]?.subject ?? '', /DRILL/);
  assert.match(world.texts().at(before.texts)?.text ?? '', /DRILL/);
  assert.match(world.chats().at(before.chats)?.body ?? '', /EXERCICE/, 'in French too');
  assert.deepEqual(
    webhooksOf(id).map(({ type, data }) => [type, data['isDrill'], data['severity']]),
    [['drill.started', true, 'warning']],
  );
  const opened = await incident(incidentId);
  assert.deepEqual([opened.isDrill, opened.severity, opened.state], [true, 'warning', 'open']);
  assert.equal((await fetch(linkIn(told[0]?.text ?? ''), { method: 'POST' })).status, 200);
  assert.equal((await incident(incidentId)).state, 'acknowledged');
  const csv = await (
    await fetch(`${server.http}/api/drills/${id}/export`, {
      headers: { authorization: `Bearer ${server.firstRun().tokens.fullAdmin}` },
    })
  ).text();
  assert.equal(csv.trim().split('\r\n').length, 6);
  assert.match(csv, /guard@example\.com,email,0,accepted/);
  const faulty = await client.ask('POST', '/api/drills', { ruleId: rule, trigger: 'call-placed' });
  assert.equal(faulty.status, 400);
});

test('what is settled for the organization holds: stages and test calls reach whom the notification settings name', async () => {
  const settings = await client.must<{ contractTriggers: string[] }>('GET', '/api/alert-settings');
  assert.ok(!settings.contractTriggers.includes('test-call'));
  assert.equal((await client.ask('PUT', '/api/alert-settings', { contractTriggers: ['test-call'] })).status, 400);
  await client.must('PUT', '/api/alert-settings', {
    contractTriggers: [...settings.contractTriggers, 'test-call', 'stage-changed'],
  });
  const tried = await call('933');
  await eventually('those of the contract hear of a test call', WAIT_MS, () =>
    mail.received.some(({ mail: { text = '', subject = '' } }) => /933/.test(subject) && text.includes(tried)),
  );
  await client.must('PUT', '/v1/telephony/config/redSky/status', { complianceStatus: 'OPTED_OUT' });
  await eventually('and of a stage', WAIT_MS, () =>
    mail.received.some(({ mail: { subject = '' } }) => /opted out/i.test(subject)),
  );
});

test('a call of which nobody is told, because it is not known whose it is, is told to the operator', async () => {
  const id = await call('911', '+19995550147');
  const [told] = await eventually('the mail', WAIT_MS, () => {
    const mails = mailsAbout('operator@example.com', id);
    return mails.length > 0 && mails;
  });
  assert.match(told?.subject ?? '', /911 call of which nobody else is told – .*\+19995550147/);
  assert.ok(told?.text.includes(`/calls/${id}`));
});

/** Recipients, groups and rules at the doors of a running platform: who is told of a call, and why, before and after places move. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type {
  AlertPreview,
  AlertRecipient,
  AlertRuleView,
  NewRecipient,
  NewRule,
} from '../../src/alerts/recipients/alert-recipients.ts';
import { plainId } from '../../src/wire/webex/resource-id.ts';
import { callFrom } from '../support/journey-steps.ts';
import {
  type CallDetail,
  eventually,
  listAllCalls,
  openClient,
  type PlatformClient,
} from '../support/platform-client.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';

type Thing = { id: string };
type Building = Thing & { locationId: string; alertingEmail: string };

const WAIT_MS = 20_000;

let platform: TimedPlatform;
let client: PlatformClient;
let operator: PlatformClient;

before(async () => {
  platform = await startTimedPlatform();
  client = openClient(platform.http, platform.firstRun.tokens.fullAdmin ?? '');
  operator = openClient(platform.http, platform.firstRun.tokens.operator);
});
after(() => platform.stop());

const addRecipient = (name: string, more: Partial<NewRecipient> = {}): Promise<AlertRecipient> =>
  client.must('POST', '/api/alert-recipients', {
    name,
    endpoints: [{ channel: 'email', address: `${name.toLowerCase()}@example.com` }],
    ...more,
  });
const addRule = (rule: NewRule): Promise<AlertRuleView> => client.must('POST', '/api/alert-rules', rule);
const list = async <Item>(path: string): Promise<Item[]> => (await client.must<{ items: Item[] }>('GET', path)).items;

/** Memory follows what is stored: asked until it says so. */
const preview = (query: string, isSo: (told: string[]) => boolean): Promise<AlertPreview> =>
  eventually(`a preview of ${query}`, WAIT_MS, async () => {
    const answer = await client.must<AlertPreview>('GET', `/api/alert-rules/preview?${query}`);
    return isSo(answer.told.map(({ label }) => label)) ? answer : undefined;
  });

test('rules hold at places; places that move or are merged keep them; a call tells whom the preview named', async () => {
  const [first, second] = await list<Building>('/api/buildings');
  assert.ok(first && second);
  const lab = await client.must<Thing>('POST', '/api/response-locations', {
    locationId: first.locationId,
    name: 'Alert lab',
    detail: { FLR: '8' },
  });
  const guard = await addRecipient('Guard', { language: 'fr' });
  const nurse = await addRecipient('Nurse');
  const chief = await addRecipient('Chief');
  const crew = await client.must<Thing>('POST', '/api/alert-groups', { name: 'Crew', recipientIds: [guard.id] });
  const steps = (id: string) => [{ recipientIds: [id] }];
  const triggers = ['call-placed'] as const;
  await addRule({ name: 'Lab', place: { kind: 'response-location', id: lab.id }, triggers, steps: steps(nurse.id) });
  const building = await addRule({
    name: 'Building',
    place: { kind: 'building', id: second.id },
    triggers,
    steps: [{ groupIds: [crew.id] }, { afterSeconds: 600, recipientIds: [chief.id] }],
  });
  // Ids of the Webex-compatible API are taken too.
  const contractId = platform.firstRun.locations?.[0]?.id ?? '';
  const webex = await addRule({
    name: 'Webex',
    place: { kind: 'location', id: contractId },
    triggers: ['drill'],
    steps: steps(chief.id),
  });
  assert.equal(webex.place.id, plainId(contractId));

  const before = await preview(`trigger=call-placed&responseLocationId=${lab.id}`, (told) =>
    told.includes('nurse@example.com'),
  );
  assert.ok(!before.told.some(({ label }) => label === 'guard@example.com'), 'it is the other building');
  assert.ok(before.told.some(({ label, recipientId }) => label === first.alertingEmail && recipientId === null));

  // A place that a rule names is not removed under it.
  const refused = await client.ask<{ detail?: string; message?: string }>(
    'DELETE',
    `/api/response-locations/${lab.id}`,
  );
  assert.equal(refused.status, 409);
  assert.match(JSON.stringify(refused.body), /rule of alerts/);

  // The lab moves to the other building, which is then merged into a third one's place: here the first.
  await client.must('POST', `/api/response-locations/${lab.id}/move`, { locationId: second.locationId });
  await preview(`trigger=call-placed&responseLocationId=${lab.id}`, (told) => told.includes('guard@example.com'));
  await client.must('POST', `/api/buildings/${second.id}/merge`, { into: first.id, sameNames: 'merge' });
  const moved = await client.must<AlertRuleView>('GET', `/api/alert-rules/${building.id}`);
  assert.deepEqual(moved.place, { kind: 'building', id: first.id });
  const merged = await preview(`trigger=call-placed&locationId=${first.locationId}`, (told) =>
    told.includes('guard@example.com'),
  );
  assert.deepEqual(
    merged.told
      .filter(({ recipientId }) => recipientId !== null)
      .map(({ recipientName, afterSeconds, reasons }) => [recipientName, afterSeconds, ...reasons]),
    [
      ['Guard', 0, 'rule "Building", group "Crew"'],
      ['Chief', 600, 'rule "Building"'],
    ],
  );

  // Whoever is called for is told, and the receipt says why.
  await client.must('POST', '/api/wire-map', { kind: 'mac', value: '02:00:5e:00:48:01', responseLocationId: lab.id });
  const caller = platform.firstRun.examples?.callerNumber ?? '';
  const everywhere = await addRule({
    name: 'Everywhere',
    triggers: ['call-placed', 'relay-used'],
    steps: steps(guard.id),
  });
  await preview('', (told) => told.includes('guard@example.com'));
  const call = await callFrom({ sipPort: platform.sip.port }, { dialed: '911', from: caller });
  const record = await eventually('the call', WAIT_MS, async () =>
    (await listAllCalls(operator)).find((one) => one.callId === call.callId && one.outcome === 'completed'),
  );
  const receipts = await eventually('the alert of the guard', WAIT_MS, async () => {
    const detail = await client.must<CallDetail>('GET', `/api/calls/${record.id}`);
    return detail.receipts.some(({ recipient, state }) => recipient === 'guard@example.com' && state === 'accepted')
      ? detail.receipts
      : undefined;
  });
  assert.equal(
    receipts.filter(({ recipient }) => recipient === 'guard@example.com').length,
    1,
    'one mail, whatever the reasons',
  );
  assert.match(JSON.stringify(receipts), /rule \\"Everywhere\\"/);
  assert.ok(!receipts.some(({ recipient }) => recipient === 'chief@example.com'), 'the second step is later');
  await client.must('DELETE', `/api/alert-rules/${everywhere.id}`);
});

test('settings of the contract stand among the rules, as they are written', async () => {
  await client.must('PUT', '/v1/telephony/config/emergencyCallNotification', {
    emergencyCallNotificationEnabled: true,
    allowEmailNotificationAllLocationEnabled: true,
    emailAddress: 'security@example.com',
  });
  const rule = await eventually('the rule of the settings', WAIT_MS, async () =>
    (await list<AlertRuleView>('/api/alert-rules?source=organization-settings')).find(
      (one) => 'addresses' in one && one.addresses.includes('security@example.com'),
    ),
  );
  assert.equal(rule.isEnabled, true);
  assert.deepEqual(await client.must('GET', `/api/alert-rules/${rule.id}`), rule);
  assert.equal((await client.ask('PATCH', `/api/alert-rules/${rule.id}`, { isEnabled: false })).status, 409);
  assert.equal((await client.ask('DELETE', `/api/alert-rules/${rule.id}`)).status, 409);
  const told = await preview('trigger=location-unknown', (labels) => labels.includes('security@example.com'));
  assert.ok(
    told.told.some(({ reasons }) =>
      reasons.includes('emergency call notification of the organization for all locations'),
    ),
  );
  assert.deepEqual(await list('/api/alert-rules/gaps'), [], 'the organization hears of every location');
});

test('who would hear nothing is listed until somebody does', async () => {
  await client.must('PUT', '/v1/telephony/config/emergencyCallNotification', {
    emergencyCallNotificationEnabled: false,
  });
  const location = await client.must<Thing>('POST', '/v1/locations', {
    name: 'Silent depot',
    timeZone: 'America/Chicago',
    preferredLanguage: 'en_us',
    announcementLanguage: 'en_us',
    address: { address1: '301 W 2nd St', city: 'Austin', state: 'TX', postalCode: '78701', country: 'US' },
  });
  type Gap = { locationId: string; name: string; reasons: string[] };
  const gap = await eventually('the gap', WAIT_MS, async () =>
    (await list<Gap>('/api/alert-rules/gaps')).find(({ name }) => name === 'Silent depot'),
  );
  assert.ok(gap.reasons.includes("the organization's emergency call notification has an address and is disabled"));
  assert.ok(gap.reasons.includes('no rule here tells of calls that are placed'));
  const porter = await addRecipient('Porter');
  await addRule({
    name: 'Depot',
    place: { kind: 'location', id: location.id },
    triggers: ['call-placed'],
    steps: [{ recipientIds: [porter.id] }],
  });
  await eventually('the gap closed', WAIT_MS, async () =>
    (await list<Gap>('/api/alert-rules/gaps')).every(({ name }) => name !== 'Silent depot'),
  );
});

test('requests that make no sense are refused by name', async () => {
  const refusals = [
    ['GET', '/api/alert-rules/preview?trigger=never', undefined, /trigger/],
    ['GET', '/api/alert-rules/preview?trigger=drill&at=tomorrow', undefined, /at/],
    [
      'GET',
      '/api/alert-rules/preview?trigger=drill&locationId=00000000-0000-4000-8000-000000000000',
      undefined,
      /locationId/,
    ],
    ['POST', '/api/alert-recipients', { name: 'x', endpoints: [{ channel: 'pigeon' }] }, /channel/],
    [
      'POST',
      '/api/alert-recipients',
      { name: 'x', endpoints: [{ channel: 'email', address: 'a@b\r\nBcc: c@d' }] },
      /address/,
    ],
    [
      'POST',
      '/api/alert-rules',
      { name: 'x', triggers: ['call-placed'], steps: [{ afterSeconds: -1, groupIds: [] }] },
      /afterSeconds/,
    ],
  ] as const;
  for (const [method, path, body, says] of refusals) {
    const { status, body: answer } = await client.ask(method, path, body);
    assert.equal(status, 400, `${method} ${path}`);
    assert.match(JSON.stringify(answer), says);
  }
});

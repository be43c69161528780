/**
 * Onboarding stage by stage, from the `fresh` organization with nothing but curl, and after every change one 911 and one 933
 * call from a number of that organization with SIPp: what each stage switches on, seen from outside.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { CallItem } from '../../src/calls/calls.ts';
import { skipWithout } from '../support/parts.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';
import { headerOf, type PhoneReport, runSippUac } from '../support/sipp.ts';

type Json = Record<string, unknown>;
type Answer = { status: number; text: string; body: Json };
type Client = (method: string, path: string, body?: unknown) => Promise<Answer>;

const SIPP = { skip: skipWithout('sipp') };
const CONFIG = '/v1/telephony/config';
const STATUS = `${CONFIG}/redSky/status`;
const NUMBER = '+13035550101';
const STAGES = ['LOCATION_SETUP', 'ALERTS', 'NETWORK_ELEMENTS', 'ROUTING_ENABLED'] as const;
const LOCATION = {
  name: 'MainOffice',
  timeZone: 'America/Denver',
  preferredLanguage: 'en_us',
  announcementLanguage: 'en_us',
  address: { address1: '1437 Bannock St', city: 'Denver', state: 'CO', postalCode: '80202', country: 'US' },
};
/** After these the phone waits for the agent to hang up. */
const HEARD_OUT: ReadonlySet<string> = new Set(['a location, no account', 'ROUTING_ENABLED']);
const LISTED_WITHIN_MS = 10_000;
const SPOKEN_WITHIN_MS = 60_000;

let platform: RunningPlatform;

before(async () => {
  platform = await runPlatform();
});

after(async () => {
  await platform.stop();
  removeData(platform.dataDir);
});

function readAnswer(status: number, text: string): Answer {
  return { status, text, body: (text.startsWith('{') ? JSON.parse(text) : {}) as Json };
}

/** An administrator's curl: a process of its own for every request. */
function curlClient(token: string): Client {
  return async (method, path, body) => {
    const data = body === undefined ? [] : ['-H', 'Content-Type: application/json', '-d', JSON.stringify(body)];
    const form = [
      '-sS',
      '--max-time',
      '30',
      '-w',
      '\n%{http_code}',
      '-H',
      `Authorization: Bearer ${token}`,
      '-X',
      method,
    ];
    const child = spawn('curl', [...form, ...data, `${platform.http}${path}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const [code] = (await once(child, 'close')) as [number | null];
    assert.equal(code, 0, `curl ${method} ${path}`);
    const end = output.lastIndexOf('\n');
    return readAnswer(Number(output.slice(end + 1)), output.slice(0, end));
  };
}

function fetchClient(token: string): Client {
  return async (method, path, body) => {
    const response = await fetch(`${platform.http}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json;charset=utf-8' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return readAnswer(response.status, await response.text());
  };
}

async function must(promise: Promise<Answer>, status: number): Promise<Json> {
  const answer = await promise;
  assert.equal(answer.status, status, answer.text);
  return answer.body;
}

/** The contract's error envelope; gives its descriptions. */
async function refused(promise: Promise<Answer>, status: number): Promise<string> {
  const { errors, message, trackingId } = (await must(promise, status)) as {
    errors: { description: string }[];
    message: string;
    trackingId: string;
  };
  assert.ok(message !== '' && trackingId !== '');
  return errors.map(({ description }) => description).join('; ');
}

/** One line of the table: what the status says, and where calls go. */
type Row = {
  after: string;
  orgStatus: string;
  complianceStatus: string;
  state: string | undefined;
  integrationEnabled: unknown;
  routingEnabled: unknown;
  /** Of the 911 call: what the answer at the phone says, and what the record says. */
  answeredBy: string | undefined;
  kind: string | undefined;
  flags: string;
  /** What the 933 agent says about stages and routing. */
  spoken: string;
};

const phones: Promise<PhoneReport>[] = [];
const seenCalls = new Set<string>();

async function newCall(ask: Client, kind: '911' | '933'): Promise<CallItem> {
  const limit = performance.now() + LISTED_WITHIN_MS;
  for (;;) {
    const { items } = (await must(ask('GET', '/api/calls?max=10'), 200)) as { items: CallItem[] };
    const found = items.find((item) => !seenCalls.has(item.id) && item.kind === kind && item.outcome !== 'routing');
    if (found) {
      seenCalls.add(found.id);
      return found;
    }
    assert.ok(performance.now() < limit, `the ${kind} call is listed in time`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The phone's number is in P-Asserted-Identity, as a calling platform sends it. */
function dial(dialed: '911' | '933', scenario: 'uac-911' | 'uac-933'): Promise<PhoneReport> {
  const phone = runSippUac({
    scenario,
    target: { address: '127.0.0.1', port: platform.sipPort },
    requestUri: `sip:${dialed}@127.0.0.1:${platform.sipPort}`,
    caller: NUMBER,
    headers: [`P-Asserted-Identity: <sip:${NUMBER}@127.0.0.1;user=phone>`],
    answerTimeoutMs: SPOKEN_WITHIN_MS,
    timeoutMs: SPOKEN_WITHIN_MS + 10_000,
  });
  phones.push(phone);
  return phone;
}

async function observe(ask: Client, after: string, location: string): Promise<Row> {
  const status = await must(ask('GET', STATUS), 200);
  const parameters = await must(ask('GET', `${CONFIG}/locations/${location}/redSky`), 200);
  const emergency = await dial('911', 'uac-911');
  const answer = emergency.messages.find(({ startLine }) => startLine === 'SIP/2.0 200 OK');
  assert.ok(answer, `after ${after} the 911 call is answered: ${emergency.errors}`);
  const record = await newCall(ask, '911');
  // Whoever listens to the end does so while the next stages are taken; the others hang up once it is answered.
  void dial('933', HEARD_OUT.has(after) ? 'uac-933' : 'uac-911');
  const testCall = await newCall(ask, '933');
  const { orgStatus, complianceStatus, locationsStatus } = status as {
    orgStatus: string;
    complianceStatus: string;
    locationsStatus?: { state?: string };
  };
  const sentences = (testCall.spokenText ?? '').split(/(?<=\.) (?=[A-Z])/);
  return {
    after,
    orgStatus,
    complianceStatus,
    state: locationsStatus?.state,
    integrationEnabled: parameters['integrationEnabled'],
    routingEnabled: parameters['routingEnabled'],
    answeredBy: headerOf(answer, 'X-Waymark-Simulated-Psap'),
    kind: record.destination?.kind,
    // How quick the disk was is not the stage's doing.
    flags: record.flags.filter((flag) => flag !== 'journal-late').join(' '),
    spoken: sentences.filter((text) => /not enabled|not switched on|missing|opted out|A real/.test(text)).join(' '),
  };
}

const RELAY = { answeredBy: 'relay-us', kind: 'relay', flags: 'not-enabled relay' };
const DIRECT = { answeredBy: 'us-county-08031', kind: 'psap', flags: '' };
const TO_RELAY =
  'A real 9 1 1 call would go to Relay centre US simulated, where an agent asks for your location, because';
const NOT_YET = 'Test calls are not enabled for this location yet. What is missing:';
const SWITCHED_OFF = 'The emergency service is not switched on for this organization.';
const NOTHING_ON = { integrationEnabled: false, routingEnabled: false };
const IN_PROGRESS = { orgStatus: 'INITIALISE', complianceStatus: 'NON_COMPLIANT' };
const NOT_ENABLED = `${TO_RELAY} routing is not enabled.`;

const ROUTING_ON = {
  orgStatus: 'ENABLED',
  complianceStatus: 'COMPLIANT',
  state: 'ROUTING_ENABLE',
  integrationEnabled: true,
  routingEnabled: true,
  ...DIRECT,
  spoken: 'A real 9 1 1 call would go directly to Denver County, Colorado county-level default, simulated PSAP.',
};
const SET_UP = {
  ...IN_PROGRESS,
  state: 'LOCATION_SETUP',
  ...NOTHING_ON,
  ...RELAY,
  spoken: `${NOT_YET} the alert recipients and the network elements. ${NOT_ENABLED}`,
};
const NOTHING_DONE = {
  ...SET_UP,
  spoken: `${NOT_YET} the location setup, the alert recipients and the network elements. ${NOT_ENABLED}`,
};
const OPTED_OUT_CALLS = {
  ...NOTHING_ON,
  ...RELAY,
  flags: 'opted-out relay',
  spoken: `This location has opted out of the emergency service. ${TO_RELAY} this location has opted out.`,
};

/** facts: what each stage switches on; decisions 1, 4, 6, 9 and 10. */
const EXPECTED: readonly Row[] = [
  {
    after: 'a location, no account',
    ...NOTHING_DONE,
    spoken:
      `${SWITCHED_OFF} ${NOT_YET} the location setup, the alert recipients and the network elements. ` +
      `${TO_RELAY} the emergency service is not switched on.`,
  },
  { after: 'POST redSky', ...NOTHING_DONE },
  { after: 'LOCATION_SETUP', ...SET_UP },
  {
    after: 'ALERTS',
    ...IN_PROGRESS,
    state: 'ALERTS',
    ...NOTHING_ON,
    ...RELAY,
    spoken: `${NOT_YET} the network elements. ${NOT_ENABLED}`,
  },
  {
    after: 'NETWORK_ELEMENTS',
    ...IN_PROGRESS,
    state: 'NETWORK_ELEMENTS',
    integrationEnabled: true,
    routingEnabled: false,
    ...RELAY,
    spoken:
      'Emergency routing is not enabled for this location yet. What is missing: the confirmation that routing is enabled. ' +
      NOT_ENABLED,
  },
  { after: 'ROUTING_ENABLED', ...ROUTING_ON },
  {
    after: 'OPTED_OUT',
    orgStatus: 'OPTED_OUT',
    complianceStatus: 'OPTED_OUT',
    state: undefined,
    ...OPTED_OUT_CALLS,
  },
  { after: 'LOCATION_SETUP (back)', ...SET_UP },
  { after: 'ROUTING_ENABLED (again)', ...ROUTING_ON },
  {
    after: 'OPTED_OUT (the location)',
    orgStatus: 'ENABLED',
    complianceStatus: 'NON_COMPLIANT',
    state: undefined,
    ...OPTED_OUT_CALLS,
  },
  { after: 'LOCATION_SETUP (the location, back)', ...SET_UP, orgStatus: 'ENABLED' },
  { after: 'ROUTING_ENABLED (the location)', ...ROUTING_ON },
  // Decision 37: nothing that was completed is lost, and no call either.
  {
    ...ROUTING_ON,
    after: 'the service switched off',
    ...NOTHING_ON,
    ...RELAY,
    spoken:
      `${SWITCHED_OFF} Test calls are not enabled for this location yet. ` +
      `${TO_RELAY} the emergency service is not switched on.`,
  },
  { after: 'the service switched on again', ...ROUTING_ON },
];

function printTable(rows: readonly Row[]): string {
  return rows
    .map((row) =>
      [
        row.after.padEnd(36),
        `${row.orgStatus}/${row.complianceStatus}`.padEnd(26),
        `state ${row.state ?? '-'}`.padEnd(23),
        `933 ${row.integrationEnabled ? 'on ' : 'off'} 911 ${row.routingEnabled ? 'on ' : 'off'}`,
        `911 -> ${row.answeredBy} (${row.kind}${row.flags === '' ? '' : `, ${row.flags}`})`.padEnd(40),
        `933: ${row.spoken}`,
      ].join(' | '),
    )
    .join('\n');
}

test(
  'from the fresh organization with curl: after every change the status, one 911 and one 933 call',
  SIPP,
  async (t) => {
    const ask = curlClient(platform.firstRun().fresh?.tokens.fullAdmin ?? '');
    const put = (complianceStatus: string, path = STATUS): Promise<Answer> => ask('PUT', path, { complianceStatus });
    const rows: Row[] = [];

    // Decision 6: before an account.
    assert.deepEqual(await must(ask('GET', `${CONFIG}/redSky`), 200), { enabled: false, locationsEnabled: false });
    assert.deepEqual(await must(ask('GET', STATUS), 200), { ...IN_PROGRESS, adminExists: false });
    assert.match(await refused(put('LOCATION_SETUP'), 409), /no E911 account/);

    const { id } = await must(ask('POST', '/v1/locations', LOCATION), 201);
    const location = String(id);
    const { locations } = await must(ask('GET', '/api/compliance'), 200);
    const [{ id: locationId }] = locations as [{ id: string }];
    const member = { kind: 'PEOPLE', locationId, firstName: 'Front', lastName: 'Desk', phoneNumber: NUMBER };
    await must(ask('POST', '/api/members', member), 201);
    const observed = async (what: string): Promise<void> => {
      rows.push(await observe(ask, what, location));
    };
    await observed('a location, no account');

    await must(ask('POST', `${CONFIG}/redSky`, { email: 'e911.admin@fresh.example.com', orgPrefix: 'wxc' }), 201);
    assert.match(await refused(ask('POST', `${CONFIG}/redSky`, { email: 'second@fresh.example.com' }), 409), /already/);
    const { adminExists, companyId, redSkyOrgId } = await must(ask('GET', STATUS), 200);
    assert.equal(adminExists, true);
    assert.ok(companyId && redSkyOrgId);
    await observed('POST redSky');

    const building = { alertingEmail: 'security.denver@example.com', address: { addressLine1: '1437 Bannock St' } };
    await must(ask('POST', `${CONFIG}/locations/${location}/redSky/building`, building), 201);
    const settings = { emergencyCallNotificationEnabled: true, emailAddress: 'desk@fresh.example.com' };
    await must(ask('PUT', `${CONFIG}/emergencyCallNotification`, settings), 204);
    for (const [index, stage] of STAGES.entries()) {
      for (const early of STAGES.slice(index + 1)) {
        assert.match(await refused(put(early), 409), new RegExp(`${stage} is expected next`));
      }
      const answer = await must(put(stage), 200);
      assert.deepEqual(answer, await must(ask('GET', STATUS), 200), 'PUT answers what GET answers');
      assert.deepEqual(answer['locationsStatus'], {
        state: stage === 'ROUTING_ENABLED' ? 'ROUTING_ENABLE' : stage,
        count: 1,
        locations: [{ id: location, name: 'MainOffice' }],
      });
      assert.deepEqual(await must(put(stage), 200), answer, 'the current stage again changes nothing');
      await observed(stage);
    }
    for (const word of ['ROUTING_ENABLE', 'COMPLIANT', 'INITIALISE', 'opted_out', '']) {
      assert.match(await refused(put(word), 400), /complianceStatus/);
    }

    await must(put('OPTED_OUT'), 200);
    await observed('OPTED_OUT');
    assert.match(await refused(put('ALERTS'), 409), /LOCATION_SETUP is expected next/);
    await must(put('LOCATION_SETUP'), 200);
    await observed('LOCATION_SETUP (back)');
    for (const stage of STAGES.slice(1)) await must(put(stage), 200);
    await observed('ROUTING_ENABLED (again)');

    const own = `${CONFIG}/locations/${location}/redSky/status`;
    const optedOut = await must(put('OPTED_OUT', own), 200);
    assert.deepEqual(Object.keys(optedOut), ['locationsStatus']);
    assert.equal((optedOut['locationsStatus'] as Json)['state'], 'OPTED_OUT');
    await observed('OPTED_OUT (the location)');
    await must(put('LOCATION_SETUP', own), 200);
    await observed('LOCATION_SETUP (the location, back)');
    for (const stage of STAGES.slice(1)) await must(put(stage, own), 200);
    await observed('ROUTING_ENABLED (the location)');

    const service = `${CONFIG}/redSky/serviceSettings`;
    const disabling = async (): Promise<Json> =>
      (await must(ask('GET', '/api/e911-account'), 200))['disabling'] as Json;
    const foretold = await disabling();
    assert.deepEqual([foretold['inForce'], foretold['locationsToRelay']], [false, 1]);
    await must(ask('PUT', service, { enabled: false }), 204);
    assert.deepEqual(await disabling(), { ...foretold, inForce: true });
    await observed('the service switched off');
    await must(ask('PUT', service, { enabled: true }), 204);
    await observed('the service switched on again');

    t.diagnostic(`after each change:\n${printTable(rows)}`);
    assert.deepEqual(rows, EXPECTED);
    for (const report of await Promise.all(phones)) assert.equal(report.exitCode, 0, report.errors);
    const { items } = (await must(ask('GET', '/api/audit?max=1000'), 200)) as { items: { action: string }[] };
    const audited = items.map(({ action }) => action);
    for (const [action, times] of [
      ['compliance.organization-opted-out', 1],
      ['compliance.organization-returned', 1],
      ['compliance.location-opted-out', 1],
      ['compliance.location-returned', 1],
    ] as const) {
      assert.equal(audited.filter((name) => name === action).length, times, action);
    }
  },
);

test('the published answer, in shape and in state', async () => {
  const operator = fetchClient(platform.firstRun().tokens.operator);
  const { id: organizationId } = await must(operator('POST', '/api/organizations', { name: 'Published' }), 201);
  const wanted = { role: 'fullAdmin', label: 'published example' };
  const made = await must(operator('POST', `/api/organizations/${String(organizationId)}/tokens`, wanted), 201);
  const ask = fetchClient(String(made['token']));
  await must(ask('POST', `${CONFIG}/redSky`, { email: 'a@published.example.com' }), 201);
  assert.equal((await must(ask('GET', STATUS), 200))['locationsStatus'], undefined, 'absent with no location');
  const ids: string[] = [];
  for (const name of ['Branch', 'MainOffice']) {
    ids.push(String((await must(ask('POST', '/v1/locations', { ...LOCATION, name }), 201))['id']));
  }
  const branch = `${CONFIG}/locations/${ids[0]}/redSky/status`;
  await must(ask('PUT', STATUS, { complianceStatus: 'LOCATION_SETUP' }), 200);
  await must(ask('PUT', branch, { complianceStatus: 'ALERTS' }), 200);

  const file = '../conformance/webex/examples/get-the-organization-compliance-status-for-a-redsky-account.json';
  type Published = { responseExamples: [{ example: { locationsStatus: { locations: Json[] } } & Json }] };
  const { responseExamples } = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as Published;
  const published = responseExamples[0].example;
  const answer = await must(ask('GET', STATUS), 200);
  assert.deepEqual(Object.keys(answer), Object.keys(published));
  // Everything but the ids, which are ours.
  assert.deepEqual(
    { ...answer, companyId: published['companyId'], redSkyOrgId: published['redSkyOrgId'] },
    {
      ...published,
      locationsStatus: { ...published.locationsStatus, locations: [{ id: ids[1], name: 'MainOffice' }] },
    },
  );
});

/** A wire map comes in through the API of a running platform, is looked at, applied, seen by HELD, undone. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';

let platform: TimedPlatform;

before(async () => {
  platform = await startTimedPlatform();
});

after(() => platform.stop());

type Answer = { status: number; body: Record<string, unknown>; text: string };

async function ask(method: string, path: string, body?: string, type = 'application/json'): Promise<Answer> {
  const response = await fetch(`${platform.http}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${platform.firstRun.tokens.fullAdmin ?? ''}`,
      ...(body !== undefined && { 'content-type': type }),
    },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: response.status, text, body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

async function ended(id: unknown): Promise<Record<string, unknown>> {
  for (let waits = 0; waits < 500; waits += 1) {
    const { body } = await ask('GET', `/api/wire-map/imports/${String(id)}`);
    if (['checked', 'applied', 'failed'].includes(String(body.state))) return body;
    await pause(20);
  }
  throw new Error('the import did not end');
}

async function located(mac: string): Promise<boolean> {
  const response = await fetch(`${platform.http}/held/c/${platform.firstRun.companyId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/held+xml' },
    body:
      '<?xml version="1.0"?><locationRequest xmlns="urn:ietf:params:xml:ns:geopriv:held"><device ' +
      `xmlns="urn:ietf:params:xml:ns:geopriv:held:id"><mac>${mac}</mac></device></locationRequest>`,
  });
  return (await response.text()).includes('locationResponse');
}

test('checked first, applied as checked, in HELD at once, undone to the same bytes', async () => {
  const before = (await ask('GET', '/api/wire-map/export')).text;
  const { body: list } = await ask('GET', '/api/response-locations?max=1');
  const [erl] = list.items as { id: string }[];
  const csv = `kind,value,erl\nmac,02-00-5e-10-00-01,${erl?.id}\nmac,02-00-5e-10-00-02,${erl?.id}\n`;
  const started = await ask('POST', '/api/wire-map/imports', csv, 'text/csv');
  assert.equal(started.status, 202);
  const checked = await ended(started.body.id);
  assert.equal(checked.state, 'checked');
  assert.equal((checked.report as { counts: { added: number } }).counts.added, 2);
  assert.equal(await located('02-00-5e-10-00-02'), false);
  assert.equal((await ask('POST', `/api/wire-map/imports/${String(started.body.id)}/apply`)).status, 202);
  assert.equal((await ended(started.body.id)).state, 'applied');
  // The next write waits until what was written is in force.
  assert.equal((await ask('POST', '/api/wire-map/undo', '{"revision":-1}')).status, 400);
  for (let waits = 0; !(await located('02-00-5e-10-00-02')) && waits < 200; waits += 1) await pause(10);
  assert.equal(await located('02-00-5e-10-00-02'), true);

  const versions = await ask('GET', '/api/wire-map/versions?max=1');
  const [newest] = versions.body.items as { revision: number; action: string; added: number }[];
  assert.deepEqual([newest?.action, newest?.added], ['wire-map.imported', 2]);
  assert.equal((await ask('POST', '/api/wire-map/undo', '{}')).status, 200);
  assert.equal((await ask('GET', '/api/wire-map/export')).text, before);
  assert.equal(await located('02-00-5e-10-00-02'), false);
  const lint = await ask('GET', '/api/wire-map/lint');
  assert.equal(typeof (lint.body.counts as Record<string, number>)['port-without-switch'], 'number');
});

test('what is no file, too much or of nobody is refused in words', async () => {
  const none = await ask('POST', '/api/wire-map/imports', 'a,b\n', 'text/csv');
  assert.equal((await ended(none.body.id)).state, 'failed');
  assert.equal((await ask('POST', '/api/wire-map/imports?format=excel', 'a', 'text/csv')).status, 400);
  assert.equal((await ask('POST', '/api/wire-map/imports', '{}')).status, 415);
  assert.equal((await ask('POST', '/api/wire-map/import', 'x'.repeat(12 * 1024 * 1024), 'text/csv')).status, 413);
  assert.equal((await ask('GET', '/api/wire-map/imports/none')).status, 404);
  const faulty = await ask('POST', '/api/wire-map/import', 'kind,value,erl\nmac,zz,Lobby\n', 'text/csv');
  assert.equal(faulty.status, 400);
  assert.match(faulty.text, /2:value/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import type { ApiClient } from '../transport/api-client.ts';
import { addPsapCommands } from './psap-commands.ts';

const KNOWN = {
  id: 'psap-1',
  name: 'Travis County',
  uri: 'sip:old@psap.example',
  alternateUris: ['sip:backup@psap.example'],
  ringTimeoutMs: 5_000,
  ringLimitMs: 40_000,
  queueLimitMs: 120_000,
  plainSipUser: true,
  sourceId: 'us-county-48453',
  phoneNumber: '+15125550100',
  textTo911: true,
  updatedAt: '2026-11-01T00:00:00.000Z',
};

function settingsOfKnown() {
  const { id: _id, updatedAt: _updatedAt, ...settings } = KNOWN;
  return settings;
}

/** What `psap set` sends to a platform that knows these PSAPs. */
async function set(argv: string[], known: readonly (typeof KNOWN)[]) {
  const sent: { method: string; path: string; body: unknown }[] = [];
  function ask<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    if (method !== 'GET') sent.push({ method, path, body });
    return Promise.resolve({ items: known } as Body);
  }
  const api: ApiClient = {
    request: ask,
    download: ask,
    page: () => Promise.reject(new Error('no list here is read by its links')),
    baseUrl: 'http://127.0.0.1',
  };
  const program = new Command();
  addPsapCommands(program, { withApi: (action) => action(api), say: () => undefined });
  await program.parseAsync(['psap', 'set', ...argv], { from: 'user' });
  return sent;
}

test('of a PSAP that is known, what is not named stays as it is', async () => {
  assert.deepEqual(await set([KNOWN.sourceId, 'sip:new@psap.example'], [KNOWN]), [
    { method: 'PUT', path: '/api/psaps/psap-1', body: { ...settingsOfKnown(), uri: 'sip:new@psap.example' } },
  ]);
});

test('every setting can be changed and taken away', async () => {
  const [changed] = await set(
    `${KNOWN.sourceId} ${KNOWN.uri} --name Travis --alternate sip:a@x.example sip:b@x.example --silent 6s --ring-limit 1m
    --queue-limit none --no-plain-sip-user --phone none --no-text-to-911`.split(/\s+/),
    [KNOWN],
  );
  assert.deepEqual(changed?.body, {
    name: 'Travis',
    uri: KNOWN.uri,
    alternateUris: ['sip:a@x.example', 'sip:b@x.example'],
    ringTimeoutMs: 6_000,
    ringLimitMs: 60_000,
    queueLimitMs: null,
    plainSipUser: false,
    phoneNumber: null,
    textTo911: false,
    sourceId: KNOWN.sourceId,
  });
  const [bare] = await set([KNOWN.sourceId, KNOWN.uri, '--no-alternate'], [KNOWN]);
  assert.deepEqual(bare?.body, { ...settingsOfKnown(), alternateUris: [] });
});

test('a new PSAP gets what is named and the defaults of the platform', async () => {
  assert.deepEqual(await set(['us-county-48001', 'sip:p@x.example', '--ring-limit', '30s'], [KNOWN]), [
    {
      method: 'POST',
      path: '/api/psaps',
      body: { name: 'us-county-48001', ringLimitMs: 30_000, uri: 'sip:p@x.example', sourceId: 'us-county-48001' },
    },
  ]);
});

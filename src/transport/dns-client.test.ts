import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDnsServer } from '../../test/support/dns-server.ts';
import { systemClock } from '../support/clock.ts';
import { createDnsClient } from './dns-client.ts';

test('names that callers choose are asked of name servers alone, never of the system', async (t) => {
  const server = await startDnsServer({});
  t.after(() => server.stop());
  const common = { servers: [server.address], clock: systemClock };
  // The system knows it by itself (RFC 6761 §6.3), this name server does not.
  const { addresses } = await createDnsClient({ ...common, asksSystem: true }).addresses('localhost');
  assert.ok(addresses.includes('127.0.0.1') || addresses.includes('::1'), addresses.join());
  for (const asksSystem of [false, undefined]) {
    const client = createDnsClient({ ...common, ...(asksSystem !== undefined && { asksSystem }) });
    assert.deepEqual((await client.addresses('localhost')).addresses, []);
  }
});

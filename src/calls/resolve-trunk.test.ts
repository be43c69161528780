import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../domain/problem.ts';
import { createTrunkResolver, isBarredContact } from './resolve-trunk.ts';

const mayReach = (address: string): boolean => address === '198.51.100.1' || address === '2001:db8::1';
const at = (address: string) => ({ protocol: 'udp' as const, address, port: 5060 });

test('of the addresses of a trunk only those are called that a trunk may have', async () => {
  const resolve = createTrunkResolver(() => [at('10.0.0.1'), at('198.51.100.1')], mayReach);
  assert.deepEqual(await resolve('sip:sbc.example.com'), [at('198.51.100.1')]);
  const inside = createTrunkResolver(() => Promise.resolve([at('127.0.0.1')]), mayReach);
  await assert.rejects(
    async () => inside('sip:sbc.example.com'),
    (error: unknown) => error instanceof ProblemError && error.kind === 'forbidden',
  );
});

test('an address in a contact is told at once, a name when it is looked up', () => {
  assert.equal(isBarredContact('sip:10.0.0.1:5080;transport=tcp', mayReach), true);
  assert.equal(isBarredContact('sip:[::1]', mayReach), true);
  assert.equal(isBarredContact('sip:[2001:db8::1]', mayReach), false);
  assert.equal(isBarredContact('sip:198.51.100.1', mayReach), false);
  assert.equal(isBarredContact('sip:inside.example.com', mayReach), false);
});

/** The SIP ladder of a call on real sockets, read as its organization and as others. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ORGANIZATION_ID, OTHER_ORGANIZATION_ID } from '../../src/calls/testing/fake-lookups.ts';
import { OAUTH_SCOPES, type Scope } from '../../src/domain/scope.ts';
import type { Database } from '../../src/storage/database.ts';
import { logger, openCallWorld, openPsap } from '../support/call-world.ts';
import { openMigratedDatabase } from '../support/embedded-template.ts';
import { eventually } from '../support/platform-client.ts';
import { openPhone } from '../support/sip-phone.ts';

let database: Database;

before(async () => {
  database = await openMigratedDatabase(logger);
});
after(() => database.close());

const scopeOf = (organizationId: string): Scope => ({
  organizationId,
  homeOrganizationId: organizationId,
  tokenId: 'test',
  trackingId: 'test',
  role: 'fullAdmin',
  scopes: new Set(OAUTH_SCOPES),
});

test('every message of a call stands in its ladder, with the failed attempt and what came inside the dialog', async () => {
  const refusing = await openPsap('busy');
  const psap = await openPsap('answer');
  const world = await openCallWorld({
    database,
    psapUris: [refusing.uri('psap-0'), psap.uri('psap-1')],
    relayUri: psap.uri('relay'),
  });
  const phone = await openPhone({ target: world.target() });
  try {
    const call = phone.call({ from: '+12145550100' });
    assert.equal((await call.final()).status, 200);
    await call.ack();
    assert.equal((await call.request('INFO')).status, 200);
    assert.equal((await call.request('BYE')).status, 200);
    const [record] = await world.records();
    assert.ok(record);
    const ladder = await world.calls.readLadder(scopeOf(ORGANIZATION_ID), record.id);
    const lines = ladder.messages.map(({ direction, startLine }) => `${direction} ${startLine.split(' ')[0]}`);
    for (const line of [
      'in INVITE',
      'out 100',
      'out INVITE',
      'in 486',
      'out ACK',
      'in 200',
      'out 200',
      'in ACK',
      'in BYE',
    ]) {
      assert.ok(lines.includes(line), `${line} in ${lines.join(', ')}`);
    }
    assert.equal(lines.filter((line) => line === 'out INVITE').length, 2);
    assert.equal(lines[0], 'in INVITE');
    assert.ok(lines.includes('in INFO') && lines.includes('out INFO'), 'what came inside the dialog');
    assert.equal(ladder.leftOut, 0);
    assert.ok(ladder.messages.every(({ text, sizeBytes }) => text !== null && sizeBytes > 0));
    assert.match(world.calls.drawLadder(ladder), /INVITE.*\n.*100 Trying/);
    await assert.rejects(world.calls.readLadder(scopeOf(OTHER_ORGANIZATION_ID), record.id), /no such call/);
  } finally {
    await phone.close();
    await world.stop();
    await psap.stop();
    await refusing.stop();
  }
});

test('switched off, nothing is kept and calls go on', async () => {
  const psap = await openPsap('answer');
  const world = await openCallWorld({
    database,
    psapUris: [psap.uri('psap-1')],
    relayUri: psap.uri('relay'),
    deps: { ladder: { detail: 'off', keptDays: 30 } },
  });
  const phone = await openPhone({ target: world.target() });
  try {
    const call = phone.call({ from: '+12145550100' });
    assert.equal((await call.final()).status, 200);
    await call.ack();
    assert.equal((await call.request('BYE')).status, 200);
    const record = (await world.records()).find(({ callId }) => callId === call.callId);
    assert.ok(record);
    assert.deepEqual((await world.calls.readLadder(scopeOf(ORGANIZATION_ID), record.id)).messages, []);
  } finally {
    await phone.close();
    await world.stop();
    await psap.stop();
  }
});

test('an attempt that failed stands in the record, with the limit that passed, while the next destination rings', async () => {
  const silent = await openPsap('silence');
  const ringing = await openPsap('ring-only');
  const world = await openCallWorld({
    database,
    psapUris: [silent.uri('psap-0'), ringing.uri('psap-1')],
    relayUri: ringing.uri('relay'),
    silenceMs: 300,
  });
  const phone = await openPhone({ target: world.target() });
  try {
    const call = phone.call({ from: '+12145550100' });
    const ofCall = async () => (await world.records()).find(({ callId }) => callId === call.callId);
    const record = await eventually('the attempt', 10_000, async () => {
      const found = await ofCall();
      return found && found.attempts.length > 0 && found;
    });
    assert.equal(record.outcome, 'routing');
    const [attempt] = record.attempts;
    assert.deepEqual([attempt?.outcome, attempt?.deadlineMs, record.attempts.length], ['silent', 300, 1]);
    call.cancel();
    assert.equal((await call.final()).status, 487);
    const ended = await eventually('the end', 10_000, async () => {
      const found = await ofCall();
      return found?.outcome === 'abandoned' && found;
    });
    assert.deepEqual(
      ended.attempts.map(({ outcome }) => outcome),
      ['silent', 'cancelled'],
    );
  } finally {
    await phone.close();
    await world.stop();
    await silent.stop();
    await ringing.stop();
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPsap } from '../../../test/support/call-world.ts';
import { openPhone } from '../../../test/support/sip-phone.ts';
import { readTag } from '../../wire/sip/name-addr.ts';

void test('the URI of the destination says how the PSAP behaves', async (t) => {
  const psap = await openPsap('silence');
  t.after(() => psap.stop());
  const phone = await openPhone({ target: { protocol: 'udp', address: '127.0.0.1', port: psap.port } });
  t.after(() => phone.close());
  const call = (params: string) => phone.call({ uri: `${psap.uri('drill')}${params}` });

  assert.equal((await call(';behaviour=busy').final()).status, 486);
  assert.equal((await call(';Behaviour=603').final()).status, 603);
  const ringing = call(';behaviour=answer;ring-ms=30');
  assert.equal((await ringing.final()).status, 200);
  assert.deepEqual(
    ringing.responses.map(({ status }) => status),
    [180, 200],
  );
  const late = call(';behaviour=late;late-ms=1');
  assert.equal((await late.final()).status, 200);
  assert.equal(late.responses.length, 1);
  const untagged = await call(';behaviour=no-tag').final();
  assert.deepEqual([untagged.status, readTag(untagged, 'To')], [200, undefined]);

  const twice = call(';behaviour=twice');
  await twice.final();
  while (new Set(twice.responses.filter(({ status }) => status === 200).map((one) => readTag(one, 'To'))).size < 2) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  const outcomes = psap.simulator.calls().map(({ outcome }) => outcome);
  assert.deepEqual(outcomes, ['refused', 'refused', 'answered', 'answered', 'answered', 'answered']);
  // What it does not know it takes as it was set up.
  const silent = call(';behaviour=dance;ring-ms=soon');
  await phone.send({ method: 'OPTIONS', uri: psap.uri('drill'), body: Buffer.alloc(0) });
  assert.deepEqual([silent.responses.length, psap.simulator.calls().at(-1)?.outcome], [0, 'silent']);
});

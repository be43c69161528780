/** Kamailio as a proxy of the field: asks our HELD door for its caller and our LoST door where the call belongs. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { decodeHeldAnswer } from '../../src/wire/held/held.ts';
import { askHeld, followLocationUri } from '../support/journey-steps.ts';
import { type Kamailio, type KamailioAnswer, type KamailioQuestion, startKamailio } from '../support/kamailio.ts';
import { skipWithout } from '../support/parts.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';

const SOS = 'urn:service:sos';

/** The civic address in what Kamailio keeps: a HELD answer or a bare PIDF-LO. */
function civicIn(text: string): Readonly<Record<string, string | undefined>> {
  const answer = decodeHeldAnswer(text);
  assert.ok(answer.type === 'locationResponse' && answer.presence, text);
  return answer.presence.locations.find(({ civic }) => civic !== undefined)?.civic ?? {};
}

describe('Kamailio and the platform', { skip: skipWithout('kamailio') }, () => {
  let server: RunningPlatform;
  let kamailio: Kamailio;

  before(async () => {
    server = await runPlatform();
    const { companyId = '' } = server.firstRun();
    const heldUrl = `${server.http}/held/c/${companyId}`;
    kamailio = await startKamailio({ heldUrl, lostUrl: `${server.http}/LoST` });
  });
  after(async () => {
    await kamailio?.stop();
    await server?.stop();
    if (server) removeData(server.dataDir);
  });

  async function ask(question: KamailioQuestion): Promise<KamailioAnswer> {
    const answer = await kamailio.ask(question);
    assert.ok(kamailio.isAlive(), kamailio.log());
    return answer;
  }

  for (const [number, city, sourceId] of [
    ['+15125550101', 'Austin', 'us-county-48453'],
    ['+17135550101', 'Houston', 'us-county-48201'],
    ['+17875550101', 'San Juan', 'us-county-72127'],
    ['+14165550101', 'Toronto', 'ca-province-on'],
  ] as const) {
    test(`a caller in ${city}: located by number, routed to the destination there`, async () => {
      const answer = await ask({ ask: 'held-lost', identity: `sip:${number}@example.com`, service: SOS });
      assert.equal(answer.heldCode, 200, answer.error);
      assert.equal(civicIn(answer.pidf)['A3'], city);
      assert.equal(answer.lostCode, 200, answer.error);
      assert.match(answer.uri, new RegExp(`^sip:${sourceId}@127\\.0\\.0\\.1:\\d+$`));
      const followed = await followLocationUri(answer.locationUri);
      assert.equal(followed.status, 200);
      assert.equal(civicIn(followed.xml)['A3'], city);
    });
  }

  test('a location URI that a phone got is followed, by value and for routing', async () => {
    const { companyId = '', examples = {} } = server.firstRun();
    const chassis = examples['switchChassis'] ?? '';
    const { locationUri } = await askHeld(server.http, { companyId, chassis, port: examples['switchPort'] ?? '' });
    const followed = await ask({ ask: 'dereference', locationUri });
    assert.ok(followed.heldCode !== null && followed.heldCode < 300, followed.error);
    assert.equal(civicIn(followed.pidf)['ROOM'], '312');
  });

  test('an unknown caller is an error that it understands', async () => {
    const answer = await ask({ ask: 'held', identity: 'sip:+12025550177@example.com' });
    assert.equal(answer.heldCode, 500);
    assert.match(answer.error, /locationUnknown|notLocatable/);
  });

  test('a location URI that nobody made is an error that it understands', async () => {
    const answer = await ask({ ask: 'dereference', locationUri: `${server.http}/held/l/nobody` });
    assert.equal(answer.heldCode, 500);
    assert.notEqual(answer.error, '');
  });

  test('two hundred callers at once', async () => {
    const question: KamailioQuestion = { ask: 'held-lost', identity: 'sip:+15125550101@example.com', service: SOS };
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(question)));
    assert.deepEqual(new Set(answers.map(({ lostCode }) => lostCode)), new Set([200]));
  });
});

/** Acceptance 8: the whole path on PostgreSQL, and two nodes on one database. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { headerValue } from '../../src/wire/sip/message.ts';
import { openPsap, type PsapWorld } from '../support/call-world.ts';
import { askHeld, askLost, callFrom, followLocationUri, onboardFresh } from '../support/journey-steps.ts';
import { skipWithout } from '../support/parts.ts';
import { type CallDetail, eventually, listAllCalls, openClient } from '../support/platform-client.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';
import { type SmtpReceiver, startSmtpReceiver } from '../support/smtp-receiver.ts';

const skip = skipWithout('postgresql');
const WAIT_MS = 30_000;
let cluster: PostgresCluster;
let receiver: SmtpReceiver;
let psap: PsapWorld;
let env: Record<string, string>;
const nodes: RunningPlatform[] = [];

before(async () => {
  if (skip) return;
  cluster = await startPostgresCluster();
  receiver = await startSmtpReceiver();
  psap = await openPsap('answer');
  env = {
    WAYMARK_DATABASE_URL: await cluster.createDatabase(),
    WAYMARK_SMTP_URL: receiver.url,
    WAYMARK_RELAY_URI: psap.uri('relay'),
  };
});

after(async () => {
  if (skip) return;
  for (const node of nodes) {
    await node.stop();
    removeData(node.dataDir);
  }
  await psap.stop();
  await receiver.close();
  cluster.remove();
});

async function startNode(): Promise<RunningPlatform> {
  const node = await runPlatform({ env });
  nodes.push(node);
  return node;
}

const alertsTo = (address: string): number =>
  receiver.received.filter(({ to, mail }) => to.includes(address) && mail.subject?.startsWith('911 CALL')).length;

test('the whole path on PostgreSQL, then a second node on the same database', { skip }, async (t) => {
  const a = await startNode();
  const operator = openClient(a.http, a.firstRun().tokens.operator);
  const site = await onboardFresh(a);
  const psapBody = { name: 'Denver', uri: psap.uri(site.sourceId), sourceId: site.sourceId };
  await operator.must('POST', '/api/psaps', psapBody);

  await t.test('onboarded, located, called, told', async () => {
    const held = await askHeld(a.http, site);
    assert.deepEqual([held.status, held.floor, held.room], [200, site.floor, site.room]);
    const report = await callFrom(a, { dialed: '911', from: site.number, geolocation: held.locationUri });
    assert.equal(report.finalStatus, 200);
    assert.equal(report.endedBy, 'us');
    const seen = psap.simulator.calls().find(({ callId }) => callId === report.callId);
    assert.equal(seen?.user, site.sourceId);
    assert.equal(headerValue(seen.request, 'Geolocation'), `<${held.locationUri}>`);
    assert.match(headerValue(seen.request, 'P-Asserted-Identity') ?? '', /\+13035550101/);

    const item = await eventually('the call has ended in the database', WAIT_MS, async () =>
      (await listAllCalls(operator)).find(({ callId, outcome }) => callId === report.callId && outcome === 'completed'),
    );
    assert.equal(item.destination.sourceId, site.sourceId);
    assert.match(item.location?.text ?? '', /1437 Bannock/);
    await eventually('everybody is told', WAIT_MS, () => site.told.every((address) => alertsTo(address) === 1));
    const { receipts } = await eventually('receipts', WAIT_MS, async () => {
      const detail = await operator.must<CallDetail>('GET', `/api/calls/${item.id}`);
      return detail.receipts.every(({ state }) => state === 'accepted') && detail;
    });
    assert.deepEqual(receipts.map(({ recipient }) => recipient).toSorted(), [...site.told].toSorted());
  });

  await t.test('933 is answered and speaks floor and room', async () => {
    // The whole announcement takes half a minute; some seconds of it show that it is spoken.
    const report = await callFrom(a, { dialed: '933', from: site.number, maxMs: 4_000 });
    assert.equal(report.finalStatus, 200);
    assert.ok(report.audio, 'something was heard');
    const item = await eventually('the test call is stored', WAIT_MS, async () =>
      (await listAllCalls(operator)).find(({ callId, spokenText }) => callId === report.callId && spokenText !== null),
    );
    assert.match(item.spokenText ?? '', /3035550101|3 0 3|three zero three/i);
  });

  await t.test('two nodes are one platform', async () => {
    const b = await startNode();
    assert.equal(b.firstRun().fresh, undefined, 'the second node makes no second demonstration');

    const onA = await askHeld(a.http, site);
    const resolved = await followLocationUri(onA.locationUri.replace(a.http, b.http));
    assert.equal(resolved.status, 200, 'a location URI of A resolves at B');
    assert.match(resolved.xml, /410/);

    const admin = openClient(a.http, a.firstRun().fresh?.tokens.fullAdmin ?? '');
    const csv = `kind,value,port,erl,description\nswitch-port,${site.chassis},Gi9/9,Floor 4 room 410,new\n`;
    const changedAtMs = performance.now();
    await admin.must('POST', '/api/wire-map/import', csv, 'text/csv');
    await eventually('HELD at B knows a port that was added at A', WAIT_MS, async () => {
      const held = await askHeld(b.http, { ...site, port: 'Gi9/9' });
      return held.room === '410';
    });
    t.diagnostic(`a change at A answers at B after ${Math.round(performance.now() - changedAtMs)} ms`);

    const { items } = await operator.must<{ items: { id: string; sourceId: string | null }[] }>('GET', '/api/psaps');
    const known = items.find(({ sourceId }) => sourceId === site.sourceId);
    const movedAtMs = performance.now();
    await operator.must('PUT', `/api/psaps/${known?.id}`, { ...psapBody, uri: psap.uri('moved') });
    await eventually('LoST at B gives the new contact', WAIT_MS, async () =>
      (await askLost(b.http, 39.7392, -104.9907)).uri.includes('moved@'),
    );
    t.diagnostic(`a PSAP changed at A is answered at B after ${Math.round(performance.now() - movedAtMs)} ms`);

    const before = receiver.received.length;
    const reports = await Promise.all(
      [a, b, a, b, a, b].map((node) =>
        callFrom(node, { dialed: '911', from: site.number, geolocation: onA.locationUri }),
      ),
    );
    for (const report of reports) {
      assert.equal(report.finalStatus, 200);
      const seen = psap.simulator.calls().find(({ callId }) => callId === report.callId);
      assert.equal(seen?.user, 'moved');
    }
    const callsNow = async (): Promise<CallDetail[]> => {
      const items = await listAllCalls(operator);
      const wanted = items.filter(({ callId }) => reports.some((report) => report.callId === callId));
      return Promise.all(wanted.map(({ id }) => operator.must<CallDetail>('GET', `/api/calls/${id}`)));
    };
    await eventually('every mail of both nodes is accepted', WAIT_MS, async () => {
      const receipts = (await callsNow()).flatMap((call) => call.receipts);
      return receipts.length === 18 && receipts.every(({ state }) => state === 'accepted');
    }).catch(async (error: unknown) => {
      const told = (await callsNow()).map(({ location, receipts }) => ({
        place: location?.text,
        mails: receipts.map(({ recipient, state }) => `${recipient} ${state}`),
      }));
      throw new Error(JSON.stringify(told), { cause: error });
    });
    const ids = receiver.received.map(({ mail }) => mail.messageId);
    assert.equal(new Set(ids).size, ids.length, 'no mail came twice');
    assert.equal(receiver.received.length, before + 18);
  });
});

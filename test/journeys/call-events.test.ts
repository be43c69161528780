/** A call as it is seen from outside while it happens and afterwards: events, list with its filters, export, ladder. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openClient } from '../support/platform-client.ts';
import { openPhone } from '../support/sip-phone.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';

let platform: TimedPlatform;

before(async () => {
  platform = await startTimedPlatform();
});
after(() => platform.stop());

type Heard = { id: string; type: string; data: Record<string, unknown> };

const fullAdmin = (): string => platform.firstRun.tokens.fullAdmin ?? '';

/** Listens until an event of that type came. */
async function listen(token: string, until: string, lastEventId?: string) {
  const ending = new AbortController();
  const answer = await fetch(`${platform.http}/api/events`, {
    headers: { authorization: `Bearer ${token}`, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) },
    signal: AbortSignal.any([ending.signal, AbortSignal.timeout(30_000)]),
  });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/event-stream/);
  const { body } = answer;
  assert.ok(body);
  const heard: Heard[] = [];
  const done = (async () => {
    let text = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, id, type, data] = /^id: (\d+)\nevent: (.*)\ndata: (.*)$/.exec(block) ?? [];
        if (data === undefined) continue;
        heard.push({ id: id ?? '', type: type ?? '', data: JSON.parse(data) as Heard['data'] });
        if (type === until) return heard;
      }
    }
    return heard;
  })().finally(() => ending.abort());
  return { heard, done };
}

test('a call is told while it happens, found by every filter, exported and drawn', async () => {
  const callerNumber = platform.firstRun.examples?.['callerNumber'] ?? '';
  const listener = await listen(fullAdmin(), 'call.ended');
  const others = await listen(platform.firstRun.fresh?.tokens.fullAdmin ?? '', 'call.ended');
  const phone = await openPhone({ host: '127.0.0.1', target: { ...platform.sip, protocol: 'udp' } });
  const call = phone.call({ from: callerNumber });
  assert.equal((await call.final()).status, 200);
  await call.ack();
  assert.equal((await call.request('BYE')).status, 200);
  await phone.close();

  const heard = await listener.done;
  // On a machine that is busy the journal may be late, which is flagged.
  const types = heard.map(({ type }) => type);
  assert.deepEqual(
    types.filter((type) => type.startsWith('call.') && type !== 'call.flagged'),
    ['call.started', 'call.routed', 'call.attempted', 'call.answered', 'call.ended'],
  );
  const started = heard.find(({ type }) => type === 'call.started');
  assert.equal(started?.data['callerNumber'], callerNumber);
  assert.equal(started?.data['callId'], call.callId);
  const again = await (await listen(fullAdmin(), 'call.ended', started?.id)).done;
  assert.deepEqual(
    again.map(({ type }) => type).filter((type) => type.startsWith('call.') && type !== 'call.flagged'),
    ['call.routed', 'call.attempted', 'call.answered', 'call.ended'],
  );
  const alerted = await (await listen(fullAdmin(), 'alert.accepted', '0')).done;
  assert.equal(alerted.at(-1)?.data['id'], started?.data['id'], 'what came of its alert is told too');
  assert.deepEqual(others.heard, []);

  const client = openClient(platform.http, fullAdmin());
  type Item = {
    id: string;
    destination: { name: string; uri: string };
    location: { locationId: string };
    flags: string[];
  };
  const find = async (query: string): Promise<Item[]> =>
    (await client.must<{ items: Item[] }>('GET', `/api/calls?${query}`)).items;
  const [item] = await find('');
  assert.ok(item);
  const found = [
    'kind=911',
    'outcome=completed',
    `number=${encodeURIComponent(callerNumber)}`,
    `locationId=${item.location.locationId}`,
    `destination=${encodeURIComponent(item.destination.name.slice(2, 8).toUpperCase())}`,
    `destination=${encodeURIComponent(item.destination.uri)}`,
    `text=${encodeURIComponent(call.callId)}`,
    'from=2020-01-01',
    `flags=${item.flags.join(',')}`.replace(/flags=$/, ''),
  ];
  for (const query of found)
    assert.deepEqual(
      (await find(query)).map(({ id }) => id),
      [item.id],
      query,
    );
  const missed = [
    'kind=933',
    'outcome=failed',
    'number=%2B19995550000',
    'text=100%25',
    'to=2020-01-01',
    'flags=elin-exhausted',
  ];
  for (const query of missed) assert.deepEqual(await find(query), [], query);
  for (const query of ['kind=912', 'from=yesterday', 'flags=UPPER', 'before=x', 'all=true']) {
    const { status } = await client.ask('GET', `/api/calls?${query}`);
    assert.ok(status === 400 || (query === 'all=true' && status === 403), `${query}: ${status}`);
  }

  const read = async (path: string): Promise<string> => {
    const answer = await fetch(`${platform.http}${path}`, { headers: { authorization: `Bearer ${fullAdmin()}` } });
    assert.equal(answer.status, 200, path);
    return answer.text();
  };
  const lines = (await read('/api/calls/export?format=csv')).trimEnd().split('\r\n');
  assert.match(lines[0] ?? '', /^id,startedAt,kind,outcome,/);
  assert.equal(lines.length, 2);
  assert.match(lines[1] ?? '', new RegExp(`^${item.id},`));
  assert.match(lines[1] ?? '', /,"'\+\d+"/, 'a number is no formula');
  const [line = ''] = (await read('/api/calls/export')).split('\n');
  assert.ok((JSON.parse(line) as { trace: unknown[] }).trace.length > 5);
  assert.equal(await read('/api/calls/export?format=ndjson&kind=933'), '');
});

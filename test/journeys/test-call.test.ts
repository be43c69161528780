/** 933 on real sockets: what the phone hears, what is heard of it, and what the record keeps. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createTestAgent } from '../../src/calls/test-agent/run-test-call.ts';
import type { CallRecord } from '../../src/domain/call-record.ts';
import type { Database } from '../../src/storage/database.ts';
import { systemClock } from '../../src/support/clock.ts';
import { createMetrics } from '../../src/support/metrics.ts';
import { createMediaSessions } from '../../src/transport/media-sessions.ts';
import { createRtpPorts, type RtpPort } from '../../src/transport/rtp-ports.ts';
import { encodeG711 } from '../../src/wire/rtp/g711.ts';
import { createRtpStream } from '../../src/wire/rtp/rtp-stream.ts';
import { headerValue, type SipResponse } from '../../src/wire/sip/message.ts';
import { type CallWorld, logger, openCallWorld, openPsap, type PsapWorld } from '../support/call-world.ts';
import { openMigratedDatabase } from '../support/embedded-template.ts';
import { openPhone, type PhoneCall, type SipPhone } from '../support/sip-phone.ts';

let database: Database;
let relay: PsapWorld;
let world: CallWorld;
let phone: SipPhone;
const media = createRtpPorts({ host: '127.0.0.1', from: 0, to: 0, logger });

before(async () => {
  database = await openMigratedDatabase(logger);
  relay = await openPsap('answer');
  world = await openCallWorld({ database, psapUris: [relay.uri('psap')], relayUri: relay.uri('relay-us') });
  phone = await openPhone({ target: world.target() });
});

after(async () => {
  await phone.close();
  await world.stop();
  await relay.stop();
  await media.close();
  await database.close();
});

function offer(port: number, ...attributes: string[]): Buffer {
  const head = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'];
  const audio = [`m=audio ${port} RTP/AVP 0 101`, 'a=rtpmap:101 telephone-event/8000', ...attributes];
  return Buffer.from([...head, ...audio, ''].join('\r\n'));
}

function portOf(response: SipResponse): number {
  return Number(/^m=audio (\d+)/m.exec(response.body.toString())?.[1]);
}

async function until(condition: () => boolean, what: string, look?: () => Promise<void>): Promise<void> {
  const limit = performance.now() + 15_000;
  while (!condition()) {
    assert.ok(performance.now() < limit, `in time: ${what}`);
    await look?.();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The voice of a phone: packets of a tone, and keys. */
function voice(from: RtpPort, toPort: number) {
  const stream = createRtpStream({ ssrc: 99, sequenceNumber: 65_530, timestamp: 4_000_000_000 });
  const tone = encodeG711(
    'PCMU',
    Int16Array.from({ length: 160 }, (_, at) => (at % 8 < 4 ? 2_000 : -2_000)),
  );
  const to = { address: '127.0.0.1', port: toPort };
  const failed = (reason: string) => assert.fail(reason);
  return {
    say(packets: number) {
      for (let count = 0; count < packets; count += 1) from.socket.send(stream.next(0, tone, 160), to, failed);
    },
    press(event: number) {
      const begin = stream.next(101, Uint8Array.of(event, 10, 0, 160), 0);
      from.socket.send(begin, to, failed);
      // The end is sent three times (RFC 4733 §2.5.1.4), with the same timestamp.
      for (let time = 0; time < 3; time += 1) {
        from.socket.send(stream.next(101, Uint8Array.of(event, 0x8a, 3, 32), time === 2 ? 800 : 0), to, failed);
      }
    },
  };
}

async function recordOf(call: PhoneCall): Promise<CallRecord> {
  const records = await world.records();
  const found = records.find(({ callId }) => callId === call.callId);
  assert.ok(found);
  return found;
}

test('both ways: the phone is heard, its keys repeat and end the announcement, the result is kept', async () => {
  const port = await media.open();
  const recording = port.recordAudio({ maxMs: 30_000 });
  const call = phone.call({ uri: `sip:933@${phone.sentBy}`, body: offer(port.port) });
  const ok = await call.final();
  assert.match(ok.body.toString(), /m=audio \d+ RTP\/AVP 0 101\r\n(.*\r\n)*a=fmtp:101 0-15/);
  await call.ack();
  const mouth = voice(port, portOf(ok));
  mouth.say(60);
  mouth.press(1);
  mouth.press(11);
  await call.hungUp();
  recording.stop();
  const heard = await recording.done;
  const { outcome, testResult, trace } = await recordOf(call);
  assert.equal(outcome, 'completed');
  assert.equal(trace.at(-1)?.reason, 'announcement spoken');
  assert.ok(testResult);
  const { durationMs, packetsSent, jitterMs, levelDbov, ...rest } = testResult;
  assert.deepEqual(rest, {
    spoken: 'speech',
    heard: true,
    received: true,
    codec: 'PCMU',
    packetsReceived: 60,
    packetsLost: 0,
    digits: '1#',
    foreignPackets: 0,
    hungUpBy: 'agent',
    fault: null,
  });
  assert.ok(durationMs > 0 && jitterMs >= 0);
  assert.ok(levelDbov !== null && Math.abs(levelDbov + 24.3) < 0.5, String(levelDbov));
  assert.ok(packetsSent >= heard.packets && heard.packets > 0 && heard.lost === 0);
  assert.deepEqual([heard.foreign, heard.pcm.some((sample) => sample !== 0)], [0, true]);
  await port.close();
});

test('a phone of which nothing comes: one-way audio is told and recorded; the caller hangs up', async () => {
  const port = await media.open();
  const silent = phone.call({ uri: `sip:933@${phone.sentBy}`, body: offer(port.port) });
  await silent.final();
  await silent.ack();
  await silent.hungUp();
  const { testResult } = await recordOf(silent);
  assert.deepEqual([testResult?.received, testResult?.heard, testResult?.hungUpBy], [false, false, 'agent']);

  const hurried = phone.call({ uri: `sip:933@${phone.sentBy}`, body: offer(port.port) });
  await hurried.final();
  await hurried.ack();
  assert.equal((await hurried.request('BYE')).status, 200);
  await until(() => world.calls.liveCalls === 0, 'the call is over');
  assert.deepEqual((await recordOf(hurried)).testResult?.hungUpBy, 'caller');
  await port.close();
});

test('a phone behind a NAT is spoken to where its packets come from, not where its description says', async () => {
  const described = await media.open();
  const real = await media.open();
  const nowhere = described.recordAudio({ maxMs: 30_000 });
  const ears = real.recordAudio({ maxMs: 30_000 });
  const call = phone.call({ uri: `sip:933@${phone.sentBy}`, body: offer(described.port).subarray(0) });
  const ok = await call.final();
  // The first packet of the phone is there before the first of ours.
  await call.ack();
  voice(real, portOf(ok)).say(5);
  await call.hungUp();
  nowhere.stop();
  ears.stop();
  assert.ok((await ears.done).packets > 20);
  assert.ok((await nowhere.done).packets < 5);
  await described.close();
  await real.close();
});

test('hold by re-INVITE, another port by UPDATE, and what is out of order', async () => {
  const first = await media.open();
  const second = await media.open();
  const ears = second.recordAudio({ maxMs: 30_000 });
  const call = phone.call({ uri: `sip:933@${phone.sentBy}`, body: offer(first.port) });
  await call.final();
  await call.ack();
  const held = await call.request('INVITE', { body: offer(first.port, 'a=inactive') });
  assert.match(held.body.toString(), /a=inactive/);
  await call.ack();
  assert.equal((await call.request('UPDATE')).status, 200);
  assert.equal((await call.request('PRACK')).status, 481);
  assert.equal((await call.request('UPDATE', { body: Buffer.from('v=0\r\nm=nonsense\r\n') })).status, 400);
  const moved = await call.request('UPDATE', { body: offer(second.port) });
  assert.equal(moved.status, 200);
  assert.match(moved.body.toString(), /a=sendrecv/);
  await call.hungUp();
  ears.stop();
  assert.ok((await ears.done).packets > 20);
  assert.equal((await recordOf(call)).testResult?.fault, null);
  await first.close();
  await second.close();
});

test('an INVITE without offer gets one, and answers it in the ACK', async () => {
  const port = await media.open();
  const ears = port.recordAudio({ maxMs: 30_000 });
  const call = phone.call({ uri: `sip:933@${phone.sentBy}`, body: Buffer.alloc(0) });
  const ok = await call.final();
  assert.match(ok.body.toString(), /m=audio \d+ RTP\/AVP 0 8 101/);
  await call.ack(offer(port.port));
  await call.hungUp();
  ears.stop();
  assert.ok((await ears.done).packets > 20);
  await port.close();
});

test('descriptions that no phone sends: each is refused, or gets no audio', async () => {
  const refused: [string, number][] = [
    ['nonsense', 400],
    [`v=0\r\n${'a=x\r\n'.repeat(10_000)}`, 400],
    [`v=0\r\n${'m=audio 4000 RTP/AVP 0\r\n'.repeat(40)}`, 400],
    ['v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 99999 RTP/AVP 0\r\n', 400],
    ['v=0\r\nc=IN IP4 224.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\n', 488],
    ['v=0\r\nc=IN IP4 255.255.255.255\r\nm=audio 4000 RTP/AVP 0\r\n', 488],
    ['v=0\r\nc=IN IP4 victim.example.com\r\nm=audio 4000 RTP/AVP 0\r\n', 488],
    ['v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/SAVP 0\r\n', 488],
    ['v=0\r\nc=IN IP4 127.0.0.1\r\nm=video 4000 RTP/AVP 31\r\n', 488],
  ];
  for (const [sdp, status] of refused) {
    const call = phone.call({ uri: `sip:933@${phone.sentBy}`, body: Buffer.from(sdp) });
    const answer = await call.final();
    assert.equal(answer.status, status, sdp.slice(0, 80));
    assert.match(headerValue(answer, 'Warning') ?? '', /^399 localhost "/);
    assert.equal((await recordOf(call)).outcome, 'failed');
  }
});

test('more test calls than may be: 486 with a time to come back; an emergency call goes on', async () => {
  const agent = createTestAgent({
    speech: { speak: () => Promise.resolve(new Int16Array(80)) },
    media: createMediaSessions({ ports: media, clock: systemClock }),
    logger,
    maxCalls: 1,
  });
  const psapUris = [relay.uri('psap')];
  const metrics = createMetrics({ processMetrics: false });
  const relayUri = relay.uri('relay-us');
  const full = await openCallWorld({ database, psapUris, relayUri, deps: { agent, metrics } });
  const measured = async (): Promise<string[]> =>
    (await metrics.text()).split('\n').filter((line) => line.startsWith('waymark_test_calls_'));
  const caller = await openPhone({ target: full.target() });
  const first = caller.call({ uri: `sip:933@${caller.sentBy}`, body: offer(40_000) });
  assert.equal((await first.final()).status, 200);
  await first.ack();
  const second = await caller.call({ uri: `sip:933@${caller.sentBy}`, body: offer(40_000) }).final();
  assert.deepEqual([second.status, headerValue(second, 'Retry-After')], [486, '60']);
  const refused = 'waymark_test_calls_refused_total{why="busy"} 1';
  assert.deepEqual(await measured(), ['waymark_test_calls_active 1', refused]);
  const emergency = caller.call();
  assert.equal((await emergency.final()).status, 200);
  await emergency.ack();
  await first.request('BYE');
  let measuredAtLast: string[] = [];
  await until(
    () => measuredAtLast[0] === 'waymark_test_calls_active 0',
    'the call that ended is no longer counted',
    async () => {
      measuredAtLast = await measured();
    },
  );
  assert.equal(measuredAtLast[1], refused);
  await caller.close();
  await full.stop();
});

/** The mail of a call as a mail server gets it: with its map, in one thread with what follows, from several servers the one that works. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { loadImage } from '@napi-rs/canvas';
import { artefactPath } from '../support/artefacts.ts';
import { openPsap, type PsapWorld } from '../support/call-world.ts';
import { eventually } from '../support/platform-client.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';
import { openPhone } from '../support/sip-phone.ts';
import { type ReceivedMail, type SmtpReceiver, startSmtpReceiver } from '../support/smtp-receiver.ts';

const WAIT_MS = 30_000;

let busy: SmtpReceiver;
let mail: SmtpReceiver;
let psap: PsapWorld;
let server: RunningPlatform;

before(async () => {
  busy = await startSmtpReceiver({
    onConnect: (_session, callback) => callback(Object.assign(new Error('4.3.2 not now'), { responseCode: 421 })),
  });
  mail = await startSmtpReceiver();
  psap = await openPsap('answer');
  server = await runPlatform({
    env: { WAYMARK_SMTP_URL: `${busy.url}, ${mail.url}`, WAYMARK_RELAY_URI: psap.uri('relay') },
  });
});

after(async () => {
  await server.stop();
  removeData(server.dataDir);
  await psap.stop();
  await mail.close();
  await busy.close();
});

const findMail = (subject: RegExp): ReceivedMail | undefined =>
  mail.received.find((one) => subject.test(one.mail.subject ?? ''));

/** Where the caller of the demonstration is. */
const PLACE = 'lat=30.2649&lon=-97.7474';

test('the map that a mail would carry is shown to who asks', async () => {
  const { tokens } = server.firstRun();
  const ask = (query: string, token = tokens.fullAdmin): Promise<Response> =>
    fetch(`${server.http}/api/map-picture?${query}`, { headers: token ? { authorization: `Bearer ${token}` } : {} });
  // On a busy machine the first one may come too late; it is kept for the next who asks, which is the mail below.
  const answer = await eventually('a map', WAIT_MS, async () => {
    const one = await ask(PLACE);
    return one.status === 200 && one;
  });
  assert.equal(answer.headers.get('content-type'), 'image/png');
  assert.match(decodeURIComponent(answer.headers.get('x-attribution') ?? ''), /^Boundaries: /);
  assert.ok((await loadImage(Buffer.from(await answer.arrayBuffer()))).width >= 552);
  assert.equal((await ask('lat=91&lon=0')).status, 400);
  assert.equal((await ask('lat=30')).status, 400);
  assert.equal((await ask('lat=30&lon=0', '')).status, 401);
});

test('the mail of a call shows where it is', async () => {
  const { examples } = server.firstRun();
  const phone = await openPhone({ target: { protocol: 'udp', address: '127.0.0.1', port: server.sipPort } });
  const from = examples?.['callerNumber'] ?? '';
  const placed = phone.call({
    uri: `sip:911@${server.sip}`,
    headers: [{ name: 'P-Asserted-Identity', value: `<sip:${from}@${phone.sentBy};user=phone>` }],
  });
  assert.equal((await placed.final()).status, 200);
  await placed.ack();
  const start = await eventually('the mail of the call', WAIT_MS, () => findMail(/^911 CALL/));
  await placed.request('BYE');
  await phone.close();

  writeFileSync(artefactPath('mails/of-a-call.eml'), start.raw);
  const { attachments, headers, html, text } = start.mail;
  const headerOf = (wanted: string): string | undefined => headers.find(({ key }) => key === wanted)?.value;
  assert.equal(headerOf('auto-submitted'), 'auto-generated');
  assert.equal(headerOf('priority'), 'urgent');
  assert.equal(headerOf('references'), undefined);
  const [map] = attachments;
  assert.equal(attachments.length, 1, 'a map and nothing else');
  assert.ok(map?.related);
  assert.ok(html?.includes(`src="cid:${map.contentId?.slice(1, -1)}"`));
  assert.match(html ?? '', /alt="[^"]+"/);
  const png = Buffer.from(map.content as ArrayBuffer);
  writeFileSync(artefactPath('mails/of-a-call.png'), png);
  assert.ok(png.length <= 60_000);
  assert.ok((await loadImage(png)).width >= 552);
  assert.match(text ?? '', /Callback number/);
});

import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { exampleMailMessage } from '../../../test/support/alert-message-fixture.ts';
import { startSmtpReceiver } from '../../../test/support/smtp-receiver.ts';
import { createSmtpSender } from './smtp-sender.ts';

const FROM = 'Waymark <alerts@waymark.example>';
const MAIL = exampleMailMessage({
  subject: '911 CALL – Ann\r\nBcc: evil@example.com 🚨',
  text: 'Room 312\n.\nstill the same mail\n',
});
const signal = new AbortController().signal;

const SHORT = { connectMs: 150, silenceMs: 150, totalMs: 400 };

test('a mail arrives with its fields, and no header can be smuggled in', async () => {
  const receiver = await startSmtpReceiver();
  const sender = createSmtpSender({ url: receiver.url, mailFrom: FROM });
  try {
    const { response } = await sender.send(MAIL, signal);
    assert.match(response, /^250/);
    const [received] = await receiver.waitFor(1);
    assert.deepEqual(received?.to, ['desk@example.com']);
    assert.equal(received?.from, 'alerts@waymark.example');
    assert.equal(received?.mail.messageId, `<${MAIL.key}@waymark.example>`);
    assert.equal(received?.mail.bcc, undefined);
    assert.equal(received?.mail.subject, '911 CALL – Ann Bcc: evil@example.com 🚨');
    assert.equal(received?.mail.text?.trimEnd(), 'Room 312\n.\nstill the same mail');
    assert.equal(new Date(received?.mail.date ?? '').toISOString(), '2026-03-05T18:30:15.000Z');
    const headers = new Map(received?.mail.headers.map((header) => [header.key, header.value]));
    assert.equal(headers.get('auto-submitted'), 'auto-generated');
    assert.equal(headers.get('importance'), 'High');
  } finally {
    await sender.stop();
    await receiver.close();
  }
});

const STAGES = ['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'end of data', 'trickle'] as const;

/** Speaks SMTP up to `stage` and then says nothing more; at `trickle` it answers forever without coming to an end. */
function startHangingServer(stage: (typeof STAGES)[number]) {
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    let inData = false;
    if (stage === 'greeting') return;
    socket.write('220 ready\r\n');
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      if (inData) {
        if (!text.endsWith('\r\n.\r\n')) return;
        if (stage === 'trickle') timers.add(setInterval(() => socket.write('250-wait\r\n'), 20));
        return;
      }
      const verb = text.slice(0, 4).toUpperCase();
      if (verb === stage) return;
      if (verb === 'DATA') {
        inData = true;
        socket.write('354 go on\r\n');
      } else socket.write('250 fine\r\n');
    });
  });
  return new Promise<{ url: string; close: () => Promise<void> }>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({
        url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
        close: () =>
          new Promise((done) => {
            for (const timer of timers) clearInterval(timer);
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      });
    });
  });
}

for (const stage of STAGES) {
  test(`a server that hangs at ${stage} is given up`, async () => {
    const server = await startHangingServer(stage);
    const sender = createSmtpSender({ url: server.url, mailFrom: FROM, timeouts: SHORT });
    try {
      await assert.rejects(sender.send(MAIL, signal));
    } finally {
      await sender.stop();
      await server.close();
    }
  });
}

test('a hanging connection does not keep the next mail from another', async () => {
  let hung = 0;
  const receiver = await startSmtpReceiver({
    onRcptTo(address, _session, callback) {
      if (address.address === 'hang@example.com') hung += 1;
      else callback();
    },
  });
  const sender = createSmtpSender({ url: receiver.url, mailFrom: FROM, timeouts: SHORT });
  try {
    const hanging = sender.send(exampleMailMessage({ address: 'hang@example.com' }), signal).then(
      () => 'accepted',
      () => 'given up',
    );
    await sender.send(MAIL, signal);
    assert.equal(receiver.received.length, 1);
    assert.equal(await hanging, 'given up');
    assert.ok(hung >= 1);
  } finally {
    await sender.stop();
    await receiver.close();
  }
});

test('a refusal is reported in the words of the server; nobody there is an error too', async () => {
  const receiver = await startSmtpReceiver({
    onRcptTo(_address, _session, callback) {
      callback(Object.assign(new Error('no such mailbox'), { responseCode: 550 }));
    },
  });
  const sender = createSmtpSender({ url: receiver.url, mailFrom: FROM, timeouts: SHORT });
  await assert.rejects(sender.send(MAIL, signal), /no such mailbox/);
  await receiver.close();
  await assert.rejects(sender.send(MAIL, signal));
  await sender.stop();
  await assert.rejects(sender.send(MAIL, signal), /stopping/);
});

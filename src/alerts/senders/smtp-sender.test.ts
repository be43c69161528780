import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { exampleMailMessage } from '../../../test/support/alert-message-fixture.ts';
import { makeCertificate } from '../../../test/support/certificates.ts';
import { type ScriptedSmtp, startScriptedSmtp } from '../../../test/support/scripted-smtp.ts';
import { startSmtpReceiver } from '../../../test/support/smtp-receiver.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { SendError } from './alert-sender.ts';
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

test('no address is a line of SMTP, whatever the bytes of its letters look like', async () => {
  const receiver = await startSmtpReceiver();
  const sender = createSmtpSender({ url: receiver.url, mailFrom: FROM });
  // Their last bytes are CR LF . CR LF, and of what follows `RSET`.
  const address = 'a\u040d\u040a.\u040d\u040aRSET\u040d\u040aNOOP@example.com';
  try {
    await sender.send(exampleMailMessage({ address, text: 'Room 312\n' }), signal);
    await sender.send(exampleMailMessage({ text: 'Room 313\n' }), signal);
    const [first, second] = await receiver.waitFor(2);
    assert.equal(first?.mail.to?.[0]?.address, address);
    assert.equal(first?.mail.text?.trimEnd(), 'Room 312');
    assert.equal(second?.mail.text?.trimEnd(), 'Room 313');
  } finally {
    await sender.stop();
    await receiver.close();
  }
});

const CERTIFICATE = makeCertificate({ name: 'localhost' });
const SECURE = createSecureContext({ key: CERTIFICATE.key, cert: CERTIFICATE.cert });

type Play = {
  script: Parameters<ScriptedSmtp['play']>[0];
  extensions?: readonly string[];
  url?: (port: number) => string;
};

async function failureOf(play: Play): Promise<{ error: SendError; server: ScriptedSmtp; openAfterwards: number }> {
  const server = await startScriptedSmtp(play.script, {
    ...(play.extensions && { extensions: play.extensions }),
    secureContext: SECURE,
  });
  const sender = createSmtpSender({
    url: play.url?.(server.port) ?? server.url,
    mailFrom: FROM,
    // Silence lasts longer than setting up may, as it does beyond tests: which of the two ended the attempt is told.
    timeouts: { ...SHORT, silenceMs: 300, totalMs: 600 },
  });
  try {
    const error: unknown = await sender.send(MAIL, signal).then(
      () => assert.fail('accepted'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof SendError, String(error));
    await sender.stop();
    return { error, server, openAfterwards: server.open() };
  } finally {
    await server.close();
  }
}

const withLogin = (port: number): string => `smtp://user:secret@127.0.0.1:${port}`;
const HANGS: Readonly<Record<string, Play>> = {
  'the greeting': { script: { greeting: 'hang' } },
  EHLO: { script: { EHLO: 'hang' } },
  STARTTLS: { script: { STARTTLS: 'hang' }, extensions: ['STARTTLS'] },
  'the TLS handshake after STARTTLS': { script: { TLS: 'hang' }, extensions: ['STARTTLS'] },
  'the TLS handshake at once': { script: { greeting: 'hang' }, url: (port) => `smtps://127.0.0.1:${port}` },
  AUTH: { script: { AUTH: 'hang' }, extensions: ['AUTH PLAIN'], url: withLogin },
  MAIL: { script: { MAIL: 'hang' } },
  'MAIL without pipelining': { script: { MAIL: 'hang' }, extensions: [] },
  RCPT: { script: { RCPT: 'hang' } },
  'RCPT without pipelining': { script: { RCPT: 'hang' }, extensions: [] },
  DATA: { script: { DATA: 'hang' } },
  'the end of the mail': { script: { '.': 'hang' } },
  'a reply that never ends': { script: { '.': 'trickle' } },
};

/** Where no mail would have fared better. */
const HANGS_FOR_ALL: readonly string[] = [
  'the greeting',
  'the TLS handshake after STARTTLS',
  'the TLS handshake at once',
];

for (const [stage, play] of Object.entries(HANGS)) {
  test(`a server that hangs at ${stage} is given up, and tried again later`, async () => {
    const { error } = await failureOf(play);
    assert.equal(error.isPermanent, false);
    assert.equal(error.isUnreached, HANGS_FOR_ALL.includes(stage));
    assert.match(error.message, /^127\.0\.0\.1:\d+: /);
    assert.ok(error.message.length <= 200);
  });
}

const DROPS = ['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'data', '.'] as const;

for (const stage of DROPS) {
  test(`a server that hangs up at ${stage} fails the attempt, which is made once`, async () => {
    const { error, server } = await failureOf({ script: { [stage]: 'drop' } });
    assert.equal(error.isPermanent, false);
    // The connection was new: that the server takes nothing is no matter of a stale one.
    assert.ok(server.heard.filter((verb) => verb === 'DATA').length <= 1);
    assert.equal(server.mails.length, stage === '.' ? 1 : 0);
  });
}

const REFUSALS: readonly (readonly [play: Play, isPermanent: boolean, words: RegExp])[] = [
  [{ script: { greeting: '554 5.3.2 not today' } }, false, /554 5\.3\.2 not today/],
  [{ script: { greeting: '421 4.3.2 busy' } }, false, /421 4\.3\.2 busy/],
  [{ script: { EHLO: '550 go away', HELO: '550 go away' } }, false, /550/],
  [{ script: { AUTH: '535 5.7.8 wrong' }, extensions: ['AUTH PLAIN'], url: withLogin }, false, /535 5\.7\.8 wrong/],
  [{ script: { MAIL: '550 5.1.8 bad sender' } }, false, /550 5\.1\.8 bad sender \(to MAIL FROM\)/],
  [{ script: { MAIL: '530 5.7.0 authenticate' } }, false, /530/],
  [{ script: { RCPT: '450 4.2.1 later' } }, false, /450 4\.2\.1 later \(to RCPT TO\)/],
  [{ script: { RCPT: '550 5.1.1 no such mailbox' } }, true, /550 5\.1\.1 no such mailbox \(to RCPT TO\)/],
  [{ script: { RCPT: '553 no such mailbox' }, extensions: [] }, true, /553 no such mailbox/],
  [{ script: { RCPT: '501 5.1.3 no address' } }, true, /501 5\.1\.3 no address/],
  [{ script: { RCPT: '550 5.7.1 relaying denied' } }, false, /550 5\.7\.1 relaying denied/],
  [{ script: { RCPT: '503 5.5.1 order' } }, false, /503/],
  [{ script: { DATA: '451 4.3.0 disk' } }, false, /451 4\.3\.0 disk/],
  [{ script: { '.': '452 4.3.1 full' } }, false, /452 4\.3\.1 full \(to DATA\)/],
  [{ script: { '.': '554 5.6.0 not like this' } }, true, /554 5\.6\.0 not like this/],
  [{ script: { '.': '552 5.3.4 too large for us' } }, false, /552/],
  [{ script: { '.': '421 4.3.2 shutting down' } }, false, /421/],
];

for (const [play, isPermanent, words] of REFUSALS) {
  test(`${JSON.stringify(play.script)} is ${isPermanent ? 'final' : 'tried again'} (RFC 5321 §4.2.1)`, async () => {
    // Who takes no recipient takes no DATA that was sent along (RFC 2920 §3.1).
    const script = play.script.RCPT === undefined ? play.script : { DATA: '503 5.5.1 nobody', ...play.script };
    const { error } = await failureOf({ ...play, script });
    assert.match(error.message, words);
    assert.equal(error.isPermanent, isPermanent);
    const meetsEveryMail =
      play.script.RCPT === undefined && play.script.DATA === undefined && play.script['.'] === undefined;
    assert.equal(error.isUnreached, meetsEveryMail, 'refused before the recipient was named, or not');
  });
}

test('credentials are not said without TLS beyond this machine, nor to a server that is not who it says', async () => {
  const secret = await failureOf({ script: {}, extensions: ['STARTTLS', 'AUTH PLAIN'], url: withLogin });
  assert.match(secret.error.message, /certificate/i);
  assert.equal(secret.error.isPermanent, false);
  const bare = await failureOf({
    script: { STARTTLS: '502 5.5.1 not known' },
    extensions: ['AUTH PLAIN'],
    url: (port) => `smtp://user:secret@127.0.0.1:${port}?requireTLS=true`,
  });
  assert.match(bare.error.message, /502 5\.5\.1 not known/);
  for (const { server } of [secret, bare]) assert.ok(!server.heard.includes('AUTH'));
});

test('credentials are said over STARTTLS and over TLS', async () => {
  for (const [secure, protocol] of [
    [false, 'smtp'],
    [true, 'smtps'],
  ] as const) {
    const said: string[] = [];
    const receiver = await startSmtpReceiver({
      secure,
      key: CERTIFICATE.key,
      cert: CERTIFICATE.cert,
      disabledCommands: [],
      onAuth({ username, password }, session, callback) {
        said.push(`${username} ${password} ${session.secure}`);
        callback(null, { user: username });
      },
    });
    const sender = createSmtpSender({
      url: `${protocol}://alerts%40example:p%2Css@127.0.0.1:${new URL(receiver.url).port}?tls.rejectUnauthorized=false`,
      mailFrom: FROM,
    });
    try {
      assert.match((await sender.send(MAIL, signal)).response, /^250/);
      assert.deepEqual(said, ['alerts@example p,ss true']);
    } finally {
      await sender.stop();
      await receiver.close();
    }
  }
});

test('a connection is used again; one that hangs at its goodbye holds up nothing', async () => {
  const server = await startScriptedSmtp({ QUIT: 'hang' });
  const sender = createSmtpSender({ url: server.url, mailFrom: FROM, timeouts: { ...SHORT, idleMs: 30 } });
  try {
    await sender.send(MAIL, signal);
    await sender.send(MAIL, signal);
    assert.equal(server.heard.filter((verb) => verb === 'EHLO').length, 1);
    while (!server.heard.includes('QUIT')) await nextTurn();
    await sender.send(MAIL, signal);
    assert.equal(server.heard.filter((verb) => verb === 'EHLO').length, 2);
    assert.equal(server.mails.length, 3);
  } finally {
    await sender.stop();
    await server.close();
  }
});

test('a used connection that ends before the mail had begun is replaced; one that ends in it fails, and nothing is sent twice', async () => {
  for (const stage of ['MAIL', 'RCPT', 'DATA', 'data', '.'] as const) {
    const server = await startScriptedSmtp({}, { extensions: [] });
    const sender = createSmtpSender({ url: server.url, mailFrom: FROM, timeouts: { ...SHORT, totalMs: 2_000 } });
    try {
      await sender.send(MAIL, signal);
      const heardBefore = server.heard.length;
      server.play({ [stage]: 'drop' });
      const outcome = sender.send(MAIL, signal).then(
        () => 'taken',
        () => 'failed',
      );
      const last = stage === 'data' ? 'DATA' : stage;
      while (!server.heard.slice(heardBefore).includes(last)) await nextTurn();
      if (stage !== 'data') server.play({});
      const hasBegun = stage === 'data' || stage === '.';
      assert.equal(await outcome, hasBegun ? 'failed' : 'taken', stage);
      assert.equal(server.mails.length, stage === 'data' ? 1 : 2, stage);
    } finally {
      await sender.stop();
      await server.close();
    }
  }
});

test('with pipelining, recipient and DATA leave without waiting (RFC 2920)', async () => {
  const server = await startScriptedSmtp({ MAIL: '250-slow' });
  const sender = createSmtpSender({ url: server.url, mailFrom: FROM, timeouts: SHORT });
  try {
    await assert.rejects(sender.send(MAIL, signal));
    assert.deepEqual(server.heard.slice(1, 4), ['MAIL', 'RCPT', 'DATA']);
  } finally {
    await sender.stop();
    await server.close();
  }
});

test('the next server takes what the first does not; after two failures the first is asked last for a while', async () => {
  const first = await startScriptedSmtp({ greeting: '421 4.3.2 busy' });
  const second = await startScriptedSmtp();
  const clock = createManualClock();
  const sender = createSmtpSender({ url: `${first.url}, ${second.url}`, mailFrom: FROM, timeouts: SHORT, clock });
  const greeted = (): number => first.heard.filter((verb) => verb === 'EHLO').length;
  try {
    for (let mail = 1; mail <= 2; mail += 1) await sender.send(MAIL, signal);
    first.play({});
    await sender.send(MAIL, signal);
    assert.equal(second.mails.length, 3);
    assert.equal(greeted(), 0);
    clock.advance(31_000);
    await sender.send(MAIL, signal);
    assert.equal(first.mails.length, 1);
    // A mailbox that does not exist exists nowhere else either.
    first.play({ RCPT: '550 5.1.1 no such mailbox', DATA: '503 nobody' });
    await assert.rejects(sender.send(MAIL, signal), { isPermanent: true });
    assert.equal(second.mails.length, 3);
  } finally {
    await sender.stop();
    await Promise.all([first.close(), second.close()]);
  }
});

test('what one server says of a mail is not held against the next', async () => {
  for (const stage of ['MAIL', 'RCPT', 'DATA', '.'] as const) {
    // Who takes no sender or recipient takes no DATA that was sent along (RFC 2920 §3.1).
    const nobody = stage === 'MAIL' || stage === 'RCPT' ? { DATA: '503 5.5.1 nobody' } : {};
    const first = await startScriptedSmtp({ ...nobody, [stage]: '451 4.7.1 later' });
    const second = await startScriptedSmtp();
    const sender = createSmtpSender({ url: `${first.url},${second.url}`, mailFrom: FROM, timeouts: SHORT });
    try {
      await sender.send(MAIL, signal);
      assert.equal(second.mails.length, 1, stage);
    } finally {
      await sender.stop();
      await Promise.all([first.close(), second.close()]);
    }
  }
});

test('where one server was reached, the failure is of the mail, whether the others were or not', async () => {
  const reached = await startScriptedSmtp({ RCPT: '450 4.2.0 greylisted', DATA: '503 5.5.1 nobody' });
  const gone = await startScriptedSmtp();
  await gone.close();
  for (const url of [`${reached.url},${gone.url}`, `${gone.url},${reached.url}`]) {
    const sender = createSmtpSender({ url, mailFrom: FROM, timeouts: SHORT });
    await assert.rejects(sender.send(MAIL, signal), {
      message: /450 4\.2\.0/,
      isOfMessage: true,
      isUnreached: false,
    });
    await sender.stop();
  }
  await reached.close();
});

test('a server that hangs leaves time for the one after it', async () => {
  const first = await startScriptedSmtp({ EHLO: 'hang' });
  const second = await startScriptedSmtp();
  const timeouts = { connectMs: 10_000, silenceMs: 10_000, totalMs: 600 };
  const sender = createSmtpSender({ url: `${first.url},${second.url}`, mailFrom: FROM, timeouts });
  try {
    await sender.send(MAIL, signal);
    assert.equal(second.mails.length, 1);
  } finally {
    await sender.stop();
    await Promise.all([first.close(), second.close()]);
  }
});

test('a pool in which everything hangs is thrown away, and works again with the server', async () => {
  const server = await startScriptedSmtp({ MAIL: 'hang' });
  const timeouts = { connectMs: 10_000, silenceMs: 10_000, totalMs: 100 };
  const sender = createSmtpSender({ url: server.url, mailFrom: FROM, timeouts });
  try {
    const sent = await Promise.allSettled(Array.from({ length: 20 }, () => sender.send(MAIL, signal)));
    assert.ok(sent.every(({ status }) => status === 'rejected'));
    server.play({});
    await sender.send(MAIL, signal);
    assert.equal(server.mails.length, 1);
  } finally {
    await sender.stop();
    await server.close();
  }
});

test('who waits for a connection leaves when told', async () => {
  const server = await startScriptedSmtp({ MAIL: 'hang' });
  const timeouts = { connectMs: 10_000, silenceMs: 10_000, totalMs: 10_000 };
  const sender = createSmtpSender({ url: server.url, mailFrom: FROM, timeouts });
  const leaving = new AbortController();
  try {
    const sent = Array.from({ length: 20 }, () => sender.send(MAIL, leaving.signal));
    leaving.abort();
    const outcomes = await Promise.allSettled(sent);
    assert.ok(outcomes.every(({ status }) => status === 'rejected'));
  } finally {
    await sender.stop();
    await server.close();
  }
});

test('a mail that is given up as soon as it is asked for does not leave', async () => {
  const server = await startScriptedSmtp({ MAIL: 'hang' });
  const timeouts = { connectMs: 10_000, silenceMs: 10_000, totalMs: 10_000 };
  const sender = createSmtpSender({ url: server.url, mailFrom: FROM, timeouts });
  const leaving = new AbortController();
  try {
    const sent = sender.send(MAIL, leaving.signal);
    leaving.abort();
    await assert.rejects(sent, /abort/i);
    assert.deepEqual(server.heard, []);
  } finally {
    await sender.stop();
    await server.close();
  }
});

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
  await assert.rejects(sender.send(MAIL, signal), { message: /no such mailbox/, isUnreached: false });
  await receiver.close();
  await assert.rejects(sender.send(MAIL, signal), { isPermanent: false, isUnreached: true });
  await sender.stop();
  await assert.rejects(sender.send(MAIL, signal), /stopping/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { messageKey } from '../../src/alerts/delivery/message-key.ts';
import type { MapPicture } from '../../src/alerts/map-picture/map-pictures.ts';
import { SendError } from '../../src/alerts/senders/alert-sender.ts';
import { createMailWriting, type PicturedMessage, type WrittenMail } from '../../src/alerts/senders/write-mail.ts';
import { exampleMailMessage } from '../support/alert-message-fixture.ts';

const FROM = 'Waymark <alerts@waymark.example>';
const writing = createMailWriting(FROM);

/** What people and programs try in names. */
const HOSTILE = [
  '\r\nBcc: evil@example.com',
  '\nSubject: other\n\n',
  '\r\n\r\n<script>alert(1)</script>',
  '=?utf-8?q?=0D=0ABcc:_evil@example.com?=',
  '=?utf-8?b?DQpCY2M6IGV2aWxAZXhhbXBsZS5jb20=?=',
  '=?iso-8859-1?q?=?=',
  '\0\u0001\u007F',
  '\uD800',
  '\uDC00x\uD83D',
  '🚨🧯👩‍🚒',
  '\u202Eتسجيل\u2066 מבחן',
  '\u2028To: evil@example.com\u2029',
  'x'.repeat(5_000),
  'é'.repeat(5_000),
  ' '.repeat(2_000),
  'a b '.repeat(1_250),
  '$&$1$`',
  '<!--map-->',
  '"; DROP <evil@example.com>, ',
];

const name = fc
  .array(
    fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 })),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((parts) => parts.join(''));

function written(message: PicturedMessage): string {
  return Buffer.concat(writing.write(message).pieces).toString('latin1');
}

const ONCE = [
  'subject',
  'to',
  'from',
  'date',
  'message-id',
  'auto-submitted',
  'importance',
  'mime-version',
  'content-type',
];
const KNOWN = new Set([
  ...ONCE,
  'content-transfer-encoding',
  'in-reply-to',
  'references',
  'priority',
  'x-priority',
  'x-msmail-priority',
  'x-auto-response-suppress',
]);

/** RFC 5322 §2.1.1: 998 characters in a line at most, and 78 in those of headers that can be folded. */
function assertLines(raw: string): void {
  const headEnd = raw.indexOf('\r\n\r\n');
  for (const line of raw.slice(0, headEnd).split('\r\n')) assert.ok(line.length <= 78, line);
  for (const line of raw.split('\r\n')) assert.ok(line.length <= 998);
  assert.ok(!/[^\r]\n|\r[^\n]/.test(raw), 'a line end that is none');
  assert.ok(!/^\./m.test(raw), 'a line that SMTP would take for the end');
  // A mail server that does not offer SMTPUTF8 (RFC 6531) takes it.
  assert.ok(/^[\t\r\n\x20-\x7E]*$/.test(raw.slice(0, headEnd)), 'a header that is not ASCII');
}

test('whatever a caller calls itself, a mail has its own headers and no others', async () => {
  await fc.assert(
    fc.asyncProperty(name, name, name, async (subject, text, html) => {
      const raw = written(
        exampleMailMessage({ subject: `911 CALL – ${subject}`, text, html: `<p>${html.replaceAll('<', '&#60;')}</p>` }),
      );
      assertLines(raw);
      const mail = await PostalMime.parse(Buffer.from(raw, 'latin1'));
      const keys = mail.headers.map(({ key }) => key);
      for (const key of ONCE) assert.equal(keys.filter((one) => one === key).length, 1, key);
      assert.deepEqual(
        keys.filter((key) => !KNOWN.has(key)),
        [],
      );
      assert.deepEqual(mail.to, [{ name: '', address: 'desk@example.com' }]);
      assert.deepEqual(mail.from, { name: 'Waymark', address: 'alerts@waymark.example' });
      assert.equal(mail.bcc, undefined);
      assert.ok(mail.subject?.startsWith('911 CALL –'));
      assert.ok(Array.from(mail.subject ?? '').length <= 300);
      assert.ok(!/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u.test(mail.subject ?? ''));
      assert.equal(mail.attachments.length, 0);
    }),
    { numRuns: 150, seed: 7 },
  );
});

test('an address is one address or none: no other is ever written to', async () => {
  const part = fc.oneof(
    fc.constantFrom(...HOSTILE),
    fc.string({ maxLength: 20 }),
    fc.constantFrom('desk', 'müller', 'ann+911', "o'neil", 'a..b', '<x>', '"q q"'),
  );
  const address = fc.oneof(
    fc
      .tuple(
        part,
        fc.constantFrom('@', ''),
        fc.oneof(part, fc.constantFrom('example.com', 'müller.example', 'xn--mller-kva.example')),
      )
      .map((parts) => parts.join('')),
    fc.constantFrom(
      'a@example.com>, <evil@example.com',
      'a@example.com\r\nRCPT TO:<evil@example.com>',
      'evil@example.com,a@example.com',
      'Ann <a@example.com>',
    ),
  );
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(address, async (to) => {
      let sent: WrittenMail;
      try {
        sent = writing.write(exampleMailMessage({ address: to }));
      } catch (error) {
        assert.ok(error instanceof SendError && error.isPermanent);
        assert.ok(error.message.length < 200 && !/[\r\n]/.test(error.message));
        return;
      }
      accepted += 1;
      assert.equal(sent.envelope.to.length, 1);
      assert.ok(!/[\s<>,;]/.test(sent.envelope.to[0] ?? ''), sent.envelope.to[0]);
      assert.ok(!sent.envelope.to[0]?.startsWith('evil@') || to.startsWith('evil@'));
      const mail = await PostalMime.parse(Buffer.concat(sent.pieces));
      assert.equal(mail.to?.length, 1);
      assert.equal(mail.headers.filter(({ key }) => key === 'to').length, 1);
    }),
    { numRuns: 400, seed: 11 },
  );
  assert.ok(accepted > 20, `${accepted} were addresses`);
});

test('international domains are written as DNS has them (RFC 5890)', () => {
  const sent = writing.write(exampleMailMessage({ address: 'desk@müller.example' }));
  assert.deepEqual(sent.envelope.to, ['desk@xn--mller-kva.example']);
});

test('mails of one incident are one thread for a reader; the first begins it', async () => {
  const first = await PostalMime.parse(Buffer.from(written(startMail()), 'latin1'));
  const end = await PostalMime.parse(
    Buffer.from(
      written(exampleMailMessage({}, { kind: 'call-ended', key: 'cd'.repeat(20), severity: 'info' })),
      'latin1',
    ),
  );
  const headerOf = (mail: typeof first, wanted: string) => mail.headers.find(({ key }) => key === wanted)?.value;
  assert.equal(headerOf(first, 'references'), undefined);
  assert.equal(headerOf(first, 'importance'), 'High');
  assert.equal(headerOf(first, 'priority'), 'urgent');
  assert.equal(headerOf(end, 'in-reply-to'), first.messageId);
  assert.equal(headerOf(end, 'references'), first.messageId);
  assert.equal(headerOf(end, 'importance'), undefined);
  assert.equal(headerOf(end, 'list-unsubscribe'), undefined);
});

function startMail() {
  const message = exampleMailMessage();
  return { ...message, key: messageKey('call-1', message.endpoint, 'call-started') };
}

const PICTURE: MapPicture = {
  id: 'picture-1',
  png: Buffer.from('89504e470d0a1a0a', 'hex'),
  attribution: 'Data: <County>',
};
const MAP = { latitude: 32.78, longitude: -96.8, uncertaintyMeters: 30, caption: 'Map: <b>$& 150 N Akard St</b>' };

test('a picture stands within the mail where it belongs, and nothing in its place without one', async () => {
  const html = '<html><body><h1>911</h1><!--map--><p>after</p></body></html>';
  const withMap = (body: string, picture: MapPicture | null) => {
    const message = exampleMailMessage({ html: body });
    return { ...message, content: { ...message.content, map: MAP } as typeof message.content, picture };
  };
  const mail = await PostalMime.parse(Buffer.from(written(withMap(html, PICTURE)), 'latin1'));
  const [attachment] = mail.attachments;
  assert.equal(mail.attachments.length, 1);
  assert.equal(attachment?.mimeType, 'image/png');
  assert.equal(attachment?.disposition, 'inline');
  assert.ok(attachment?.related);
  const cid = attachment?.contentId?.slice(1, -1) ?? '';
  assert.match(
    mail.html ?? '',
    new RegExp(`<h1>911</h1><img [^>]*src="cid:${cid}"[^>]*alt="Map: &#60;b&#62;\\$&#38; 150`),
  );
  assert.match(mail.html ?? '', /<p>after<\/p>/);

  const appended = await PostalMime.parse(Buffer.from(written(withMap('<body>mine</body>', PICTURE)), 'latin1'));
  assert.match(appended.html ?? '', /mine<img /);
  const none = await PostalMime.parse(Buffer.from(written(withMap(html, null)), 'latin1'));
  assert.equal(none.attachments.length, 0);
  assert.match(none.html ?? '', /<h1>911<\/h1><p>after<\/p>/);
});

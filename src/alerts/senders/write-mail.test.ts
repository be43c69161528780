import assert from 'node:assert/strict';
import { test } from 'node:test';
import PostalMime from 'postal-mime';
import { exampleMailMessage } from '../../../test/support/alert-message-fixture.ts';
import { exampleAlertContext, exampleTold } from '../../../test/support/alert-occasion-fixture.ts';
import { ALERT_LANGUAGES, ALERT_TRIGGERS } from '../../domain/alert-trigger.ts';
import type { AlertDraft } from '../alert-draft.ts';
import { messageHead, writeDraft } from '../content/compose-message.ts';
import { sampleOccasion } from '../content/sample-occasion.ts';
import type { MapPicture } from '../map-picture/map-pictures.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import { SendError } from './alert-sender.ts';
import { mailDraft } from './mail-draft.ts';
import { createMailWriting, type WrittenMail } from './write-mail.ts';

const FROM = 'Waymark <alerts@waymark.example>';
const ORGANIZATION = '5f0c1c36-8f3b-4d63-9c1e-2b7d0a6f4e10';
const PICTURE: MapPicture = { id: 'picture-1', png: Buffer.from('89504e470d0a1a0a', 'hex'), attribution: 'County' };

const bytesOf = ({ pieces }: WrittenMail): Buffer => Buffer.concat(pieces);

function draftOf(occasion: AlertDraft['occasion'], told: ToldRecipient): AlertDraft {
  const context = { ...exampleAlertContext({ incidentId: 'incident-1' }), openedIncidentId: 'incident-1' };
  return { ...messageHead(occasion, told, context), content: null, told, occasion, context };
}

/** What a reader is shown. */
async function read(mail: WrittenMail) {
  const { attachments, headers, html, messageId, subject, text, to } = await PostalMime.parse(bytesOf(mail));
  const fields = headers.filter(({ key }) => key !== 'content-type').map(({ key, value }) => `${key}: ${value}`);
  return { pictures: attachments.length, fields: fields.sort(), html, messageId, subject, text, to };
}

test('what several people are told alike is written once, and each gets the mail that is theirs', async () => {
  for (const trigger of ALERT_TRIGGERS) {
    const writing = createMailWriting(FROM);
    const occasion = sampleOccasion(trigger, ORGANIZATION);
    const everybody = ['ann', 'bob', 'müller', 'dot.'].flatMap((name) =>
      ALERT_LANGUAGES.map((language) =>
        exampleTold({
          endpoint: { channel: 'email', address: `${name}.${language}@example.com` },
          label: `${name} of ${language}`,
          recipientId: `recipient-${name}`,
          language,
          trigger,
        }),
      ),
    );
    const seen = new Set<string>();
    for (const [number, told] of everybody.entries()) {
      const draft = draftOf(occasion, told);
      // As long as it may be, with what is said otherwise in HTML and in quoted-printable.
      const link = `https://e911.example/act/${number}${'._-='.repeat(number * 9)}?a=1&b=2`;
      const mail = writing.writeDraft(mailDraft(draft, link, PICTURE));
      const alone = createMailWriting(FROM).write({ ...writeDraft(draft, link, null), picture: PICTURE });
      const shown = await read(mail);
      assert.deepEqual(shown, await read(alone));
      assert.deepEqual(mail.envelope, alone.envelope);
      assert.equal(shown.pictures, occasion.call?.location?.shape ? 1 : 0);
      if (trigger === 'call-placed') assert.ok(shown.text?.includes(link));
      for (const other of everybody) {
        if (other !== told) assert.ok(!`${shown.text} ${shown.html}`.includes(other.label), 'of somebody else');
      }
      seen.add(shown.messageId ?? '');
    }
    assert.equal(seen.size, everybody.length);
  }
});

test('lines stay within 76 characters around a link, whatever stands before it and however long it is', async () => {
  const told = exampleTold();
  const occasion = sampleOccasion('call-placed', ORGANIZATION);
  for (let length = 1; length <= 80; length += 1) {
    const draft = draftOf(occasion, told);
    draft.context.site = { name: 'S'.repeat(length), timeZone: 'America/Chicago' };
    const link = `https://e911.example/act/${'='.repeat(length % 5)}${'x'.repeat(length)}.`;
    const mail = createMailWriting(FROM).writeDraft(mailDraft(draft, link, PICTURE));
    const body = bytesOf(mail).toString('latin1').split('\r\n\r\n').slice(1).join('\r\n\r\n');
    for (const line of body.split('\r\n')) assert.ok(line.length <= 76 || line.startsWith('Content-Type:'), line);
    assert.ok((await read(mail)).text?.includes(link));
  }
});

test('another occasion, picture or moment is written anew', async () => {
  const writing = createMailWriting(FROM);
  const told = exampleTold();
  const subjects = [];
  for (const trigger of ['call-placed', 'call-ended', 'location-unknown'] as const) {
    const draft = draftOf(sampleOccasion(trigger, ORGANIZATION), told);
    subjects.push((await read(writing.writeDraft(mailDraft(draft, null, PICTURE)))).subject);
    assert.doesNotMatch(bytesOf(writing.writeDraft(mailDraft(draft, null, null))).toString('latin1'), /image\/png/);
  }
  assert.equal(new Set(subjects).size, 3);
});

test('no line of a mail begins with a dot, and no boundary can be written into one', async () => {
  const writing = createMailWriting(FROM);
  const text = '.\r\n..\n--waymark=_alternative--\r\n--waymark=_related\r\n. bare \r.';
  for (const html of [null, `<body>${text}</body>`]) {
    const message = exampleMailMessage({ subject: '.\r\n.', text, html });
    const mail = writing.write({ ...message, picture: PICTURE });
    const raw = bytesOf(mail).toString('latin1');
    assert.doesNotMatch(raw, /^\./m);
    assert.doesNotMatch(raw, /[^\r]\n|\r[^\n]/);
    const shown = await read(mail);
    assert.equal(shown.text?.trimEnd(), text.replaceAll(/\r\n|\r/g, '\n'));
  }
});

/** Letters whose last bytes are CR, LF, `:`, a space, `<` and `>`. */
const [CR, LF, COLON, SPACE, LESS, MORE] = ['\u040d', '\u040a', '\u043a', '\u0420', '\u043c', '\u043e'];

test('an address in letters of another script stands in the mail as it is, whatever its bytes look like (RFC 6532)', async () => {
  const addresses = [
    'мария@example.com',
    'müller@example.com',
    '田中@example.com',
    `a${CR}${LF}Subject${COLON}${SPACE}not.this@example.com`,
    `a${CR}${LF}.${CR}${LF}MAIL${SPACE}FROM${COLON}${LESS}evil${MORE}@example.com`,
  ];
  for (const address of addresses) {
    const mail = createMailWriting(FROM).write(exampleMailMessage({ address }));
    const raw = bytesOf(mail);
    assert.deepEqual(mail.envelope.to, [address]);
    assert.ok(raw.toString('utf8').includes(`\r\nTo: ${address}\r\n`), raw.toString('utf8'));
    assert.doesNotMatch(raw.toString('latin1'), /^\./m);
    const shown = await PostalMime.parse(raw);
    assert.equal(shown.subject, '911 CALL');
    assert.deepEqual(shown.to, [{ name: '', address }]);
  }
});

test('a draft for an address that is none is refused for good', () => {
  const told = exampleTold({ endpoint: { channel: 'email', address: 'a@example.com>\r\nRCPT TO:<evil@example.com' } });
  const draft = draftOf(sampleOccasion('call-placed', ORGANIZATION), told);
  assert.throws(
    () => createMailWriting(FROM).writeDraft(mailDraft(draft, null, null)),
    (error) => error instanceof SendError && error.isPermanent,
  );
});

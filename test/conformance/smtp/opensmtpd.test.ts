import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { test } from 'node:test';
import PostalMime from 'postal-mime';
import { layoutMail } from '../../../src/alerts/content/mail-layout.ts';
import { createSmtpSender } from '../../../src/alerts/senders/smtp-sender.ts';
import { sha256Hex } from '../../../src/support/ids.ts';
import { SAMPLE_PAGES } from '../../browser/sample-mail-pages.ts';
import { exampleMailMessage } from '../../support/alert-message-fixture.ts';
import { startOpenSmtpd } from '../../support/opensmtpd.ts';
import { skipWithout } from '../../support/parts.ts';

const FROM = 'Waymark <alerts@waymark.example>';
const MAILS = 40;

const skip = userInfo().uid === 0 ? skipWithout('opensmtpd') : 'OpenSMTPD starts as root only';

test('a mail daemon of the real world takes what we send, each once, and says whom it does not know', {
  skip,
}, async () => {
  const daemon = await startOpenSmtpd();
  const sender = createSmtpSender({ url: daemon.url, mailFrom: FROM });
  const { signal } = new AbortController();
  const page = SAMPLE_PAGES.french;
  assert.ok(page);
  const { html, text } = layoutMail(page);
  const keyOf = (number: number): string => sha256Hex(`mail ${number}`).slice(0, 40);
  const subjectOf = (number: number): string => `911 – Zoë 🚨 ${number} ${'très long '.repeat(20)}`.trim();
  try {
    const accepted = await Promise.all(
      Array.from({ length: MAILS }, (_, number) =>
        sender.send(
          exampleMailMessage(
            { address: `desk${number}@example.com`, subject: subjectOf(number), text: `.\n..\n${text}`, html },
            { key: keyOf(number) },
          ),
          signal,
        ),
      ),
    );
    for (const { response } of accepted) assert.match(response, /^250 2\.0\.0 \S+ Message accepted/);
    await assert.rejects(sender.send(exampleMailMessage({ address: 'desk@other.example' }), signal), {
      isPermanent: true,
      message: /550 Invalid recipient: <desk@other\.example>/,
    });

    const raws = await daemon.waitForMails(MAILS);
    const mails = await Promise.all(raws.map((raw) => PostalMime.parse(raw)));
    assert.deepEqual(
      mails.map(({ messageId }) => messageId ?? '').sort(),
      Array.from({ length: MAILS }, (_, number) => `<${keyOf(number)}@waymark.example>`).sort(),
    );
    const third = mails.find(({ messageId }) => messageId === `<${keyOf(3)}@waymark.example>`);
    assert.equal(third?.subject, subjectOf(3));
    assert.equal(third?.to?.[0]?.address, 'desk3@example.com');
    assert.equal(third?.text?.replaceAll('\r\n', '\n').trimEnd(), `.\n..\n${text}`.trimEnd());
    assert.equal(third?.html?.replaceAll('\r\n', '\n').trimEnd(), html.replace('<!--map-->', '').trimEnd());
  } finally {
    await sender.stop();
    await daemon.stop();
  }
});

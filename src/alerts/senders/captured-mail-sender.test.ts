import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import PostalMime from 'postal-mime';
import { withFolder } from '../../../test/support/alerts-fixture.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createCapturedMailSender } from './captured-mail-sender.ts';
import type { OutgoingMail } from './mail-sender.ts';

function mail(number: number): OutgoingMail {
  return {
    messageId: `<${String(number).padStart(40, 'a')}@waymark.example>`,
    from: 'Waymark <alerts@waymark.example>',
    to: `desk${number}@example.com`,
    subject: `911 CALL – Zoë 🚨 ${'a long name '.repeat(20)}${number}`,
    text: 'Ein Anruf: 12½ Elm St\n',
    html: '<p>12½ Elm St</p>',
    urgent: true,
    date: new Date('2026-03-05T18:30:15Z'),
  };
}

test('mail is kept as .eml, newest last by name, and listed', () =>
  withFolder(async (folder) => {
    const clock = createManualClock();
    const sender = createCapturedMailSender({ folder: join(folder, 'mail'), clock });
    assert.deepEqual(await sender.list(10), []);
    for (let number = 1; number <= 12; number += 1) await sender.send(mail(number));
    clock.advance(1);
    await sender.send(mail(13));

    const files = (await readdir(join(folder, 'mail'))).sort();
    assert.equal(files.length, 13);
    const listed = await sender.list(5);
    assert.deepEqual(
      listed.map((one) => one.to),
      [9, 10, 11, 12, 13].map((number) => `desk${number}@example.com`),
    );
    assert.equal(listed.at(-1)?.file, files.at(-1));
    assert.equal(listed.at(-1)?.subject, mail(13).subject);
    assert.equal(listed.at(-1)?.messageId, mail(13).messageId);

    const raw = await sender.read(files.at(-1) ?? '');
    const parsed = await PostalMime.parse(raw ?? '');
    assert.equal(parsed.messageId, mail(13).messageId);
    assert.equal(parsed.text?.trim(), 'Ein Anruf: 12½ Elm St');
    assert.equal(parsed.html?.trim(), '<p>12½ Elm St</p>');
    assert.equal(await sender.read('../../secret'), undefined);
    assert.equal(await sender.read('20260101T000000000Z-000001-00000000.eml'), undefined);
  }));

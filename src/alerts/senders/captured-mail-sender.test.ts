import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import PostalMime from 'postal-mime';
import { exampleMailMessage } from '../../../test/support/alert-message-fixture.ts';
import { withFolder } from '../../../test/support/alerts-fixture.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createCapturedMailSender } from './captured-mail-sender.ts';

const FROM = 'Waymark <alerts@waymark.example>';
const signal = new AbortController().signal;
const keyOf = (number: number): string => String(number).padStart(40, 'a');
const subjectOf = (number: number): string => `911 CALL – Zoë 🚨 ${'a long name '.repeat(20)}${number}`;

const mail = (number: number) =>
  exampleMailMessage(
    {
      address: `desk${number}@example.com`,
      subject: subjectOf(number),
      text: 'Ein Anruf: 12½ Elm St\n',
      html: '<p>12½ Elm St</p>',
    },
    { key: keyOf(number) },
  );

test('mail is kept as .eml, newest last by name, and listed', () =>
  withFolder(async (folder) => {
    const clock = createManualClock();
    const sender = createCapturedMailSender({ folder: join(folder, 'mail'), mailFrom: FROM, clock });
    assert.deepEqual(await sender.list(10), []);
    for (let number = 1; number <= 12; number += 1) await sender.send(mail(number), signal);
    clock.advance(1);
    await sender.send(mail(13), signal);

    const files = (await readdir(join(folder, 'mail'))).sort();
    assert.equal(files.length, 13);
    const listed = await sender.list(5);
    assert.deepEqual(
      listed.map((one) => one.to),
      [9, 10, 11, 12, 13].map((number) => `desk${number}@example.com`),
    );
    assert.equal(listed.at(-1)?.file, files.at(-1));
    assert.equal(listed.at(-1)?.subject, subjectOf(13));
    assert.equal(listed.at(-1)?.messageId, `<${keyOf(13)}@waymark.example>`);

    const raw = await sender.read(files.at(-1) ?? '');
    const parsed = await PostalMime.parse(raw ?? '');
    assert.equal(parsed.messageId, `<${keyOf(13)}@waymark.example>`);
    assert.equal(parsed.text?.trim(), 'Ein Anruf: 12½ Elm St');
    assert.equal(parsed.html?.trim(), '<p>12½ Elm St</p>');
    assert.equal(await sender.read('../../secret'), undefined);
    assert.equal(await sender.read('20260101T000000000Z-000001-00000000.eml'), undefined);
  }));

test('an address in letters of another script is kept and listed as it is', () =>
  withFolder(async (folder) => {
    const clock = createManualClock();
    const sender = createCapturedMailSender({ folder, mailFrom: FROM, clock });
    await sender.send(exampleMailMessage({ address: 'мария.müller@example.com' }), signal);
    const [listed] = await sender.list(1);
    assert.equal(listed?.to, 'мария.müller@example.com');
  }));

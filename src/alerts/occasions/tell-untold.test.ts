import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleMailMessage } from '../../../test/support/alert-message-fixture.ts';
import { exampleCallRecord } from '../../../test/support/call-record-fixture.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createUntoldTelling } from './tell-untold.ts';

function setUp() {
  const clock = createManualClock();
  const summed: { subject: string; text: string }[] = [];
  const untold = createUntoldTelling({
    writeOperatorMail: (subject, text, key) => exampleMailMessage({ subject, text }, { key }),
    tellOperator: (subject, text) => Promise.resolve(void summed.push({ subject, text })),
    publicUrl: 'https://waymark.example',
    clock,
  });
  const place = (count: number) => Array.from({ length: count }, () => exampleCallRecord());
  return { clock, summed, untold, place };
}

test('twenty calls in ten minutes get a mail each, the same one when they are asked for again', () => {
  const { clock, untold, place } = setUp();
  const [first, ...others] = place(20);
  assert.ok(first);
  const [mail] = untold.mailsAbout([first]);
  assert.equal(mail?.key, `untold:${first.id}`);
  assert.equal(untold.mailsAbout(others).length, 19);
  assert.equal(untold.mailsAbout([first])[0], mail);
  assert.deepEqual(untold.mailsAbout(place(1)), []);
  clock.advance(10 * 60_000);
  assert.equal(untold.mailsAbout(place(21)).length, 20);
});

test('of further calls one mail a minute tells, each call once; some are named, all are counted', () => {
  const { clock, summed, untold, place } = setUp();
  untold.mailsAbout(place(20));
  const further = place(60);
  for (const record of [...further, ...further]) assert.deepEqual(untold.mailsAbout([record]), []);
  clock.advance(59_999);
  assert.equal(summed.length, 0);
  clock.advance(1);
  const [mail, ...none] = summed.splice(0);
  assert.deepEqual(none, []);
  assert.equal(mail?.subject, 'Waymark: 60 further 911 calls of which nobody else is told');
  const named = further.filter(({ id }) => mail?.text.includes(`https://waymark.example/calls/${id}`));
  assert.deepEqual(named, further.slice(0, 50));
  assert.match(mail?.text ?? '', /Desk 312, \+12145550123; callback \+12145550123; location .+\n/);
  assert.match(mail?.text ?? '', /and 10 more: https:\/\/waymark\.example\/calls\n/);
  untold.mailsAbout(place(1));
  clock.advance(60_000);
  assert.equal(summed[0]?.subject, 'Waymark: 1 further 911 call of which nobody else is told');
  clock.advance(60_000);
  assert.equal(summed.length, 1, 'a minute without such a call has no mail');
});

test('what waits to be summed up is told when the process ends; an end that hangs is waited for a second', async () => {
  const { clock, summed, untold, place } = setUp();
  untold.mailsAbout(place(23));
  await untold.stop();
  assert.equal(summed[0]?.subject, 'Waymark: 3 further 911 calls of which nobody else is told');
  assert.equal(clock.pending(), 0);

  const hanging = createUntoldTelling({
    writeOperatorMail: () => exampleMailMessage(),
    tellOperator: () => new Promise<never>(() => undefined),
    publicUrl: 'https://waymark.example',
    clock,
  });
  hanging.mailsAbout(place(21));
  const ended = hanging.stop();
  clock.advance(1_000);
  await ended;
});

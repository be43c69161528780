import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../support/manual-clock.ts';
import { createSipPressure } from './sip-pressure.ts';

const DISPENSABLE = ['OPTIONS sip:x SIP/2.0', 'REGISTER sip:x SIP/2.0', 'SUBSCRIBE x', 'PUBLISH x', 'NOTIFY x'].map(
  (text) => Buffer.from(text),
);
const OF_CALLS = [
  'INVITE urn:service:sos SIP/2.0',
  'ACK x',
  'BYE x',
  'CANCEL x',
  'PRACK x',
  'UPDATE x',
  'INFO x',
  'SIP/2.0 200 OK',
  'MESSAGE x',
  '',
].map((text) => Buffer.from(text));

test('after a tenth of a second of full turns what is no part of a call is shed, until a turn has room again', () => {
  const clock = createManualClock();
  const pressure = createSipPressure(clock);
  const shed = () => [...DISPENSABLE, ...OF_CALLS].filter((bytes) => pressure.sheds(bytes)).length;
  pressure.noteTurn(32);
  clock.advance(99);
  pressure.noteTurn(32);
  assert.equal(shed(), 0, 'a burst');
  clock.advance(1);
  pressure.noteTurn(32);
  assert.equal(shed(), DISPENSABLE.length);
  for (const bytes of DISPENSABLE) assert.equal(pressure.sheds(bytes), true, bytes.toString());
  pressure.noteTurn(23);
  assert.equal(shed(), 0);
  pressure.noteTurn(32);
  assert.equal(shed(), 0, 'it begins anew');
});

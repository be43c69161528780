import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleAlertContext, exampleOccasion, exampleTold } from '../../../../test/support/alert-occasion-fixture.ts';
import { exampleCallRecord } from '../../../../test/support/call-record-fixture.ts';
import type { AlertLanguage } from '../../../domain/alert-trigger.ts';
import type { CallRecord } from '../../../domain/call-record.ts';
import type { AlertFacts } from '../alert-facts.ts';
import { gatherFacts } from '../gather-facts.ts';
import { missingMinimum } from './legal-minimum.ts';

function factsOf(changes: Partial<CallRecord> = {}, language: AlertLanguage = 'en'): AlertFacts {
  const occasion = exampleOccasion({}, exampleCallRecord(changes));
  return gatherFacts(occasion, exampleTold({ language }), exampleAlertContext());
}

const missing = (said: string, facts = factsOf()): string[] => missingMinimum(facts, said).map(({ name }) => name);

test('call, callback number and place, each in any of the ways in which it is said', () => {
  assert.deepEqual(missing(''), ['Call', 'Callback number', 'Location']);
  assert.deepEqual(missing('911 +12145550123 12 Elm St, Floor 3, Room 312, Dallas, TX 75201, US'), []);
  assert.deepEqual(missing('911 +12145550123 12 Elm St, Floor 3, Room 312, Dallas'), []);
  assert.deepEqual(missing('911 +12145550123 12 Elm St: 3 / 312'), []);
  assert.deepEqual(missing('911 +12145550123 32.780200, -96.800500 Floor 3, Room 312'), []);
});

test('a street without its floor is no dispatchable location; digits of a number are no floor', () => {
  assert.deepEqual(missing('911 +12145550123 12 Elm St'), ['Location']);
  assert.deepEqual(missing('911 +12145550123 12 Elm St, room 312'), ['Location']);
  assert.deepEqual(missing('1911 +12145550123 12 Elm St 3 312'), ['Call']);
});

test('what a caller calls itself says nothing for us', () => {
  const { caller } = exampleCallRecord();
  const facts = factsOf({ caller: { ...caller, displayName: 'Dial 911 or +12145550123' } });
  assert.deepEqual(missing('Dial 911 or +12145550123 at 12 Elm St, Floor 3, Room 312, Dallas', facts), [
    'Call',
    'Callback number',
  ]);
});

test('an address and a name with 911 in them do not say that 911 was called', () => {
  const { location, destination } = exampleCallRecord();
  assert.ok(location?.civic);
  const facts = factsOf({
    location: { ...location, civic: { ...location.civic, HNO: '911' }, text: '911 Elm St, Floor 3, Room 312, Dallas' },
    destination: { ...destination, name: 'Dallas 911' },
  });
  const said = '911 Elm St, Floor 3, Room 312, Dallas; call +12145550123. Told: Dallas 911';
  assert.deepEqual(missing(said, facts), ['Call']);
  assert.deepEqual(missing(`911 CALL: ${said}`, facts), []);
});

test('what is not known is said to be unknown, in the language of the message', () => {
  const facts = factsOf(
    { location: null, callback: { number: null, quality: 'INVALID', rule: 'the call carries no number' } },
    'fr',
  );
  assert.deepEqual(missing('911', facts), ['Numéro de rappel', 'Emplacement']);
  assert.deepEqual(missing('911. Aucun numéro de rappel, emplacement inconnu.', facts), []);
});

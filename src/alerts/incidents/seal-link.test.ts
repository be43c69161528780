import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newId, newSecret } from '../../support/ids.ts';
import { endpointTagOf, type IncidentLink, linkKey, openLink, sealLink } from './seal-link.ts';

const KEY = linkKey(1, Buffer.from(newSecret(), 'base64url'));
const OTHER = linkKey(1, Buffer.from(newSecret(), 'base64url'));

const LINK: IncidentLink = {
  incidentId: newId(),
  action: 'acknowledge',
  language: 'fr',
  expiresSeconds: 1_800_000_000,
  endpointTag: endpointTagOf({ channel: 'sms', number: '+12145550123', connectionId: newId() }),
  label: '+12145550123',
};

test('what is sealed is read back; short enough for an SMS, never twice the same', () => {
  const token = sealLink(KEY, LINK);
  assert.deepEqual(openLink([KEY], token), LINK);
  assert.ok(token.length <= 92, `${token.length} characters`);
  assert.notEqual(sealLink(KEY, LINK), token);
  assert.ok(!token.includes(LINK.incidentId.replaceAll('-', '')));
  assert.equal(openLink([OTHER], token), undefined);
  assert.equal(openLink([], token), undefined);
});

test('whatever the label, it is read back as far as it fits, in whole characters', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom('acknowledge', 'resolve'),
      (label, action) => {
        const opened = openLink([KEY], sealLink(KEY, { ...LINK, label, action }));
        assert.ok(opened);
        assert.ok(label.toWellFormed().startsWith(opened.label));
        assert.ok(Buffer.byteLength(opened.label) <= 60);
        assert.equal(opened.action, action);
      },
    ),
  );
});

test('a token with any other character, or none of ours, opens nothing', () => {
  const token = sealLink(KEY, LINK);
  for (let index = 0; index < token.length; index++) {
    const changed = `${token.slice(0, index)}${token[index] === 'A' ? 'B' : 'A'}${token.slice(index + 1)}`;
    assert.equal(openLink([KEY], changed), undefined, changed);
  }
  fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => openLink([KEY], text) === undefined));
});

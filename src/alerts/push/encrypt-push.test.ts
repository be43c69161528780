import assert from 'node:assert/strict';
import { createECDH, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { openPush } from '../../../test/support/push-service.ts';
import { encryptPush, isPushKey, MAX_PUSH_BYTES, type PushTarget } from './encrypt-push.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');

/** RFC 8291 §5 and Appendix A. */
const RFC_8291 = {
  plain: 'V2hlbiBJIGdyb3cgdXAsIEkgd2FudCB0byBiZSBhIHdhdGVybWVsb24',
  senderPrivate: 'yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw',
  receiverPrivate: 'q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94',
  p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  salt: 'DGv6ra1nlYgDCS1FRnbzlw',
  body:
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml' +
    'mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT' +
    'pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
};

test('the example of RFC 8291 comes out octet by octet, and the reader of the tests opens it', () => {
  const { p256dh, auth } = RFC_8291;
  const target = { endpoint: 'https://push.example.net/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV', p256dh, auth };
  const random = { salt: bytes(RFC_8291.salt), privateKey: bytes(RFC_8291.senderPrivate) };
  assert.equal(encryptPush(target, bytes(RFC_8291.plain), random).toString('base64url'), RFC_8291.body);
  const opened = openPush(bytes(RFC_8291.body), bytes(RFC_8291.receiverPrivate), bytes(auth));
  assert.equal(opened.toString(), 'When I grow up, I want to be a watermelon');
});

function newBrowser(): { target: PushTarget; privateKey: Buffer; auth: Buffer } {
  const pair = createECDH('prime256v1');
  const p256dh = pair.generateKeys().toString('base64url');
  const auth = randomBytes(16);
  const privateKey = pair.getPrivateKey();
  return {
    target: { endpoint: 'https://push.example.net/x', p256dh, auth: auth.toString('base64url') },
    privateKey,
    auth,
  };
}

test('whatever is said, the browser alone reads it, and no two messages look alike', () => {
  const { target, privateKey, auth } = newBrowser();
  const other = newBrowser();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: MAX_PUSH_BYTES }), (plain) => {
      const sent = encryptPush(target, plain);
      assert.ok(sent.length <= 4_096, 'every push service takes it');
      assert.deepEqual(new Uint8Array(openPush(sent, privateKey, auth)), plain);
      assert.throws(() => openPush(sent, other.privateKey, auth));
      assert.throws(() => openPush(sent, privateKey, other.auth));
      assert.notDeepEqual(encryptPush(target, plain), sent);
    }),
    { numRuns: 30 },
  );
  assert.equal(encryptPush(target, Buffer.alloc(MAX_PUSH_BYTES)).length, 4_096);
  assert.throws(() => encryptPush(target, Buffer.alloc(MAX_PUSH_BYTES + 1)), RangeError);
});

test('what is no key of P-256 is told from what is one', () => {
  assert.ok(isPushKey(RFC_8291.p256dh));
  const offCurve = bytes(RFC_8291.p256dh);
  offCurve.writeUInt8(offCurve.readUInt8(64) ^ 1, 64);
  for (const wrong of ['', 'x', RFC_8291.auth, offCurve.toString('base64url'), `A${RFC_8291.p256dh.slice(1)}`]) {
    assert.ok(!isPushKey(wrong), wrong);
  }
});

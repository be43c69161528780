import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importJWK, jwtVerify } from 'jose';
import { newVapidSecret, vapidAuthorization, vapidKey } from './vapid-key.ts';

const NOW_MS = Date.parse('2026-03-05T18:30:00Z');

test('a request is signed for the origin of its endpoint, for at most a day (RFC 8292 §2)', async () => {
  for (let round = 0; round < 20; round++) {
    const key = vapidKey(newVapidSecret());
    const value = vapidAuthorization(key, {
      endpoint: 'https://push.example.net:8443/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV?x=1',
      subject: 'mailto:operator@example.net',
      nowMs: NOW_MS,
    });
    const [, token = '', k = ''] = /^vapid t=([\w.-]+), k=([\w-]{87})$/.exec(value) ?? [];
    const point = Buffer.from(k, 'base64url');
    const x = point.subarray(1, 33).toString('base64url');
    const y = point.subarray(33).toString('base64url');
    const { payload, protectedHeader } = await jwtVerify(
      token,
      await importJWK({ kty: 'EC', crv: 'P-256', x, y }, 'ES256'),
      { audience: 'https://push.example.net:8443', currentDate: new Date(NOW_MS) },
    );
    assert.deepEqual(protectedHeader, { typ: 'JWT', alg: 'ES256' });
    assert.equal(payload.sub, 'mailto:operator@example.net');
    const lifetime = (payload.exp ?? 0) - NOW_MS / 1_000;
    assert.ok(lifetime > 3_600 && lifetime <= 86_400);
  }
});

test('the same secret is the same key, and nobody need be named', () => {
  const secret = newVapidSecret();
  const key = vapidKey(secret);
  assert.equal(key.publicKey, vapidKey(secret).publicKey);
  assert.equal(Buffer.from(key.publicKey, 'base64url').length, 65);
  const value = vapidAuthorization(key, { endpoint: 'https://a.example/x', subject: null, nowMs: NOW_MS });
  const claims = JSON.parse(Buffer.from(value.split('.')[1] ?? '', 'base64url').toString()) as object;
  assert.deepEqual(Object.keys(claims), ['aud', 'exp']);
});

import { createECDH, createPrivateKey, type KeyObject, sign } from 'node:crypto';

/** Who we are to push services: one key pair of P-256 for the whole platform (RFC 8292 §2). */
export type VapidKey = {
  privateKey: KeyObject;
  /** Uncompressed point, base64url: what browsers subscribe with (`applicationServerKey`) and `k` of every request. */
  publicKey: string;
};

const SCALAR_BYTES = 32;
/** RFC 8292 §2: at most 24 hours; half leaves room for clocks that differ. */
const VAPID_LIFETIME_SECONDS = 12 * 3_600;

/** A key pair from its secret scalar, 32 octets as base64url. Throws for what is none. */
export function vapidKey(secret: string): VapidKey {
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(Buffer.from(secret, 'base64url'));
  const point = pair.getPublicKey();
  const x = point.subarray(1, 1 + SCALAR_BYTES).toString('base64url');
  const y = point.subarray(1 + SCALAR_BYTES).toString('base64url');
  return {
    privateKey: createPrivateKey({ key: { kty: 'EC', crv: 'P-256', d: secret, x, y }, format: 'jwk' }),
    publicKey: point.toString('base64url'),
  };
}

/** A new secret scalar for `vapidKey`. */
export function newVapidSecret(): string {
  const pair = createECDH('prime256v1');
  pair.generateKeys();
  // A scalar that begins with zeros is given without them.
  return Buffer.from(pair.getPrivateKey('hex').padStart(SCALAR_BYTES * 2, '0'), 'hex').toString('base64url');
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * The `Authorization` of a request to a push service (RFC 8292 §3): a JWT signed with ES256 for the origin of the endpoint
 * (§2). `subject` is how the service reaches the operator, a `mailto:` or `https:` URI (§2.1); null: nobody is named.
 */
export function vapidAuthorization(
  key: VapidKey,
  claims: { endpoint: string; subject: string | null; nowMs: number },
): string {
  const body = encode({
    aud: new URL(claims.endpoint).origin,
    exp: Math.floor(claims.nowMs / 1_000) + VAPID_LIFETIME_SECONDS,
    ...(claims.subject !== null && { sub: claims.subject }),
  });
  const text = `${encode({ typ: 'JWT', alg: 'ES256' })}.${body}`;
  const signature = sign('sha256', Buffer.from(text), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `vapid t=${text}.${signature.toString('base64url')}, k=${key.publicKey}`;
}

/**
 * A push service (RFC 8030) over HTTPS on loopback, and the browsers behind it. It checks every request's signature (RFC 8292)
 * with jose, and opens messages (RFC 8291) by the steps of that text's Section 3.4, sharing no code with what sends them.
 */
import { createDecipheriv, createECDH, createHmac, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { importJWK, jwtVerify } from 'jose';
import { makeCertificate } from './certificates.ts';

const hmac = (key: Uint8Array, ...parts: Uint8Array[]): Buffer => {
  const made = createHmac('sha256', key);
  for (const part of parts) made.update(part);
  return made.digest();
};
const text = (value: string): Buffer => Buffer.from(`${value}\0`);
const ONE = Buffer.of(1);

/** Opens one message of one record (RFC 8188 §2, RFC 8291 §3.4). Throws when it is not for these keys. */
export function openPush(body: Buffer, privateKey: Uint8Array, auth: Uint8Array): Buffer {
  const salt = body.subarray(0, 16);
  const recordSize = body.readUInt32BE(16);
  const senderPublic = body.subarray(21, 21 + body.readUInt8(20));
  const record = body.subarray(21 + senderPublic.length);
  if (record.length > recordSize) throw new Error('more than one record');
  const own = createECDH('prime256v1');
  own.setPrivateKey(privateKey);
  const pseudoRandomKey = hmac(auth, own.computeSecret(senderPublic));
  const inputKey = hmac(pseudoRandomKey, text('WebPush: info'), own.getPublicKey(), senderPublic, ONE);
  const contentKey = hmac(salt, inputKey);
  const key = hmac(contentKey, text('Content-Encoding: aes128gcm'), ONE).subarray(0, 16);
  const nonce = hmac(contentKey, text('Content-Encoding: nonce'), ONE).subarray(0, 12);
  const decipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: 16 });
  decipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  const end = padded.findLastIndex((octet) => octet !== 0);
  if (padded[end] !== 2) throw new Error('not the last record');
  return padded.subarray(0, end);
}

export type PushedMessage = { browser: string; headers: IncomingHttpHeaders; size: number; text: string };

export type TestBrowser = { name: string; endpoint: string; keys: { p256dh: string; auth: string } };

type Answer = { status: number; headers?: Record<string, string>; body?: string };

export type PushService = {
  origin: string;
  /** PEM of the authority behind its certificate. */
  ca: string;
  readonly received: readonly PushedMessage[];
  /** A browser that subscribed for this application server key. */
  subscribe(applicationServerKey: string): TestBrowser;
  /** What is answered from now on; undefined: 201, as RFC 8030 §5 says. */
  answerWith(answer: ((size: number) => Answer) | undefined): void;
  close(): Promise<void>;
};

type Known = { name: string; privateKey: Buffer; auth: Buffer; applicationServerKey: string };

async function checkSignature(authorization: string, origin: string, applicationServerKey: string): Promise<void> {
  const [, token = '', key = ''] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(authorization) ?? [];
  // RFC 8292 §4.2: a subscription takes messages of the key alone for which it was made.
  if (key !== applicationServerKey) throw new Error('another application server');
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
  const verified = await importJWK({ kty: 'EC', crv: 'P-256', ...(x && y && { x, y }) }, 'ES256');
  const { payload } = await jwtVerify(token, verified, { audience: origin, algorithms: ['ES256'] });
  if ((payload.exp ?? Number.POSITIVE_INFINITY) - Date.now() / 1_000 > 86_400) throw new Error('more than a day');
}

export async function startPushService(): Promise<PushService> {
  const authority = makeCertificate({ name: 'Push authority', isAuthority: true });
  const { cert, key } = makeCertificate({ name: 'localhost', issuer: authority });
  const browsers = new Map<string, Known>();
  const received: PushedMessage[] = [];
  let answerWith: ((size: number) => Answer) | undefined;
  let origin = '';

  async function take(path: string, headers: IncomingHttpHeaders, body: Buffer): Promise<Answer> {
    const browser = browsers.get(path);
    if (!browser) return { status: 404, body: 'no such subscription' };
    try {
      await checkSignature(headers.authorization ?? '', origin, browser.applicationServerKey);
    } catch (error) {
      return { status: 403, body: String(error) };
    }
    if (headers['content-encoding'] !== 'aes128gcm' || !/^\d+$/.test(String(headers['ttl']))) return { status: 400 };
    const answer = answerWith?.(body.length);
    if (answer && answer.status >= 300) return answer;
    const opened = openPush(body, browser.privateKey, browser.auth).toString();
    received.push({ browser: browser.name, headers, size: body.length, text: opened });
    return answer ?? { status: 201, headers: { location: `${origin}/message/${received.length}` } };
  }

  const server = createServer({ cert, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      take(request.url ?? '', request.headers, Buffer.concat(chunks)).then(
        ({ status, headers = {}, body = '' }) => response.writeHead(status, headers).end(body),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    ca: authority.cert,
    received,
    subscribe(applicationServerKey) {
      const pair = createECDH('prime256v1');
      const p256dh = pair.generateKeys().toString('base64url');
      const auth = randomBytes(16);
      const name = `browser ${browsers.size + 1}`;
      const path = `/push/${randomBytes(12).toString('base64url')}`;
      browsers.set(path, { name, privateKey: pair.getPrivateKey(), auth, applicationServerKey });
      return { name, endpoint: `${origin}${path}`, keys: { p256dh, auth: auth.toString('base64url') } };
    },
    answerWith(answer) {
      answerWith = answer;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** X.509 certificates for tests: an authority, servers and clients, made on the spot. */
import { generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';

export type TestCertificate = {
  /** PEM. */
  cert: string;
  /** PEM. */
  key: string;
  /** SHA-256, lower-case hexadecimal. */
  fingerprint: string;
  issueWith: { name: string; privateKey: KeyObject };
};

export type CertificateWish = {
  name: string;
  /** Itself when left out. */
  issuer?: TestCertificate;
  isAuthority?: boolean;
  /** In the place of `localhost` and its addresses. */
  alternatives?: { dnsNames?: readonly string[]; uris?: readonly string[] };
  validFrom?: Date;
  validTo?: Date;
};

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;
const BOOLEAN_TRUE = Buffer.from([0x01, 0x01, 0xff]);

function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const head =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    octets.push(...groups);
  }
  return der(OBJECT_ID, Buffer.from(octets));
}

const ECDSA_WITH_SHA256 = der(SEQUENCE, objectId('1.2.840.10045.4.3.2'));

function nameOf(commonName: string): Buffer {
  return der(SEQUENCE, der(SET, der(SEQUENCE, objectId('2.5.4.3'), der(UTF8_STRING, Buffer.from(commonName)))));
}

function timeOf(date: Date): Buffer {
  return der(GENERALIZED_TIME, Buffer.from(`${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`));
}

function extension(id: string, value: Buffer): Buffer {
  return der(SEQUENCE, objectId(id), der(OCTET_STRING, value));
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

const LOCALHOST = [
  der(0x82, Buffer.from('localhost')),
  der(0x87, Buffer.from([127, 0, 0, 1])),
  der(0x87, Buffer.from([...Array<number>(15).fill(0), 1])),
];

function namesOf({ dnsNames = [], uris = [] }: NonNullable<CertificateWish['alternatives']>): Buffer[] {
  return [...dnsNames.map((name) => der(0x82, Buffer.from(name))), ...uris.map((uri) => der(0x86, Buffer.from(uri)))];
}

let serial = 1;

/** Good for `localhost`, 127.0.0.1 and ::1 unless told; by default from yesterday until in a year. */
export function makeCertificate(wish: CertificateWish): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const own = { name: wish.name, privateKey };
  const issuer = wish.issuer?.issueWith ?? own;
  const dayMs = 86_400_000;
  const alternatives = der(SEQUENCE, ...(wish.alternatives ? namesOf(wish.alternatives) : LOCALHOST));
  const body = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.from([0x01, (serial >> 8) & 0x7f, serial++ & 0xff])),
    ECDSA_WITH_SHA256,
    nameOf(issuer.name),
    der(
      SEQUENCE,
      timeOf(wish.validFrom ?? new Date(Date.now() - dayMs)),
      timeOf(wish.validTo ?? new Date(Date.now() + 365 * dayMs)),
    ),
    nameOf(wish.name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      der(
        SEQUENCE,
        extension('2.5.29.17', alternatives),
        extension('2.5.29.19', wish.isAuthority === true ? der(SEQUENCE, BOOLEAN_TRUE) : der(SEQUENCE)),
      ),
    ),
  );
  const signature = sign('sha256', body, issuer.privateKey);
  const cert = pem('CERTIFICATE', der(SEQUENCE, body, ECDSA_WITH_SHA256, der(BIT_STRING, Buffer.from([0]), signature)));
  return {
    cert,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    fingerprint: new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase(),
    issueWith: own,
  };
}

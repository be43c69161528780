import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addBodyPart } from './add-body-part.ts';
import { headerValue, type SipHeader, type SipRequest } from './message.ts';
import { findPartByCid, partHeader, readBodyParts } from './multipart.ts';

const PART = {
  headers: [
    { name: 'Content-Type', value: 'application/pidf+xml' },
    { name: 'Content-ID', value: '<here@example.net>' },
  ],
  bytes: Buffer.from('<presence/>'),
};

function invite(headers: readonly SipHeader[], body: Buffer): SipRequest {
  return { kind: 'request', method: 'INVITE', uri: 'urn:service:sos', headers, body };
}

test('SDP becomes the first of two parts, with what describes it', () => {
  const sdp = Buffer.from('v=0\r\no=\xff\r\n', 'latin1');
  const headers = [
    { name: 'Content-Type', value: 'application/sdp' },
    { name: 'Content-Disposition', value: 'session;handling=required' },
    { name: 'Content-ID', value: '<offer@phone>' },
    { name: 'Subject', value: 'help' },
  ];
  const added = addBodyPart(invite(headers, sdp), PART, 'edge');
  assert.equal(headerValue(added, 'Content-Type'), 'multipart/mixed;boundary=edge');
  assert.equal(headerValue(added, 'Content-Disposition'), undefined);
  assert.equal(headerValue(added, 'Subject'), 'help');
  const parts = readBodyParts(added);
  assert.equal(parts.length, 2);
  assert.ok(parts[0]?.bytes.equals(sdp));
  assert.deepEqual(parts[0]?.headers, headers.slice(0, 3));
  assert.equal(findPartByCid(parts, 'cid:here@example.net')?.bytes.toString(), '<presence/>');
});

test('no body: the part is the only one', () => {
  const added = addBodyPart(invite([], Buffer.alloc(0)), PART, 'edge');
  assert.deepEqual(
    readBodyParts(added).map(({ bytes }) => bytes.toString()),
    ['<presence/>'],
  );
});

test('a multipart/mixed is extended, what stands in it and around it stays byte for byte', () => {
  const before = 'preamble\r\n--b 1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n';
  const after = '--b 1--\r\nepilogue';
  const type = { name: 'Content-Type', value: 'multipart/mixed; boundary="b 1"' };
  const added = addBodyPart(invite([type], Buffer.from(before + after)), PART, 'edge');
  assert.deepEqual(added.headers, [type]);
  const text = added.body.toString();
  assert.ok(text.startsWith(before) && text.endsWith(after));
  assert.deepEqual(
    readBodyParts(added).map((part) => [partHeader(part, 'Content-Type'), part.bytes.toString()]),
    [
      ['application/sdp', 'v=0\r\n'],
      ['application/pidf+xml', '<presence/>'],
    ],
  );
});

test('a multipart that is not mixed, or has no end, is wrapped as it stands', () => {
  const open = '--b\r\nContent-Type: application/sdp\r\n\r\nv=0';
  for (const [type, body] of [
    ['multipart/alternative;boundary=b', `${open}\r\n--b--`],
    ['multipart/mixed;boundary=b', open],
    ['multipart/mixed', open],
  ] as const) {
    const added = addBodyPart(invite([{ name: 'Content-Type', value: type }], Buffer.from(body)), PART, 'edge');
    assert.ok(added.body.toString().startsWith(`--edge\r\nContent-Type: ${type}\r\n\r\n${body}\r\n--edge\r\n`), type);
    assert.ok(findPartByCid(readBodyParts(added), 'cid:here@example.net'), type);
  }
});

test('whatever the body is, the new part is found and the old bytes are there', () => {
  const types = [
    'application/sdp',
    'multipart/mixed;boundary=x',
    'multipart/related;boundary=x',
    'multipart/mixed',
    '',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...types),
      fc.oneof(
        fc.uint8Array({ maxLength: 80 }),
        fc.constantFrom('--x\n\nv=0\n--x--', '--x\n\nv\n--x--y\n--x-- \n--x--', '--x--', '\n--x--'),
      ),
      (type, content) => {
        const body = Buffer.from(content as Uint8Array);
        const headers = type === '' ? [] : [{ name: 'Content-Type', value: type }];
        const added = addBodyPart(invite(headers, body), PART, 'edge');
        const part = findPartByCid(readBodyParts(added), 'cid:here@example.net');
        assert.equal(part?.bytes.toString(), '<presence/>');
        if (headerValue(added, 'Content-Type') !== type) assert.ok(added.body.includes(body));
      },
    ),
    { numRuns: 300, seed: 6442 },
  );
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { SipRequest } from './message.ts';
import { findPartByCid, partHeader, readBodyParts, splitMultipart } from './multipart.ts';

function message(contentType: string, body: string): SipRequest {
  return {
    kind: 'request',
    method: 'INVITE',
    uri: 'urn:service:sos',
    headers: [{ name: 'Content-Type', value: contentType }],
    body: Buffer.from(body, 'latin1'),
  };
}

suite('Multipart bodies (RFC 2046 §5.1)', () => {
  test('a location next to SDP is found by its cid (RFC 6442 §3.2)', () => {
    const invite = message(
      'multipart/mixed; boundary="b 1"',
      'preamble\r\n--b 1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b 1  \r\nContent-Type: application/pidf+xml\r\n' +
        'Content-ID: <target123@atlanta.example.com>\r\nx-folded: a\r\n b\r\n\r\n<presence>\xff</presence>\r\n--b 1--\r\nepilogue',
    );
    const parts = readBodyParts(invite);
    assert.equal(parts.length, 2);
    assert.equal(parts[0]?.bytes.toString(), 'v=0\r\n');
    const part = findPartByCid(parts, 'cid:target123%40atlanta.example.com');
    assert.equal(part?.bytes.toString('latin1'), '<presence>\xff</presence>');
    assert.equal(part && partHeader(part, 'X-Folded'), 'a b');
    assert.equal(part?.bytes.buffer, invite.body.buffer);
    assert.equal(findPartByCid(parts, 'cid:other@x'), undefined);
    assert.equal(findPartByCid(parts, 'https://target123@atlanta.example.com'), undefined);
  });

  test('bare LF, no closing delimiter, delimiter-like text inside', () => {
    const parts = splitMultipart(Buffer.from('--b\n\none --b two\n--bx\n--b\nContent-Type: a/b\n\nlast'), 'b');
    assert.deepEqual(
      parts.map(({ bytes }) => bytes.toString()),
      ['one --b two\n--bx', 'last'],
    );
  });

  test('nested parts are leaves of one list, nesting is bounded', () => {
    const inner = '--i\r\nContent-Type: application/pidf+xml\r\n\r\nx\r\n--i--';
    const parts = readBodyParts(
      message(
        'multipart/mixed;boundary=o',
        `--o\r\nContent-Type: multipart/related;boundary=i\r\n\r\n${inner}\r\n--o--`,
      ),
    );
    assert.deepEqual(
      parts.map(({ bytes }) => bytes.toString()),
      ['x'],
    );
    let deep = 'x';
    for (let level = 0; level < 50; level++) {
      deep = `--b${level}\r\nContent-Type: multipart/mixed;boundary=b${level - 1}\r\n\r\n${deep}\r\n--b${level}--`;
    }
    assert.equal(readBodyParts(message('multipart/mixed;boundary=b49', deep)).length, 1);
  });

  test('a single body is its own part; no body, no parts; no boundary, no parts', () => {
    assert.equal(readBodyParts(message('application/sdp', 'v=0'))[0]?.bytes.toString(), 'v=0');
    assert.deepEqual(readBodyParts(message('application/sdp', '')), []);
    assert.deepEqual(readBodyParts(message('multipart/mixed', '--\r\n\r\nx')), []);
  });
});

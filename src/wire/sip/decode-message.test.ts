import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ProblemError, type ProblemKind } from '../../domain/problem.ts';
import { type DecodeOptions, decodeSipMessage, salvageRequest } from './decode-message.ts';
import { encodeSipMessage } from './encode-message.ts';
import { headerValue } from './message.ts';

const START = 'OPTIONS sip:a@b SIP/2.0\r\n';
const REQUIRED = 'Via: SIP/2.0/UDP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n';

function refused(text: string, kind: ProblemKind, where: string | undefined, options: DecodeOptions = {}): void {
  assert.throws(
    () => decodeSipMessage(Buffer.from(text, 'latin1'), options),
    (error) => error instanceof ProblemError && error.kind === kind && error.fields[0]?.path === where,
  );
}

suite('Reading SIP messages', () => {
  test('what is refused, and where', () => {
    refused('', 'malformed', 'head');
    refused('hello\r\n\r\n', 'malformed', 'start line');
    refused('OPTIONS sip:a@b SIP/3.0\r\n\r\n', 'unsupported-message', undefined);
    refused('SIP/2.0 20 OK\r\n\r\n', 'malformed', 'start line');
    refused('SIP/2.0 700 OK\r\n\r\n', 'malformed', 'start line');
    refused(`OPTIONS sip:a b SIP/2.0\r\n\r\n`, 'malformed', 'Request-URI');
    refused(`${START}l: x\r\n\r\n`, 'malformed', 'Content-Length');
    refused(`${START}l: 1\r\n\r\n`, 'malformed', 'Content-Length');
    refused(`${START}l: 1\r\nContent-Length: 2\r\n\r\nab`, 'malformed', 'Content-Length');
    refused(`${START}\r\n`, 'malformed', 'Content-Length', { framing: 'stream' });
    refused(`${START}Subject: cut of`, 'malformed', 'head');
  });

  test('bounds on bytes, fields and the length of a field', () => {
    refused(`${START}\r\n${'x'.repeat(70_000)}`, 'too-large', undefined);
    refused(`${START}${'a: b\r\n'.repeat(257)}\r\n`, 'malformed', 'Accept-Contact');
    refused(`${START}a: ${'x'.repeat(17_000)}\r\n\r\n`, 'malformed', 'header 1');
    refused(`${START}a: ${'x\r\n '.repeat(6_000)}\r\n\r\n`, 'malformed', 'header 1');
  });

  test('lines that are no header fields are left out, and told of', () => {
    for (const line of ['no colon', 'b@d: 1', 'My Header: 1', ': 1', `X-Long: ${'x'.repeat(17_000)}`]) {
      let leftOut = 0;
      const bytes = Buffer.from(`${START}${line}\r\n${REQUIRED}\r\n`);
      const message = decodeSipMessage(bytes, { onLeftOut: () => leftOut++ });
      assert.equal(leftOut, 1, line);
      assert.equal(message.headers.length, 5, line);
    }
  });

  test('a bare carriage return becomes a space', () => {
    assert.equal(headerValue(decodeSipMessage(Buffer.from(`${START}Subject: a\rb\r\n\r\n`)), 'Subject'), 'a b');
  });

  test('a datagram that forgets the empty line is read', () => {
    const message = decodeSipMessage(Buffer.from(`\r\n\r\n${START}${REQUIRED}`));
    assert.equal(headerValue(message, 'CSeq'), '1 OPTIONS');
    assert.equal(message.body.length, 0);
  });

  test('a display name in ISO 8859-1 is read as such and written as UTF-8', () => {
    const message = decodeSipMessage(Buffer.from(`${START}From: "Jos\xe9" <sip:a@b>\r\n\r\n`, 'latin1'));
    assert.equal(headerValue(message, 'From'), '"José" <sip:a@b>');
    assert.ok(encodeSipMessage(message).includes(Buffer.from('José', 'utf8')));
  });

  test('spaces beyond ASCII do not stand at the ends of a value', () => {
    const message = decodeSipMessage(Buffer.from(`${START}Call-ID: \u00a01\ufeff\r\nSubject: é\r\n\r\n`));
    assert.equal(headerValue(message, 'Call-ID'), '1');
    assert.equal(encodeSipMessage(message).toString(), `${START}Call-ID: 1\r\nSubject: é\r\nContent-Length: 0\r\n\r\n`);
  });

  test('lines go on as they stand, or as we write them when they stand otherwise', () => {
    const odd =
      'v: SIP/2.0/UDP h\r\nSUBJECT:a\r\nX-Own : b\r\nOrganization: c \r\nFrom: d\nTo: e\r\n f\r\nUser-Agent: g\r\n';
    assert.equal(
      encodeSipMessage(decodeSipMessage(Buffer.from(`${START}${odd}\r\n`))).toString(),
      `${START}Via: SIP/2.0/UDP h\r\nSubject: a\r\nX-Own: b\r\nOrganization: c\r\nFrom: d\r\nTo: e f\r\nUser-Agent: g\r\n` +
        'Content-Length: 0\r\n\r\n',
    );
  });

  test('Content-Length is always written truly and once', () => {
    const message = decodeSipMessage(Buffer.from(`${START}l: 2\r\nContent-Length: 2\r\n\r\nab`));
    const text = encodeSipMessage({ ...message, body: Buffer.from('abc') }).toString();
    assert.equal(text, `${START}Content-Length: 3\r\n\r\nabc`);
  });
});

suite('Salvaging a request that cannot be read', () => {
  test('enough for an answer', () => {
    const salvaged = salvageRequest(Buffer.from(`${START}${REQUIRED}no colon\r\nl: 99\r\n\r\nshort`));
    assert.equal(salvaged?.method, 'OPTIONS');
    assert.equal(salvaged && headerValue(salvaged, 'Call-ID'), '1');
  });

  test('nothing from responses, noise or requests without the headers of an answer', () => {
    assert.equal(salvageRequest(Buffer.from(`SIP/2.0 200 OK\r\n${REQUIRED}l: x\r\n\r\n`)), undefined);
    assert.equal(salvageRequest(Buffer.alloc(500, 0xff)), undefined);
    assert.equal(salvageRequest(Buffer.from(`${START}Via: x\r\n\r\n`)), undefined);
  });
});

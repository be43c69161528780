import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { ProblemError } from '../../../src/domain/problem.ts';
import { cseqOf } from '../../../src/wire/sip/cseq.ts';
import { decodeSipMessage, salvageRequest } from '../../../src/wire/sip/decode-message.ts';
import { encodeSipMessage } from '../../../src/wire/sip/encode-message.ts';
import { headerValue, headerValues, type SipMessage, type SipRequest } from '../../../src/wire/sip/message.ts';
import { partHeader, readBodyParts } from '../../../src/wire/sip/multipart.ts';
import { readNameAddr, readNameAddrs, readTag } from '../../../src/wire/sip/name-addr.ts';
import { paramValue } from '../../../src/wire/sip/params.ts';
import { findRequestFault } from '../../../src/wire/sip/request-faults.ts';
import { equalUris, formatUri, readSipUri, readUri, unescapeUriText } from '../../../src/wire/sip/uri.ts';
import { readTopVia, readVia, viaReceived } from '../../../src/wire/sip/via.ts';
import { plainHeaders } from '../../support/plain-headers.ts';
import { VERDICTS, type Verdict } from './verdicts.ts';

const FOLDERS = ['rfc4475', 'rfc5118'];
const names = FOLDERS.flatMap((folder) =>
  readdirSync(join(import.meta.dirname, folder))
    .filter((file) => file.endsWith('.dat'))
    .map((file) => `${folder}/${file.replace(/\.dat$/, '')}`),
).sort();

function bytesOf(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, `${name}.dat`));
}

function requestOf(name: string): SipRequest {
  const message = decodeSipMessage(bytesOf(name));
  assert.ok(message.kind === 'request');
  return message;
}

function outcomeOf(bytes: Buffer): Verdict['outcome'] {
  let message: SipMessage;
  try {
    message = decodeSipMessage(bytes);
  } catch (error) {
    assert.ok(error instanceof ProblemError);
    if (!salvageRequest(bytes)) return 'drop';
    return error.kind === 'unsupported-message' ? 505 : 400;
  }
  if (message.kind === 'response') return readTopVia(message) && cseqOf(message) ? 'process' : 'drop';
  return findRequestFault(message) ? 400 : 'process';
}

suite('SIP torture messages', () => {
  const listed = readFileSync(join(import.meta.dirname, 'must-pass.txt'), 'utf8')
    .split('\n')
    .filter(Boolean);

  test('every message has a verdict and is listed', () => {
    assert.deepEqual(Object.keys(VERDICTS).sort(), names);
    assert.deepEqual([...listed].sort(), names);
  });

  for (const name of names) {
    test(name, () => {
      const outcome = outcomeOf(bytesOf(name));
      assert.equal(outcome, VERDICTS[name]?.outcome);
      if (outcome !== 'process') return;
      const message = decodeSipMessage(bytesOf(name));
      const again = decodeSipMessage(encodeSipMessage(message));
      const isLength = ({ name }: { name: string }) => name === 'Content-Length';
      assert.deepEqual(
        plainHeaders(again.headers.filter((header) => !isLength(header))),
        plainHeaders(message.headers.filter((header) => !isLength(header))),
      );
      assert.deepEqual(again.body, message.body);
    });
  }
});

suite('What the valid torture messages say', () => {
  test('wsinv: folding, spaces, compact forms (§3.1.1.1)', () => {
    const message = requestOf('rfc4475/wsinv');
    assert.equal(readTag(message, 'To'), '1918181833n');
    assert.equal(readTag(message, 'From'), '98asjd8');
    assert.equal(readNameAddr(headerValue(message, 'From') ?? '')?.displayName, 'J Rosenberg \\"');
    assert.deepEqual(cseqOf(message), { sequence: 9, method: 'INVITE' });
    const vias = headerValues(message, 'v').map((value) => readVia(value));
    assert.deepEqual(
      vias.map((via) => [via?.transport, via?.host, paramValue(via?.params ?? [], 'branch')]),
      [
        ['UDP', '192.0.2.2', '390skdjuw'],
        ['TCP', 'spindle.example.com', 'z9hG4bK9ikj8'],
        ['UDP', '192.168.255.111', 'z9hG4bK30239'],
      ],
    );
    assert.equal(headerValue(message, 'NewFangledHeader'), 'newfangled value continued newfangled value');
    assert.equal(headerValue(message, 'Subject'), '');
    const [contact] = readNameAddrs(message, 'Contact');
    assert.equal(contact?.displayName, 'Quoted string ""');
    assert.equal(paramValue(contact?.params ?? [], 'newparam'), 'newvalue');
    assert.equal(paramValue(contact?.params ?? [], 'q'), '0.33');
    assert.equal(message.body.length, 150);
  });

  test('intmeth: strange but allowed characters (§3.1.1.2)', () => {
    const message = requestOf('rfc4475/intmeth');
    assert.equal(message.method, "!interesting-Method0123456789_*+`.%indeed'~");
    const uri = readSipUri(message.uri);
    assert.equal(uri?.user, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*");
    assert.equal(uri?.host, 'example.com');
    assert.equal(uri?.password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)");
    assert.equal(readNameAddr(headerValue(message, 'To') ?? '')?.displayName, 'BEL:\x07 NUL:\0 DEL:\x7f');
    assert.equal(readTag(message, 'From'), "_token~1'+`*%!-.");
  });

  test('escapes are not interpreted where they do not belong (§3.1.1.3 to §3.1.1.5)', () => {
    const message = requestOf('rfc4475/esc01');
    assert.equal(unescapeUriText(readSipUri(message.uri)?.user ?? ''), 'sips:user@example.com');
    const to = readUri(readNameAddr(headerValue(message, 'To') ?? '')?.uri ?? '');
    const plain = readUri('sip:user@example.com');
    assert.ok(to && plain && equalUris(to, plain));
    assert.equal(requestOf('rfc4475/esc02').method, 'RE%47IST%45R');
    assert.equal(headerValues(requestOf('rfc4475/esc02'), 'Contact').length, 2);
    assert.deepEqual(
      readNameAddrs(requestOf('rfc4475/escnull'), 'Contact').map(({ uri }) => uri),
      ['sip:%00@host5.example.com', 'sip:%00%00@host5.example.com'],
    );
  });

  test('dblreq: what follows Content-Length in a datagram is discarded (§3.1.1.8)', () => {
    const message = requestOf('rfc4475/dblreq');
    assert.equal(message.method, 'REGISTER');
    assert.equal(message.body.length, 0);
  });

  test('semiuri, transports, lwsdisp, unreason, noreason (§3.1.1.6 to §3.1.1.13)', () => {
    assert.equal(readSipUri(requestOf('rfc4475/semiuri').uri)?.user, 'user;par=u%40example.net');
    assert.deepEqual(
      headerValues(requestOf('rfc4475/transports'), 'Via').map((value) => readVia(value)?.transport),
      ['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP'],
    );
    assert.equal(readNameAddr(headerValue(requestOf('rfc4475/lwsdisp'), 'From') ?? '')?.displayName, 'caller');
    const unreason = decodeSipMessage(bytesOf('rfc4475/unreason'));
    assert.equal(unreason.kind === 'response' && unreason.reason, '= 2**3 * 5**2 но сто девяносто девять - простое');
    const noreason = decodeSipMessage(bytesOf('rfc4475/noreason'));
    assert.equal(noreason.kind === 'response' && noreason.reason, '');
  });

  test('longreq: long values survive (§3.1.1.7)', () => {
    const message = requestOf('rfc4475/longreq');
    assert.equal(headerValues(message, 'Via').length, 34);
    const name = `Unknown-${'Long'.repeat(20)}-Name`;
    assert.match(
      headerValue(message, name) ?? '',
      /^unknown-(?:long)+-value; ?unknown-(?:long)+-parameter-name ?= ?unknown-(?:long)+-parameter-value$/,
    );
  });

  test('mpart01: the binary part is untouched (§3.1.1.11)', () => {
    const message = requestOf('rfc4475/mpart01');
    const parts = readBodyParts(message);
    assert.deepEqual(
      parts.map((part) => partHeader(part, 'content-type')),
      ['text/plain', 'application/octet-stream'],
    );
    assert.equal(parts[0]?.bytes.toString(), 'Hello');
    assert.ok(parts[1] && message.body.includes(parts[1].bytes));
    assert.equal(parts[1]?.bytes[0], 0x30);
  });

  test('IPv6 in Via and URIs (RFC 5118 §4)', () => {
    for (const name of ['via-received-param-with-delim', 'via-received-param-no-delim']) {
      const via = readTopVia(requestOf(`rfc5118/${name}`));
      assert.equal(via?.host, '2001:db8::9:1');
      assert.equal(via && viaReceived(via), '2001:db8::9:255');
    }
    const ambiguous = readSipUri(requestOf('rfc5118/port-ambiguous').uri);
    assert.deepEqual([ambiguous?.host, ambiguous?.port], ['2001:db8::10:5070', undefined]);
    const clear = readSipUri(requestOf('rfc5118/port-unambiguous').uri);
    assert.deepEqual([clear?.host, clear?.port], ['2001:db8::10', 5070]);
    assert.equal(clear && formatUri(clear), 'sip:[2001:db8::10]:5070');
    assert.equal(readSipUri(requestOf('rfc5118/ipv6-bug-abnf-3-colons').uri)?.user, 'user');
    const mapped = readTopVia(requestOf('rfc5118/ipv4-mapped-ipv6'));
    assert.deepEqual([mapped?.host, mapped?.port], ['::ffff:192.0.2.10', 19823]);
  });
});

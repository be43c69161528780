import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { ProblemError } from '../../src/domain/problem.ts';
import { cseqOf } from '../../src/wire/sip/cseq.ts';
import { decodeSipMessage, salvageRequest } from '../../src/wire/sip/decode-message.ts';
import { encodeSipMessage } from '../../src/wire/sip/encode-message.ts';
import { headerValues, type SipMessage } from '../../src/wire/sip/message.ts';
import { findPartByCid, readBodyParts, splitMultipart } from '../../src/wire/sip/multipart.ts';
import { readNameAddr } from '../../src/wire/sip/name-addr.ts';
import { findRequestFault } from '../../src/wire/sip/request-faults.ts';
import { createResponse } from '../../src/wire/sip/responses.ts';
import { createStreamFramer } from '../../src/wire/sip/stream-framer.ts';
import { readUri } from '../../src/wire/sip/uri.ts';
import { readVia } from '../../src/wire/sip/via.ts';
import { noteSource, responseAddress } from '../../src/wire/sip/via-routing.ts';
import { mutatedSip, sipPiece, TORTURE_MESSAGES } from '../support/fuzz/sip-messages.ts';

const RUNS = { numRuns: 500, seed: 4475 };

const mutated = mutatedSip(TORTURE_MESSAGES);

/** Does with a message all that a proxy does; nothing of it may throw. */
function useAll(message: SipMessage): void {
  for (const { name, value } of message.headers) {
    readNameAddr(value);
    readVia(value);
    readUri(value);
    headerValues(message, name);
  }
  cseqOf(message);
  for (const part of readBodyParts(message)) findPartByCid([part], 'cid:a@b');
  if (message.kind === 'request') {
    findRequestFault(message);
    const response = createResponse(noteSource(message, '192.0.2.1', 5060), 180, undefined, { toTag: 't' });
    responseAddress(response, 'udp');
    decodeSipMessage(encodeSipMessage(response));
  }
}

function readAll(bytes: Buffer): void {
  for (const framing of ['datagram', 'stream'] as const) {
    try {
      useAll(decodeSipMessage(bytes, { framing }));
    } catch (error) {
      assert.ok(error instanceof ProblemError, String(error));
    }
  }
  const salvaged = salvageRequest(bytes);
  if (salvaged) useAll(salvaged);
  const framer = createStreamFramer({ maxBytes: 65_535, onMessage: () => undefined, onPing: () => undefined });
  try {
    framer.push(bytes);
  } catch (error) {
    assert.ok(error instanceof ProblemError, String(error));
  }
}

suite('Hostile SIP', () => {
  test('mutated torture messages: nothing but ProblemError', () => {
    fc.assert(fc.property(mutated, readAll), { numRuns: 3_000, seed: 4475 });
  });

  test('noise: nothing but ProblemError', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
        readAll,
      ),
      RUNS,
    );
  });

  test('64 KB datagrams of one repeated piece end quickly', () => {
    const start = Buffer.from('INVITE sip:911@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\n');
    for (const text of [
      '\r\n',
      '\n',
      ' ',
      '\t',
      'a',
      ';',
      ',',
      '"',
      '\\',
      '<',
      '>',
      'a:',
      'a:\r\n ',
      'v:\r\n',
      ' \r\n',
      '%4',
      '\0',
      '\xff',
      '[:',
    ]) {
      for (const prefix of [
        '',
        'Via: ',
        'v: SIP/2.0/UDP h',
        'From: ',
        'f: "',
        'CSeq: 1',
        'Route: <sip:',
        'Content-Type: multipart/mixed;boundary=',
      ]) {
        const repeated = text.repeat(Math.ceil(64_000 / text.length)).slice(0, 64_000);
        readAll(Buffer.concat([start, Buffer.from(`${prefix}${repeated}`, 'latin1')]));
        readAll(Buffer.from(`${prefix}${repeated}`, 'latin1'));
      }
    }
  });

  test('multipart: any body, any boundary', () => {
    const chunk = fc.oneof(
      sipPiece,
      fc.constantFrom('--b', '--b--', '--b\r\n', 'Content-ID: <a@b>\r\n').map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 40 }), (chunks) => {
        const body = Buffer.concat(chunks);
        for (const part of splitMultipart(body, 'b')) assert.ok(body.includes(part.bytes));
      }),
      RUNS,
    );
    assert.equal(splitMultipart(Buffer.from('--b\r\n\r\nx\r\n'.repeat(1_000)), 'b').length, 32);
  });
});

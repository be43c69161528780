import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  appendHeader,
  headerValue,
  headerValues,
  NO_BODY,
  prependHeader,
  removeHeader,
  removeTopValue,
  type SipRequest,
  setHeader,
  splitList,
  topValue,
} from './message.ts';
import { formatNameAddr, readNameAddr, readNameAddrs, readTag } from './name-addr.ts';
import { paramValue } from './params.ts';
import { findRequestFault } from './request-faults.ts';
import { createResponse, withAnswerHeaders } from './responses.ts';

const request: SipRequest = {
  kind: 'request',
  method: 'INVITE',
  uri: 'sip:911@example.com',
  headers: [
    { name: 'Via', value: 'SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b;branch=z9hG4bK2' },
    { name: 'Via', value: 'SIP/2.0/UDP c' },
    { name: 'Record-Route', value: '<sip:p;lr>' },
    { name: 'From', value: '"A, \\"B\\" <x>" <sip:a@b;x=1>;tag=f' },
    { name: 'To', value: 'sip:911@example.com' },
    { name: 'Call-ID', value: '1, 2' },
    { name: 'CSeq', value: '1 INVITE' },
    { name: 'Timestamp', value: '54' },
    { name: 'Geolocation', value: '<cid:a@b>;inserted-by="x", <https://lis/1>' },
    { name: 'x-own', value: 'v' },
  ],
  body: NO_BODY,
};

suite('Headers', () => {
  test('names match in any case and in compact form', () => {
    assert.equal(headerValue(request, 'v'), 'SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b;branch=z9hG4bK2');
    assert.equal(headerValue(request, 'X-OWN'), 'v');
    assert.equal(headerValue(request, 'Subject'), undefined);
  });

  test('lists are split, single values are not, quotes and brackets protect commas', () => {
    assert.equal(headerValues(request, 'Via').length, 3);
    assert.deepEqual(headerValues(request, 'Call-ID'), ['1, 2']);
    assert.deepEqual(splitList('"a,\\",b" <sip:c,d>, e ,, f'), ['"a,\\",b" <sip:c,d>', 'e', 'f']);
    assert.equal(topValue(request, 'Via'), 'SIP/2.0/UDP a;branch=z9hG4bK1');
  });

  test('edits leave the original alone', () => {
    const before = structuredClone(request.headers);
    const edited = removeTopValue(prependHeader(setHeader(request, 'Subject', 's'), 'Via', 'SIP/2.0/UDP new'), 'Via');
    assert.deepEqual(headerValues(edited, 'Via'), headerValues(request, 'Via'));
    assert.equal(headerValue(edited, 's'), 's');
    assert.deepEqual(request.headers, before);
    assert.equal(removeHeader(request, 'Subject'), request);
    assert.equal(removeTopValue(request, 'Route'), request);
    assert.equal(headerValues(appendHeader(request, 'x-own', 'w'), 'X-Own').length, 2);
    assert.equal(prependHeader(request, 'Route', '<sip:r;lr>').headers[0]?.name, 'Route');
  });
});

suite('Names and addresses', () => {
  test('display names, parameters, forms without brackets', () => {
    const from = readNameAddr(headerValue(request, 'From') ?? '');
    assert.deepEqual(from, { displayName: 'A, "B" <x>', uri: 'sip:a@b;x=1', params: [{ name: 'tag', value: 'f' }] });
    assert.equal(from && formatNameAddr(from), headerValue(request, 'From'));
    assert.deepEqual(readNameAddr('sip:a@b;tag=1;x="<;>"'), {
      uri: 'sip:a@b',
      params: [
        { name: 'tag', value: '1' },
        { name: 'x', value: '"<;>"' },
      ],
    });
    assert.equal(readTag(request, 'From'), 'f');
    assert.equal(readTag(request, 'To'), undefined);
    const [byValue, byReference] = readNameAddrs(request, 'Geolocation');
    assert.equal(byValue?.uri, 'cid:a@b');
    assert.equal(paramValue(byValue?.params ?? [], 'inserted-by'), 'x');
    assert.equal(byReference?.uri, 'https://lis/1');
  });

  for (const value of ['', '"open <sip:a@b>', '<sip:a@b', '<>', 'nothing', '<sip:a@b> tail', '"q"']) {
    test(`${JSON.stringify(value)} is none`, () => assert.equal(readNameAddr(value), undefined));
  }
});

suite('Responses (RFC 3261 §8.2.6)', () => {
  test('copies what identifies the transaction and the dialog', () => {
    const ringing = createResponse(request, 180, undefined, { toTag: 't', headers: [{ name: 'Server', value: 'x' }] });
    assert.equal(ringing.reason, 'Ringing');
    assert.deepEqual(
      ringing.headers.map(({ name }) => name),
      ['Via', 'Via', 'Record-Route', 'From', 'To', 'Call-ID', 'CSeq', 'Server'],
    );
    assert.equal(headerValue(ringing, 'To'), 'sip:911@example.com;tag=t');
  });

  test('what is kept of a request is enough for its answers', () => {
    const kept = withAnswerHeaders({ ...request, body: Buffer.from('offer') });
    for (const status of [180, 200, 486])
      assert.deepEqual(createResponse(kept, status), createResponse(request, status));
    assert.equal(kept.body.length, 0);
    assert.ok(kept.headers.length < request.headers.length);
  });

  test('a 100 carries Timestamp and no tag, a refusal no Record-Route, a tag is never doubled', () => {
    const trying = createResponse(request, 100, undefined, { toTag: 't' });
    assert.equal(headerValue(trying, 'Timestamp'), '54');
    assert.equal(headerValue(trying, 'To'), 'sip:911@example.com');
    assert.equal(headerValue(createResponse(request, 486), 'Record-Route'), undefined);
    const inDialog = setHeader(request, 'To', '<sip:911@example.com>;tag=own');
    assert.equal(
      headerValue(createResponse(inDialog, 200, undefined, { toTag: 't' }), 'To'),
      '<sip:911@example.com>;tag=own',
    );
  });
});

suite('What makes a request unusable (RFC 3261 §16.3)', () => {
  const cases: [detail: string, broken: SipRequest, isForgivable: boolean][] = [
    ['Bad or missing Via', removeHeader(request, 'Via'), false],
    ['Bad or missing Via', appendHeader(request, 'Via', 'nonsense'), true],
    ['Bad or missing From', removeHeader(request, 'From'), false],
    ['Bad or missing To', setHeader(request, 'To', '"open'), true],
    ['Bad or missing Call-ID', setHeader(request, 'Call-ID', ''), false],
    ['Bad or missing CSeq', setHeader(request, 'CSeq', '4294967296 INVITE'), false],
    ['CSeq method does not match', setHeader(request, 'CSeq', '1 BYE'), false],
    ['Bad Max-Forwards', setHeader(request, 'Max-Forwards', '-1'), true],
    ['More than one Max-Forwards', appendHeader(setHeader(request, 'Max-Forwards', '2'), 'Max-Forwards', '1'), true],
    ['More than one From', appendHeader(request, 'f', '<sip:c@d>'), false],
    ['Bad Request-URI', { ...request, uri: '<sip:a@b>' }, false],
    ['Bad Request-URI', setHeader({ ...request, uri: '<sip:a@b>' }, 'Max-Forwards', '-1'), false],
  ];
  for (const [detail, broken, isForgivable] of cases) {
    test(`${detail}: ${isForgivable ? 'forgivable' : 'fatal'}`, () => {
      assert.deepEqual(findRequestFault(broken), { status: 400, detail, isForgivable });
    });
  }
  test('nothing', () => assert.equal(findRequestFault(setHeader(request, 'Max-Forwards', '0068')), undefined));
});

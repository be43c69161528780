import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_BODY, prependHeader, type SipRequest, setHeader } from '../../wire/sip/message.ts';
import type { Candidate } from '../decision.ts';
import { loopMark, markedBranch } from '../loop-mark.ts';
import { checkSanity, goesRound } from './check-sanity.ts';

const layer = { isOwnBranch: (branch: string) => branch.startsWith('z9hG4bKours') };

const INVITE: SipRequest = {
  kind: 'request',
  method: 'INVITE',
  uri: 'sip:911@192.0.2.1',
  headers: [
    { name: 'Via', value: 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKcaller' },
    { name: 'Geolocation', value: '<https://lis.example/a>' },
  ],
  body: NO_BODY,
};

function to(uri: string): Candidate {
  return {
    uri,
    name: uri,
    sourceId: null,
    kind: 'psap',
    quality: null,
    reason: 'test',
    silenceMs: 1,
    ringMs: null,
    queueMs: null,
    plainSipUser: false,
  };
}

/** The call as it comes back after it was sent to these destinations, one passage after the other. */
function afterPassages(request: SipRequest, uris: readonly string[]): SipRequest {
  let back = request;
  for (const [at, uri] of uris.entries()) {
    const branch = markedBranch(`z9hG4bKours${at}`, loopMark(request, uri));
    back = prependHeader(back, 'Via', `SIP/2.0/UDP 192.0.2.1;branch=${branch};rport=5060;received=192.0.2.1`);
    back = prependHeader(back, 'Via', `SIP/2.0/UDP 192.0.2.20;branch=z9hG4bKpsap${at}`);
  }
  return back;
}

function passagesOf(request: SipRequest): readonly string[] {
  const sanity = checkSanity(request, layer);
  assert.ok('passages' in sanity);
  return sanity.passages;
}

test('the same way again is a loop; another destination or location is a spiral', () => {
  const back = afterPassages(INVITE, ['sip:a@192.0.2.20']);
  const passages = passagesOf(back);
  assert.equal(passages.length, 1);
  assert.equal(goesRound(passages, back, to('sip:a@192.0.2.20')), true);
  assert.equal(goesRound(passages, back, to('sip:b@192.0.2.20')), false);
  const elsewhere = setHeader(back, 'Geolocation', '<https://lis.example/b>');
  assert.equal(goesRound(passages, elsewhere, to('sip:a@192.0.2.20')), false);
  const sameWithParams = setHeader(back, 'Geolocation', '<https://lis.example/a>;loc-src=lis.example');
  assert.equal(
    goesRound(passages, sameWithParams, to('sip:a@192.0.2.20')),
    true,
    'parameters say nothing of the place',
  );
});

test('Vias of others are no passages of ours, whatever their branch looks like', () => {
  const foreign = prependHeader(INVITE, 'Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKtheirs.0123abcd');
  assert.deepEqual(passagesOf(foreign), []);
  assert.equal(goesRound([], INVITE, to('sip:a@192.0.2.20')), false);
});

test('five passages are enough, wherever they led', () => {
  const uris = [1, 2, 3, 4, 5].map((at) => `sip:p${at}@192.0.2.20`);
  assert.equal(passagesOf(afterPassages(INVITE, uris.slice(1))).length, 4);
  assert.deepEqual(checkSanity(afterPassages(INVITE, uris), layer), {
    reject: { status: 482, reason: 'Loop Detected' },
  });
});

test('used-up Max-Forwards and Proxy-Require are forgiven, and the trace says so', () => {
  const odd = setHeader(setHeader(INVITE, 'Max-Forwards', '0'), 'Proxy-Require', 'sec-agree');
  const sanity = checkSanity(odd, layer);
  assert.ok('choice' in sanity);
  assert.equal(sanity.reason, 'Max-Forwards 0 renewed; Proxy-Require sec-agree not asked');
});

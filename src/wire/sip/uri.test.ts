import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { paramValue } from './params.ts';
import { equalUris, escapeUser, formatUri, readSipUri, readUri } from './uri.ts';

function areEqual(left: string, right: string): boolean {
  const [one, other] = [readUri(left), readUri(right)];
  assert.ok(one && other);
  assert.equal(equalUris(one, other), equalUris(other, one));
  return equalUris(one, other);
}

suite('URIs', () => {
  test('the parts of a SIP URI', () => {
    const uri = readSipUri('SIPS:+1-214-555;phone-context=x:pw@[2001:db8::1]:5061;transport=tcp;LR?subject=a&b=c');
    assert.equal(uri?.scheme, 'sips');
    assert.equal(uri?.user, '+1-214-555;phone-context=x');
    assert.equal(uri?.password, 'pw');
    assert.equal(uri?.host, '2001:db8::1');
    assert.equal(uri?.port, 5061);
    assert.equal(paramValue(uri?.params ?? [], 'transport'), 'tcp');
    assert.equal(paramValue(uri?.params ?? [], 'lr'), '');
    assert.equal(uri?.headers, 'subject=a&b=c');
  });

  test('tel, urn, cid', () => {
    assert.deepEqual(readUri('tel:911;phone-context=+1'), {
      kind: 'tel',
      scheme: 'tel',
      number: '911',
      params: [{ name: 'phone-context', value: '+1' }],
    });
    assert.deepEqual(readUri('urn:service:sos'), { kind: 'other', scheme: 'urn', rest: 'service:sos' });
    assert.deepEqual(readUri('cid:a%40b@c'), { kind: 'other', scheme: 'cid', rest: 'a%40b@c' });
  });

  for (const text of [
    '',
    'sip:',
    'sip:@host',
    '911',
    'sip:a b@c',
    '<sip:a@b>',
    'sip:a@b:99999',
    'sip:a@b@c',
    'sip:[::1',
    'tel:x y',
    'sip:a@-b',
    'sip:2001:db8::10',
  ]) {
    test(`${JSON.stringify(text)} is no URI`, () => assert.equal(readUri(text), undefined));
  }

  test('equivalent URIs of RFC 3261 §19.1.4', () => {
    assert.ok(areEqual('sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'));
    assert.ok(areEqual('sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'));
    assert.ok(areEqual('sip:carol@chicago.com;newparam=5', 'sip:carol@chicago.com;security=on'));
    assert.ok(
      areEqual(
        'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
        'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
      ),
    );
    assert.ok(
      areEqual(
        'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
        'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
      ),
    );
  });

  test('URIs of RFC 3261 §19.1.4 that are not equivalent', () => {
    assert.ok(!areEqual('SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'));
    assert.ok(!areEqual('sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'));
    assert.ok(!areEqual('sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'));
    assert.ok(!areEqual('sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'));
    assert.ok(!areEqual('sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'));
    assert.ok(!areEqual('sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'));
    assert.ok(!areEqual('sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'));
    assert.ok(!areEqual('sip:a@b', 'tel:1'));
  });

  test('tel numbers compare without separators, URNs without case', () => {
    assert.ok(areEqual('tel:+1-(214)-555.0123', 'tel:+12145550123'));
    assert.ok(areEqual('URN:service:SOS', 'urn:service:sos'));
    assert.ok(!areEqual('tel:911;phone-context=+1', 'tel:911'));
  });

  test('a user is escaped so that it cannot become a host', () => {
    assert.equal(escapeUser('a@b c%é'), 'a%40b%20c%25%C3%A9');
    const uri = readSipUri(`sip:${escapeUser('sip:x@y')}@host`);
    assert.equal(uri?.host, 'host');
    assert.equal(uri && formatUri(uri), 'sip:sip%3Ax%40y@host');
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ProblemError } from '../../domain/problem.ts';
import {
  decodeHeldAnswer,
  decodeLocationRequest,
  encodeHeldError,
  encodeLocationResponse,
  readHardwareAddress,
} from './held.ts';

const HELD = 'urn:ietf:params:xml:ns:geopriv:held';

function request(content: string, attributes = ''): string {
  return `<locationRequest xmlns="${HELD}" ${attributes}>${content}</locationRequest>`;
}

function kindOf(decode: () => unknown): string {
  try {
    decode();
  } catch (error) {
    if (error instanceof ProblemError) return error.kind;
    throw error;
  }
  return 'nothing';
}

suite('locationRequest', () => {
  test('an empty one asks for any location of the asker', () => {
    assert.deepEqual(decodeLocationRequest(request('')), {
      locationTypes: 'any',
      exact: false,
      devices: [],
      measurements: { lldp: [], wifi: [], dhcp: [] },
      notes: [],
    });
  });

  test('location types keep their order, exact means nothing with any (RFC 5985 §6.2)', () => {
    const types = (text: string, exact: string) => {
      const { locationTypes, exact: isExact } = decodeLocationRequest(
        request(`<locationType exact="${exact}">${text}</locationType>`),
      );
      return [locationTypes, isExact];
    };
    assert.deepEqual(types('\n locationURI\n civic civic ', 'true'), [['locationURI', 'civic'], true]);
    assert.deepEqual(types('geodetic', '1'), [['geodetic'], true]);
    assert.deepEqual(types('any', 'true'), ['any', false]);
    assert.deepEqual(types('', 'true'), ['any', false]);
    assert.deepEqual(types('civic hologram', 'false'), [['civic'], false]);
    assert.deepEqual(types('hologram', 'false'), ['any', false]);
    assert.deepEqual(types('any civic', 'true'), ['any', false]);
    for (const wanted of ['hologram', 'civic hologram']) {
      assert.equal(
        kindOf(() => types(wanted, 'true')),
        'location-type-unavailable',
        'each of them must be given (§6.2.1)',
      );
    }
    const odd = decodeLocationRequest(request('<locationType exact="perhaps">civic</locationType>'));
    assert.deepEqual([odd.exact, odd.notes], [false, ['locationType: unreadable exact perhaps']]);
  });

  test('response time in milliseconds or as a purpose; nonsense is noted, not refused', () => {
    const time = (text: string) => decodeLocationRequest(request('', `responseTime="${text}"`));
    assert.equal(time('8000').responseTime, 8000);
    assert.equal(time('emergencyRouting').responseTime, 'emergencyRouting');
    assert.equal(time('emergencyDispatch').responseTime, 'emergencyDispatch');
    assert.equal(time(' +500 ').responseTime, 500);
    assert.equal(time('2500.5').responseTime, 2501, 'as some devices write it');
    for (const odd of ['-1', '1e3', '0x10', '', '9'.repeat(16), 'emergencyrouting']) {
      assert.equal(time(odd).responseTime, undefined, odd);
    }
    assert.equal(time('soon').responseTime, undefined);
    assert.deepEqual(time('soon').notes, ['locationRequest: unreadable responseTime soon']);
  });

  test('every identity of RFC 6155, several at once; unknown and unreadable ones are noted', () => {
    const { devices, notes } = decodeLocationRequest(
      request(
        '<device xmlns="urn:ietf:params:xml:ns:geopriv:held:id" xmlns:x="urn:x">' +
          '<ip v="4"> 192.0.2.5 </ip><ip v="6">2001:DB8:0:0:0:0:0:1</ip><ip v="6">::ffff:192.0.2.6</ip>' +
          '<ip v="4">300.1.1.1</ip><mac>A0-12-34-56-78-90</mac><udpport>51393</udpport><tcpport>70000</tcpport>' +
          '<nai>user@example.net</nai><uri>tel:800-555-1111;phone-context=+1</uri><fqdn>host.example.net</fqdn>' +
          '<msisdn>11235550123</msisdn><imsi>310150123456789</imsi><duid>1234567890AaBb</duid>' +
          '<x:badge>4711</x:badge></device>',
      ),
    );
    assert.deepEqual(devices, [
      { kind: 'ip', version: 4, address: '192.0.2.5' },
      { kind: 'ip', version: 6, address: '2001:db8::1' },
      { kind: 'ip', version: 4, address: '192.0.2.6' },
      { kind: 'mac', address: 'a0:12:34:56:78:90' },
      { kind: 'udpport', port: 51393 },
      { kind: 'nai', value: 'user@example.net' },
      { kind: 'uri', value: 'tel:800-555-1111;phone-context=+1' },
      { kind: 'fqdn', value: 'host.example.net' },
      { kind: 'msisdn', value: '11235550123' },
      { kind: 'imsi', value: '310150123456789' },
      { kind: 'duid', value: '1234567890aabb' },
    ]);
    assert.deepEqual(notes, [
      'device: {urn:ietf:params:xml:ns:geopriv:held:id}ip passed over: 300.1.1.1',
      'device: {urn:ietf:params:xml:ns:geopriv:held:id}tcpport passed over: 70000',
      'device: {urn:x}badge passed over: 4711',
    ]);
  });

  test('identities that break their schema are passed over; a device named by such alone is not the asker (RFC 6155 §2.2)', () => {
    const named = (inner: string) =>
      decodeLocationRequest(request(`<device xmlns="urn:ietf:params:xml:ns:geopriv:held:id">${inner}</device>`));
    const all =
      '<hostname>Desk-7.example.net</hostname><imei>356938035643809</imei><min>2145550123</min><mdn>+12145550123</mdn>' +
      '<sctpport>5060</sctpport><dccpport>5061</dccpport>';
    assert.deepEqual(named(all).devices, [
      { kind: 'fqdn', value: 'Desk-7.example.net' },
      { kind: 'imei', value: '356938035643809' },
      { kind: 'min', value: '2145550123' },
      { kind: 'mdn', value: '12145550123' },
      { kind: 'sctpport', port: 5060 },
      { kind: 'dccpport', port: 5061 },
    ]);
    const broken =
      '<msisdn>12345</msisdn><imsi>1234567890123456</imsi><min>123</min><imei>12a</imei><duid>123</duid><mac>00-11</mac>' +
      '<ip v="4">10.1.2</ip><uri/>';
    const read = named(broken);
    assert.deepEqual([read.devices, read.namesUnreadable, read.notes.length], [[], true, 8]);
    assert.equal(named(`${broken}<mac>A0-12-34-56-78-90</mac>`).namesUnreadable, undefined);
    assert.equal(named('').namesUnreadable, undefined);
  });

  test('an NAI is the same, escaped or not (RFC 6155 §3.4)', () => {
    const nai = (text: string) => {
      const [device] = decodeLocationRequest(
        request(`<device xmlns="urn:ietf:params:xml:ns:geopriv:held:id"><nai>${text}</nai></device>`),
      ).devices;
      return device?.kind === 'nai' ? device.value : undefined;
    };
    assert.equal(nai('f\\C3\\BCx@bar.com'), 'füx@bar.com');
    assert.equal(nai('f\\c3\\bc\\5c\\90@bar.com'), 'f\\c3\\bc\\5c\\90@bar.com', 'octets that are no UTF-8');
    assert.equal(nai('a\\5C@b'), 'a\\5c@b');
    assert.equal(nai('a\\00b@c'), 'a\\00b@c');
  });

  test('measurements of several times stay apart, the newest first (RFC 7105 §4.1.1)', () => {
    const set = (time: string, bssid: string) =>
      `<measurements xmlns="urn:ietf:params:xml:ns:geopriv:lm" time="${time}"><wifi xmlns="urn:ietf:params:xml:ns:geopriv:lm:wifi">` +
      `<ap><bssid>${bssid}</bssid></ap></wifi></measurements>`;
    const { measurements } = decodeLocationRequest(
      request(
        set('2026-01-01T00:00:00Z', '00-00-00-00-00-01') +
          set('2026-01-01T01:00:00+01:00', '00-00-00-00-00-02') +
          set('2026-01-02T00:00:00Z', '00-00-00-00-00-03'),
      ),
    );
    assert.deepEqual(
      [measurements, ...(measurements.others ?? [])].map(({ time, wifi }) => [
        time?.toISOString(),
        wifi.map(({ bssid }) => bssid.slice(-2)),
      ]),
      [
        ['2026-01-02T00:00:00.000Z', ['03']],
        ['2026-01-01T00:00:00.000Z', ['01', '02']],
      ],
    );
    const many = Array.from({ length: 25 }, (_, minute) =>
      set(`2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`, '00-00-00-00-00-01'),
    );
    const bounded = decodeLocationRequest(request(many.join('')));
    assert.equal(bounded.measurements.others?.length, 19);
    assert.match(bounded.notes.join(), /of more than 20 times/);
  });

  test('LLDP as octets in hexadecimal, and as devices write it (RFC 7105 §5.1, IEEE 802.1AB)', () => {
    const lldp = (chassis: string, port: string) =>
      decodeLocationRequest(
        request(
          '<measurements xmlns="urn:ietf:params:xml:ns:geopriv:lm"><lldp xmlns="urn:ietf:params:xml:ns:geopriv:lm:lldp">' +
            `${chassis}${port}</lldp></measurements>`,
        ),
      ).measurements.lldp;
    const value = (chassis: string) => lldp(chassis, '')[0]?.chassis.value;
    assert.equal(value('<chassis type="4">001122AABBCC</chassis>'), '00:11:22:aa:bb:cc');
    assert.equal(value('<chassis type="4">00-11-22-aa-bb-cc</chassis>'), '00:11:22:aa:bb:cc');
    assert.equal(value('<chassis type="4">0011.22aa.bbcc</chassis>'), '00:11:22:aa:bb:cc');
    assert.equal(value('<chassis type="4">c000022d</chassis>'), '192.0.2.45');
    assert.equal(value('<chassis type="5">01c000022d</chassis>'), '192.0.2.45');
    assert.equal(value('<chassis type="5">0220010db8000000000000000000000001</chassis>'), '2001:db8::1');
    assert.equal(value('<chassis type="7">7377312d666c6f6f7233</chassis>'), 'sw1-floor3');
    assert.equal(value('<chassis type="7">sw1-floor3</chassis>'), 'sw1-floor3');
    assert.deepEqual(lldp('<chassis type="4">001122aabbcc</chassis>', '<port type="5">Gi1/0/3</port>')[0]?.port, {
      subtype: 5,
      value: 'Gi1/0/3',
      raw: 'Gi1/0/3',
    });
    assert.deepEqual(lldp('<chassis type="4">001122aabbcc</chassis>', '<port type="6">a2</port>')[0]?.port, {
      subtype: 6,
      value: 'a2',
      raw: 'a2',
    });
    assert.equal(lldp('<chassis type="4"/>', '<port type="3">001122aabbcd</port>').length, 0);
    assert.equal(
      lldp('<chassis type="4">001122aabbcc</chassis>', '<port type="3">001122aabbcd</port>')[0]?.port?.value,
      '00:11:22:aa:bb:cd',
    );
  });

  test('Wi-Fi and DHCP measurements (RFC 7105 §5.2, §5.3)', () => {
    const { measurements, notes } = decodeLocationRequest(
      request(
        '<measurements xmlns="urn:ietf:params:xml:ns:geopriv:lm" time="2011-04-29T09:33:58-05:00" expires="2011-04-29T17:33:58">' +
          '<wifi xmlns="urn:ietf:params:xml:ns:geopriv:lm:wifi"><nicType>x</nicType>' +
          '<ap serving="true"><bssid>AB-CD-EF-AB-CD-EF</bssid><ssid>example</ssid><channel>5</channel>' +
          '<apSignal><transmit>23</transmit><rcpi dBm="true" rmsError="12">-59</rcpi></apSignal>' +
          '<deviceSignal><rcpi>-98.5</rcpi></deviceSignal></ap>' +
          '<wap><bssid>abcdefabcd00</bssid><rssi>-70</rssi></wap><ap><bssid>nonsense</bssid></ap></wifi>' +
          '<dhcp-rai xmlns="urn:ietf:params:xml:ns:geopriv:lm:dhcp"><giaddr>192.0.2.158</giaddr><circuit>108B</circuit>' +
          '</dhcp-rai><dsl xmlns="urn:ietf:params:xml:ns:geopriv:lm:dsl"/></measurements>',
      ),
    );
    assert.deepEqual(measurements, {
      time: new Date('2011-04-29T14:33:58Z'),
      lldp: [],
      wifi: [
        { bssid: 'ab:cd:ef:ab:cd:ef', serving: true, ssid: 'example', channel: 5, signalDbm: -59 },
        { bssid: 'ab:cd:ef:ab:cd:00', serving: false, signalDbm: -70 },
      ],
      dhcp: [{ giaddr: '192.0.2.158', circuit: '108b' }],
    });
    assert.deepEqual(notes, [
      'measurements: expires 2011-04-29T17:33:58 is no time with time zone',
      'wifi: unreadable bssid nonsense',
      'wifi: access point without bssid passed over',
      'measurements: {urn:ietf:params:xml:ns:geopriv:lm:dsl}dsl passed over',
    ]);
  });

  test('what Kamailio sends', () => {
    const read = decodeLocationRequest(
      '<?xml version="1.0"?>\n<locationRequest xmlns="urn:ietf:params:xml:ns:geopriv:held" responseTime="emergencyRouting">' +
        '<locationType exact="false">geodetic locationURI</locationType>' +
        '<device xmlns="urn:ietf:params:xml:ns:geopriv:held:id"><uri>sip:+12145550123@example.com</uri></device>' +
        '</locationRequest>\n',
    );
    assert.deepEqual(read.devices, [{ kind: 'uri', value: 'sip:+12145550123@example.com' }]);
    assert.deepEqual(read.locationTypes, ['geodetic', 'locationURI']);
  });

  test('another document element is an unsupported message, broken XML malformed', () => {
    assert.equal(
      kindOf(() => decodeLocationRequest(`<createContext xmlns="${HELD}"/>`)),
      'unsupported-message',
    );
    assert.equal(
      kindOf(() => decodeLocationRequest('<locationRequest/>')),
      'unsupported-message',
    );
    assert.equal(
      kindOf(() => decodeLocationRequest('<locationRequest')),
      'malformed',
    );
  });
});

suite('answers', () => {
  test('expires has fractional seconds, the default namespace is on root and presence', () => {
    const xml = encodeLocationResponse({
      locationUriSet: { uris: ['https://lis.example/held/l/a?b&c'], expires: new Date('2026-11-21T10:00:00Z') },
      presence: { entity: 'pres:x@lis.example', locations: [{ civic: { country: 'US' } }] },
    });
    assert.match(
      xml,
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<locationResponse xmlns="urn:[a-z:]+:held"><locationUriSet /,
    );
    assert.match(xml, / expires="2026-11-21T10:00:00.000Z"><locationURI>https:\/\/lis.example\/held\/l\/a\?b&amp;c</);
    assert.match(xml, /<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:x@lis.example">/);
  });

  test('a dereferenced location URI may answer with a bare presence', () => {
    const answer = decodeHeldAnswer('<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:a@b.c"/>');
    assert.equal(answer.type === 'locationResponse' && answer.presence?.entity, 'pres:a@b.c');
  });

  test('a URI set without expiry is not believed, the rest is', () => {
    const answer = decodeHeldAnswer(
      `<locationResponse xmlns="${HELD}"><locationUriSet><locationURI>https://a</locationURI></locationUriSet></locationResponse>`,
    );
    assert.deepEqual(answer, { type: 'locationResponse', notes: ['locationUriSet: unreadable expires undefined'] });
  });

  test('what was read as a URI and is none is not said again', () => {
    const said = (value: string): boolean =>
      encodeLocationResponse({ devices: [{ kind: 'uri', value }] }).includes('<device');
    for (const uri of ['tel:+12145550100', 'sip:a@b.example:5060;x=y', 'https://b.example/a?b#c'])
      assert.ok(said(uri), uri);
    for (const odd of [
      ';el:1',
      '%41el:1',
      'tel:%zz',
      't l:1',
      '"J" <sip:a@b>',
      'http://a:port/',
      'sip:a#b#c',
      '+1214',
    ]) {
      assert.ok(!said(odd), odd);
    }
  });

  test('errors, with and without message', () => {
    assert.deepEqual(decodeHeldAnswer(encodeHeldError({ code: 'timeout' })), { type: 'error', code: 'timeout' });
    assert.deepEqual(decodeHeldAnswer(encodeHeldError({ code: 'xmlError', message: 'line 1: <', language: 'fr' })), {
      type: 'error',
      code: 'xmlError',
      message: 'line 1: <',
      language: 'fr',
    });
    const wrong = encodeHeldError({ code: 'badIdentifier', requiredIdentifiers: ['mac', 'ip'] });
    assert.match(wrong, /<requiredIdentifiers xmlns="urn:ietf:params:xml:ns:geopriv:held:id">mac ip<\//);
    assert.deepEqual(decodeHeldAnswer(wrong), {
      type: 'error',
      code: 'badIdentifier',
      requiredIdentifiers: ['mac', 'ip'],
    });
    assert.deepEqual(decodeHeldAnswer(`<error xmlns="${HELD}" code="somethingNew"/>`), {
      type: 'error',
      code: 'somethingNew',
    });
  });

  test('another document is no answer', () => {
    assert.equal(
      kindOf(() => decodeHeldAnswer('<html/>')),
      'unsupported-message',
    );
  });
});

test('hardware addresses in every spelling', () => {
  for (const text of ['AA-BB-CC-DD-EE-0F', 'aa:bb:cc:dd:ee:0f', 'aabb.ccdd.ee0f', 'AABBCCDDEE0F', ' aabbcc-ddee0f ']) {
    assert.equal(readHardwareAddress(text), 'aa:bb:cc:dd:ee:0f');
  }
  assert.equal(readHardwareAddress('0011223344556677'), '00:11:22:33:44:55:66:77');
  for (const text of ['', 'aabbccddee', 'gg-bb-cc-dd-ee-ff', 'a'.repeat(1000)]) {
    assert.equal(readHardwareAddress(text), undefined, text);
  }
});

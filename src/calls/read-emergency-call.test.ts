import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createManualClock } from '../support/manual-clock.ts';
import { encodePresence } from '../wire/pidf-lo/pidf-lo.ts';
import type { SipHeader, SipRequest } from '../wire/sip/message.ts';
import { describeLocationError } from './call-remarks.ts';
import { type Dereference, dereferenceForeign } from './dereference-foreign.ts';
import { isInDialog, readCallerNumber, readEmergencyCall } from './read-emergency-call.ts';
import { emergencyCall, locationValue } from './testing/fake-lookups.ts';

const SERVICE = emergencyCall().service;
const PEER = { address: '127.0.0.1', port: 5060 };

function invite(headers: readonly SipHeader[], body = ''): SipRequest {
  return { kind: 'request', method: 'INVITE', uri: 'sip:911@example.net', headers, body: Buffer.from(body, 'utf8') };
}

function read(request: SipRequest) {
  return readEmergencyCall(request, SERVICE, PEER, (uri) => uri.startsWith('https://waymark.example.net/'));
}

const PIDF = encodePresence({ entity: 'pres:x@example.net', locations: [locationValue('TX', 'Dallas')] });

test('numbers in any usual form', () => {
  for (const [uri, number] of [
    ['sip:+12145550100@example.net', '+12145550100'],
    ['sip:+1-214-555-0100@example.net;user=phone', '+12145550100'],
    ['sip:2145550100@example.net', '+12145550100'],
    ['sip:12145550100@example.net', '+12145550100'],
    ['sip:+12145550100;npdi@example.net', '+12145550100'],
    ['tel:+1-214-555-0100', '+12145550100'],
    ['sip:4711@example.net', '4711'],
    ['sip:alice@example.net', null],
    ['sip:example.net', null],
    ['anonymous', null],
  ] as const) {
    assert.equal(readCallerNumber(uri), number, uri);
  }
});

test('identities come in their order of trust', () => {
  const call = read(
    invite([
      { name: 'Remote-Party-ID', value: '"Desk" <sip:4713@example.net>;party=calling' },
      { name: 'From', value: '"From" <sip:4712@example.net>;tag=1' },
      { name: 'P-Asserted-Identity', value: '"Asserted" <sip:+12145550100@example.net>, <tel:+12145550101>' },
    ]),
  );
  assert.deepEqual(
    call.identities.map(({ number }) => number),
    ['+12145550100', '+12145550101', '4712', '4713'],
  );
  assert.equal(call.identities[0]?.displayName, 'Asserted');
});

test('a location by value as the only body, with and without Geolocation', () => {
  const type = { name: 'Content-Type', value: 'application/pidf+xml' };
  const bare = read(invite([type], PIDF));
  assert.equal(bare.conveyed[0]?.value?.civic?.A3, 'Dallas');
  assert.equal(bare.conveyed[0]?.uri, null);
  const named = read(
    invite([type, { name: 'Content-ID', value: '<a@b>' }, { name: 'Geolocation', value: '<cid:a@b>' }], PIDF),
  );
  assert.equal(named.conveyed.length, 1, 'not read twice');
  assert.equal(named.conveyed[0]?.uri, 'cid:a@b');
});

test('references are told apart; a broken body and a dangling cid leave a note, a second Geolocation is not lost', () => {
  const call = read(
    invite(
      [
        { name: 'Content-Type', value: 'application/pidf+xml' },
        { name: 'Geolocation', value: '<https://waymark.example.net/held/l/x>, <cid:nowhere@b>' },
        { name: 'Geolocation', value: '<https://lis.example.org/y>' },
      ],
      '<presence>not closed',
    ),
  );
  assert.deepEqual(
    call.conveyed.map(({ form, value, uri }) => [form, value, uri]),
    [
      ['own', null, 'https://waymark.example.net/held/l/x'],
      ['value', null, 'cid:nowhere@b'],
      ['foreign', null, 'https://lis.example.org/y'],
      ['value', null, null],
    ],
  );
  assert.match(call.conveyed[3]?.note ?? '', /unreadable/);
});

test('whatever stands in the headers and the body, reading does not throw and stays bounded', () => {
  const value = fc.oneof(
    fc.string({ maxLength: 80, unit: 'binary' }),
    fc.constantFrom('<cid:a@b>', '<', '"', 'multipart/mixed;boundary=x', '<sip:%zz@[::1>', '--x'),
  );
  const name = fc.constantFrom(
    'Geolocation',
    'From',
    'P-Asserted-Identity',
    'Remote-Party-ID',
    'Content-Type',
    'Call-Info',
  );
  fc.assert(
    fc.property(
      fc.array(fc.record({ name, value }), { maxLength: 30 }),
      fc.string({ maxLength: 300 }),
      (headers, body) => {
        const call = read(invite(headers, `--x\r\n${body}\r\n--x--`));
        assert.ok(call.conveyed.length <= 8 && call.identities.length <= 8);
        isInDialog(invite(headers));
      },
    ),
    { numRuns: 400, seed: 933 },
  );
});

const FOREIGN = { uri: 'https://lis.example.org/y', form: 'foreign', value: null, note: '' } as const;

test('a foreign reference is waited for no longer than its deadline', async () => {
  const clock = createManualClock();
  const silent = (): Promise<never> => new Promise(() => undefined);
  const asked = dereferenceForeign(emergencyCall({ conveyed: [FOREIGN] }), {
    dereference: silent,
    resolves: () => true,
    clock,
    deadlineMs: 1_500,
  });
  clock.advance(1_500);
  assert.match((await asked).conveyed[0]?.note ?? '', /no answer within 1500 ms/);
});

test('no foreign reference is asked when the call has a location that needs no waiting', async () => {
  let asked = 0;
  const dereference: Dereference = () => {
    asked++;
    return Promise.resolve({ value: locationValue('TX', 'Dallas'), how: 'POST answered' });
  };
  const value = { uri: 'cid:a', form: 'value', value: locationValue('TX', 'Dallas'), note: '' } as const;
  const call = emergencyCall({ conveyed: [FOREIGN, value] });
  const deps = { dereference, resolves: () => false, clock: createManualClock(), deadlineMs: 1_500 };
  assert.equal(await dereferenceForeign(call, deps), call);
  assert.equal(asked, 0);
  const answered = await dereferenceForeign(emergencyCall({ conveyed: [FOREIGN] }), deps);
  assert.equal(answered.conveyed[0]?.value?.civic?.A3, 'Dallas');
  assert.equal(answered.conveyed[0]?.note, 'dereferenced: POST answered');

  const country = { ...value, value: { civic: { country: 'US' } } };
  const vague = await dereferenceForeign(emergencyCall({ conveyed: [country, FOREIGN] }), deps);
  assert.equal(vague.conveyed[1]?.value?.civic?.A3, 'Dallas', 'a country alone keeps nobody from asking');
});

test('a reference of ours that leads nowhere keeps nobody from asking the others', async () => {
  const own = { uri: 'https://waymark.example.net/held/l/gone', form: 'own', value: null, note: '' } as const;
  const call = emergencyCall({ conveyed: [own, FOREIGN] });
  const dereference: Dereference = () => Promise.resolve({ value: locationValue('TX', 'Dallas'), how: '' });
  const deps = { dereference, clock: createManualClock(), deadlineMs: 1_500 };
  const asked = await dereferenceForeign(call, { ...deps, resolves: () => false });
  assert.equal(asked.conveyed[1]?.value?.civic?.A3, 'Dallas');
  assert.equal(await dereferenceForeign(call, { ...deps, resolves: () => true }), call);
});

test('the first usable answer ends the wait for other references; those to subscribe to are not asked', async () => {
  const asked: string[] = [];
  const dereference: Dereference = (uri) => {
    asked.push(uri);
    if (uri.endsWith('fast')) return Promise.resolve({ value: locationValue('TX', 'Dallas'), how: 'POST answered' });
    if (uri.endsWith('broken')) return Promise.reject(new Error('POST: HTTP 500'));
    return new Promise(() => undefined);
  };
  const uris = [
    'sip:a@lis.example.org',
    'https://lis.example.org/slow',
    'http://b.example/broken',
    'https://c.example/fast',
  ];
  const call = emergencyCall({ conveyed: uris.map((uri) => ({ ...FOREIGN, uri, note: 'as it was' })) });
  const deps = { dereference, resolves: () => false, clock: createManualClock(), deadlineMs: 1_500 };
  const answered = await dereferenceForeign(call, deps);
  assert.deepEqual(asked, uris.slice(1));
  assert.deepEqual(
    answered.conveyed.map(({ note }) => note),
    [
      'as it was',
      'dereference failed: not waited for: another reference was answered first',
      'dereference failed: POST: HTTP 500',
      'dereferenced: POST answered',
    ],
  );
});

test('a trunk says in which headers its callers stand, best first; its own headers may hold bare digits', () => {
  const request = invite([
    { name: 'P-Asserted-Identity', value: '<sip:+12145550100@a>' },
    { name: 'P-Preferred-Identity', value: '<sip:+12145550101@a>' },
    { name: 'X-Caller', value: '(214) 555-0102' },
    { name: 'X-Other', value: 'nobody here' },
  ]);
  const trunk = { identityHeaders: ['X-Caller', 'P-Preferred-Identity', 'X-Other'], deviceHeader: null } as const;
  const { identities, device } = readEmergencyCall(request, SERVICE, PEER, () => false, trunk);
  assert.deepEqual(
    identities.map(({ header, number }) => [header, number]),
    [
      ['X-Caller', '+12145550102'],
      ['P-Preferred-Identity', '+12145550101'],
    ],
  );
  assert.equal(device, undefined);
});

test('a trunk says which header names the device', () => {
  for (const [value, expected] of [
    ['00:50:56:ab:cd:ef', '00:50:56:ab:cd:ef'],
    ['"Phone 17"', 'Phone 17'],
    ['<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>', 'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
    ['', undefined],
    ['x'.repeat(129), undefined],
  ] as const) {
    const trunk = { identityHeaders: ['From'], deviceHeader: 'X-Device-Id' } as const;
    const request = invite([{ name: 'X-Device-Id', value }]);
    assert.equal(readEmergencyCall(request, SERVICE, PEER, () => false, trunk).device, expected);
  }
});

test('of several locations in a document the one of RFC 5491 §3 rule 8 counts, and that is told', () => {
  const document = encodePresence({
    entity: 'pres:x@y',
    locations: [
      { ...locationValue('TX', 'Austin'), element: 'tuple' },
      { ...locationValue('TX', 'Dallas'), element: 'device', deviceId: 'mac:1' },
    ],
  });
  const [conveyed] = read(invite([{ name: 'Content-Type', value: 'application/pidf+xml' }], document)).conveyed;
  assert.equal(conveyed?.value?.civic?.A3, 'Dallas');
  assert.match(conveyed?.note ?? '', /^of 2 locations the first of its devices/);
});

test('a location in base64 is read; a Content-ID of the whole message is found (RFC 8262)', () => {
  const document = encodePresence({ entity: 'pres:x@y', locations: [locationValue('TX', 'Dallas')] });
  const headers = [
    { name: 'Geolocation', value: '<cid:whole@y>' },
    { name: 'Content-Type', value: 'application/pidf+xml' },
    { name: 'Content-ID', value: '<whole@y>' },
  ];
  assert.equal(read(invite(headers, document)).conveyed[0]?.value?.civic?.A3, 'Dallas');
  const part = `--x\r\nContent-Type: application/pidf+xml\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(document).toString('base64')}\r\n--x--`;
  const [conveyed] = read(invite([{ name: 'Content-Type', value: 'multipart/mixed;boundary=x' }], part)).conveyed;
  assert.equal(conveyed?.value?.civic?.A3, 'Dallas');
});

test('a location is read whatever its transfer encoding is, in a part or as the whole body (RFC 2045 §6)', () => {
  const document = encodePresence({ entity: 'pres:x@y', locations: [locationValue('TX', 'Montréal')] });
  // `=` stands between `<` and `>`.
  const printable = document
    .replace(/[^ -<>-~]/gu, (char) => Buffer.from(char, 'utf8').toString('hex').toUpperCase().replace(/../g, '=$&'))
    .replaceAll('><', '>= \r\n<');
  assert.match(printable, /=3D.*Montr=C3=A9al/s);
  const cases = {
    base64: Buffer.from(document).toString('base64'),
    'Quoted-Printable': printable,
    '8bit': document,
  };
  for (const [encoding, text] of Object.entries(cases)) {
    const described = [
      { name: 'Content-Type', value: 'application/pidf+xml' },
      { name: 'Content-Transfer-Encoding', value: encoding },
    ];
    const whole = read(invite(described, text)).conveyed[0];
    assert.equal(whole?.value?.civic?.A3, 'Montréal', `${encoding}: ${whole?.note}`);
    const head = described.map(({ name, value }) => `${name}: ${value}\r\n`).join('');
    const multipart = invite(
      [{ name: 'Content-Type', value: 'multipart/mixed;boundary=x' }],
      `--x\r\n${head}\r\n${text}\r\n--x--`,
    );
    assert.equal(read(multipart).conveyed[0]?.value?.civic?.A3, 'Montréal', encoding);
  }
});

test('a soft line break at the end of a part belongs to the encoding: its line feed is of the delimiter (RFC 2046 §5.1.1)', () => {
  const printable = encodePresence({ entity: 'pres:x@y', locations: [locationValue('TX', 'Dallas')] }).replaceAll(
    '=',
    '=3D',
  );
  for (const end of ['=', '= \t']) {
    const head = 'Content-Type: application/pidf+xml\r\nContent-Transfer-Encoding: quoted-printable\r\n';
    const part = `--x\r\n${head}\r\n${printable}${end}\r\n--x--`;
    const [conveyed] = read(invite([{ name: 'Content-Type', value: 'multipart/mixed;boundary=x' }], part)).conveyed;
    assert.equal(conveyed?.value?.civic?.A3, 'Dallas', `${JSON.stringify(end)}: ${conveyed?.note}`);
  }
});

test('an empty line too many above a location does not lose it', () => {
  const document = encodePresence({ entity: 'pres:x@y', locations: [locationValue('TX', 'Dallas')] });
  const part = `--x\r\nContent-Type: application/pidf+xml\r\n\r\n\r\n \r\n${document}\r\n--x--`;
  const [conveyed] = read(invite([{ name: 'Content-Type', value: 'multipart/mixed;boundary=x' }], part)).conveyed;
  assert.equal(conveyed?.value?.civic?.A3, 'Dallas', conveyed?.note);
});

test('what decides nothing is remarked: errors of every class, additional data, redirections', () => {
  for (const [value, expected] of [
    [
      '100;code="Cannot Process Location"',
      'Geolocation-Error 100: the location cannot be processed ("Cannot Process Location")',
    ],
    ['200', 'Geolocation-Error 200: permission to use the location is wanted'],
    ['201', 'Geolocation-Error 201: permission to pass the location on is wanted'],
    ['202', 'Geolocation-Error 202: permission to route by the location is wanted'],
    ['299', 'Geolocation-Error 299: permission to use the location is wanted'],
    ['300;x', 'Geolocation-Error 300: the reference could not be dereferenced'],
    ['999', 'Geolocation-Error 999: the location cannot be processed'],
    ['junk', 'Geolocation-Error junk: unreadable'],
  ] as const) {
    assert.equal(describeLocationError(value), expected);
  }
  const body = '--x\r\nContent-Type: application/EmergencyCallData.DeviceInfo+xml\r\n\r\n<x/>\r\n--x--';
  const { remarks } = read(
    invite(
      [
        { name: 'Content-Type', value: 'multipart/mixed;boundary=x' },
        { name: 'Call-Info', value: '<cid:a@b>;purpose=EmergencyCallData.Comment, <https://x/y>;purpose=icon' },
        { name: 'Diversion', value: '<sip:1@x>, <sip:2@x>, <sip:3@x>, <sip:4@x>, <sip:5@x>' },
        { name: 'Geolocation', value: '<https://lis.example.org/x>' },
      ],
      body,
    ),
  );
  assert.deepEqual(remarks, {
    identity: ['Diversion names sip:1@x, sip:2@x, sip:3@x, sip:4@x and 1 more'],
    location: [
      'no Geolocation-Routing: an emergency call is routed by its location all the same',
      'additional data passed on: Comment in the body, DeviceInfo in the body',
    ],
  });
  assert.equal(read(invite([])).remarks, undefined);
});

test('multipart bombs are bounded, and hold no location', () => {
  let body = 'x';
  for (let depth = 0; depth < 200; depth++) {
    body = `--b${depth}\r\nContent-Type: multipart/mixed;boundary=b${depth - 1}\r\n\r\n${body}\r\n--b${depth}--`;
  }
  const wide = Array.from({ length: 20_000 }, () => '--w\r\n\r\nx\r\n').join('');
  for (const [boundary, bomb] of [
    ['b199', body],
    ['w', wide],
    ['-', '-'.repeat(60_000)],
  ] as const) {
    const { conveyed } = read(
      invite([{ name: 'Content-Type', value: `multipart/mixed;boundary="${boundary}"` }], bomb),
    );
    assert.deepEqual(conveyed, []);
  }
});

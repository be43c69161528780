/**
 * HELD under odd requests: two organizations with the same network elements and different places, so that an answer
 * out of the wrong one shows.
 */
import fc from 'fast-check';
import { ProblemError } from '../../../src/domain/problem.ts';
import { decodeHeldAnswer } from '../../../src/wire/held/held.ts';
import { eventually, openClient } from '../platform-client.ts';
import type { RunningPlatform } from '../run-platform.ts';
import { assertValid } from '../xml-schemas.ts';
import { type FuzzReport, type FuzzRequest, fuzzDoor } from './fuzz-door.ts';
import { changed, mutated, readExamples } from './xml-documents.ts';

type Tenant = { heldPath: string /** In every place of this organization and nowhere else. */; marker: string };

const HELD_TYPE = 'application/held+xml';
const MARKERS = ['Aspenwall', 'Birchgate'];
const VALIDATE_EVERY = 50;

const wireMap = (marker: string): string =>
  [
    'kind,value,port,erl',
    `switch-port,00-1B-00-00-00-01,Gi1/0/12,${marker} port`,
    `switch-chassis,00-1B-00-00-00-01,,${marker} chassis`,
    `bssid,AA:AA:AA:AA:AA:01,,${marker} access point`,
    `mac,CC:CC:CC:CC:CC:09,,${marker} device`,
    `ip-range,127.0.0.0/8,,${marker} loopback`,
    `ip-range,10.1.2.0/24,,${marker} range`,
    `ip-range,2001:db8:1::/64,,${marker} range six`,
    '',
  ].join('\n');

const ERLS = ['port', 'chassis', 'access point', 'device', 'loopback', 'range', 'range six'];

async function openTenant(platform: RunningPlatform, marker: string): Promise<Tenant> {
  const operator = openClient(platform.http, platform.firstRun().tokens.operator ?? '');
  const { id } = await operator.must<{ id: string }>('POST', '/api/organizations', { name: marker });
  const { token } = await operator.must<{ token: string }>('POST', `/api/organizations/${id}/tokens`, {
    role: 'fullAdmin',
    label: 'fuzz',
  });
  const admin = openClient(platform.http, token);
  const location = await admin.must<{ id: string }>('POST', '/v1/locations', {
    name: `${marker} site`,
    timeZone: 'America/Chicago',
    preferredLanguage: 'en_us',
    announcementLanguage: 'en_us',
    address: { address1: `12 ${marker} St`, city: 'Dallas', state: 'TX', postalCode: '75201', country: 'US' },
  });
  await admin.must('POST', '/v1/telephony/config/redSky', { email: `admin@${marker.toLowerCase()}.example.com` });
  await admin.must('POST', `/v1/telephony/config/locations/${location.id}/redSky/building`, {
    alertingEmail: `desk@${marker.toLowerCase()}.example.com`,
  });
  for (const name of ERLS) {
    await admin.must('POST', '/api/response-locations', {
      locationId: location.id,
      name: `${marker} ${name}`,
      detail: { FLR: '3', LOC: `${marker} ${name}` },
    });
  }
  await admin.must('POST', '/api/address-ranges', { range: '127.0.0.0/8', locationId: location.id });
  await admin.must('POST', '/api/wire-map/import', wireMap(marker), 'text/csv');
  const { companyId } = await admin.must<{ companyId: string }>('GET', '/v1/telephony/config/redSky');
  return { heldPath: `/held/c/${companyId}`, marker };
}

const IDENTITIES = [
  '<ip v="4">10.1.2.7</ip>',
  '<ip v="6">2001:db8:1::7</ip>',
  '<mac>CC-CC-CC-CC-CC-09</mac>',
  '<uri>tel:+12145550100</uri>',
  '<tcpport>5060</tcpport><fqdn>phone.example.com</fqdn>',
];
const MEASUREMENTS = [
  '',
  '<m:measurements><l:lldp><l:chassis type="4">001b00000001</l:chassis><l:port type="5">Gi1/0/12</l:port></l:lldp></m:measurements>',
  '<m:measurements><w:wifi><w:ap serving="true"><w:bssid>AA-AA-AA-AA-AA-01</w:bssid></w:ap></w:wifi></m:measurements>',
];
const TYPES = [
  '',
  '<locationType exact="true">civic geodetic</locationType>',
  '<locationType>locationURI</locationType>',
];

/** Requests that are answered with a place, one for each way. */
const REQUESTS = TYPES.flatMap((type) =>
  IDENTITIES.flatMap((identity) =>
    MEASUREMENTS.map((measurements) =>
      Buffer.from(
        '<?xml version="1.0"?><locationRequest xmlns="urn:ietf:params:xml:ns:geopriv:held" xmlns:m="urn:ietf:params:xml:ns:geopriv:lm" ' +
          'xmlns:l="urn:ietf:params:xml:ns:geopriv:lm:lldp" xmlns:w="urn:ietf:params:xml:ns:geopriv:lm:wifi" responseTime="8">' +
          `${type}<device xmlns="urn:ietf:params:xml:ns:geopriv:held:id">${identity}</device>${measurements}</locationRequest>`,
      ),
    ),
  ),
);

async function askForUri(platform: RunningPlatform, { heldPath, marker }: Tenant): Promise<string> {
  return eventually(`a location URI of ${marker}`, 20_000, async () => {
    const response = await fetch(`${platform.http}${heldPath}`, {
      method: 'POST',
      headers: { 'content-type': HELD_TYPE },
      body: REQUESTS[0] as Uint8Array<ArrayBuffer>,
    });
    const text = await response.text();
    const uri = /<locationURI>([^<]+)</.exec(text)?.[1];
    return text.includes(marker) && uri !== undefined ? new URL(uri).pathname : undefined;
  });
}

type HeldRequest = FuzzRequest & { /** Whose places may be in the answer. */ allowed: readonly string[] };

/** A reference with one character changed: it must lead nowhere. */
function forged(path: string): fc.Arbitrary<string> {
  const start = path.lastIndexOf('/') + 1;
  return fc
    .tuple(fc.integer({ min: start, max: path.length - 1 }), fc.constantFrom(...Array.from('ABCXYZabcxyz0189-_')))
    .map(([at, character]) => `${path.slice(0, at)}${character}${path.slice(at + 1)}`)
    .filter((other) => other !== path);
}

/** A platform of which nobody else asks anything; its limits of requests are off. */
export async function fuzzHeld(
  platform: RunningPlatform,
  how: { count: number; seed: number; say(text: string): void },
): Promise<FuzzReport> {
  const tenants = [];
  for (const marker of MARKERS) tenants.push(await openTenant(platform, marker));
  const documents = [...REQUESTS, ...REQUESTS, ...readExamples('held')];
  const bodies = fc.oneof({ weight: 3, arbitrary: changed(documents) }, { weight: 1, arbitrary: mutated(documents) });
  const requests = fc.oneof(
    ...(await Promise.all(
      tenants.flatMap(async (tenant) => {
        const uriPath = await askForUri(platform, tenant);
        const to = (path: fc.Arbitrary<string>, allowed: readonly string[], weight: number) => ({
          weight,
          arbitrary: fc
            .tuple(path, bodies, fc.constantFrom(HELD_TYPE, 'text/xml', 'application/json', ''))
            .map(([one, body, contentType]): HeldRequest => ({ path: one, contentType, body, allowed })),
        });
        return [
          to(fc.constant(tenant.heldPath), [tenant.marker], 18),
          to(fc.constant(uriPath), [tenant.marker], 1),
          to(forged(uriPath), [], 1),
        ];
      }),
    ).then((all) => all.flat())),
  );
  return fuzzDoor({
    baseUrl: platform.http,
    pid: platform.pid,
    requests,
    ...how,
    isGood: ({ body }) => MARKERS.some((marker) => body.includes(marker)) || body.includes('<locationURI>'),
    faultOf({ allowed }, { status, body }, place) {
      const foreign = MARKERS.find((marker) => body.includes(marker) && !allowed.includes(marker));
      if (foreign !== undefined) return `a place of ${foreign}, which was not asked`;
      if (status >= 500) return `status ${status}`;
      if (status !== 200) return allowed.length === 0 ? undefined : `status ${status} (${body})`;
      return faultOfDocument(body, place);
    },
  });
}

function faultOfDocument(body: string, place: number): string | undefined {
  try {
    if (place % VALIDATE_EVERY === 0) assertValid('held', body);
    const answer = decodeHeldAnswer(body);
    return answer.type === 'error' && answer.code === 'generalLisError' ? 'generalLisError' : undefined;
  } catch (error) {
    if (error instanceof ProblemError) return `an answer that cannot be read (${error.message}): ${body}`;
    return String(error);
  }
}

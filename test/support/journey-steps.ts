/** What administrators, phones and callers do on the four journeys, against a running platform. */
import assert from 'node:assert/strict';
import { type CallReport, placeCall } from '../../src/commands/sip-caller.ts';
import { systemClock } from '../../src/support/clock.ts';
import { createLogger } from '../../src/support/logger.ts';
import { openClient } from './platform-client.ts';
import type { RunningPlatform } from './run-platform.ts';

const logger = createLogger('silent');
const REQUEST_TIMEOUT_MS = 10_000;

export type HeldAnswer = { status: number; xml: string; floor: string; room: string; locationUri: string };

function element(xml: string, name: string): string {
  return new RegExp(`<(?:[\\w-]+:)?${name}[^>]*>([^<]*)<`).exec(xml)?.[1] ?? '';
}

async function postXml(url: string, contentType: string, xml: string): Promise<{ status: number; xml: string }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body: xml,
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  return { status: response.status, xml: await response.text() };
}

/** A phone asks where it is, by the switch port that LLDP tells it (RFC 5985, RFC 7105 §5.1). */
export function askHeld(
  baseUrl: string,
  { companyId, ...phone }: { companyId: string; chassis: string; port: string },
): Promise<HeldAnswer> {
  return askHeldAt(`${baseUrl}/held/c/${companyId}`, phone);
}

/** The same at the address that the phone was configured with; `mac`: it says who it is, too (RFC 6155 §3.2). */
export async function askHeldAt(
  url: string,
  phone: { chassis: string; port: string; mac?: string },
): Promise<HeldAnswer> {
  const device =
    phone.mac === undefined
      ? ''
      : `\n  <device xmlns="urn:ietf:params:xml:ns:geopriv:held:id"><mac>${phone.mac.replaceAll(':', '-')}</mac></device>`;
  const request = `<?xml version="1.0" encoding="UTF-8"?>
<locationRequest xmlns="urn:ietf:params:xml:ns:geopriv:held" responseTime="emergencyRouting">
  <locationType exact="false">civic locationURI</locationType>${device}
  <measurements xmlns="urn:ietf:params:xml:ns:geopriv:lm">
    <lldp xmlns="urn:ietf:params:xml:ns:geopriv:lm:lldp">
      <chassis type="4">${phone.chassis.replaceAll(':', '')}</chassis><port type="5">${phone.port}</port>
    </lldp>
  </measurements>
</locationRequest>`;
  const { status, xml } = await postXml(url, 'application/held+xml', request);
  const locationUri = element(xml, 'locationURI');
  return { status, xml, floor: element(xml, 'FLR'), room: element(xml, 'ROOM'), locationUri };
}

/** Follows a location URI (RFC 6753). */
export async function followLocationUri(uri: string): Promise<{ status: number; xml: string }> {
  const response = await fetch(uri, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  return { status: response.status, xml: await response.text() };
}

/** Which PSAP serves a point (RFC 5222). */
export async function askLost(
  baseUrl: string,
  latitude: number,
  longitude: number,
): Promise<{ status: number; name: string; uri: string }> {
  const request = `<?xml version="1.0" encoding="UTF-8"?>
<findService xmlns="urn:ietf:params:xml:ns:lost1" serviceBoundary="reference" recursive="true">
  <location id="here" profile="geodetic-2d"><Point xmlns="http://www.opengis.net/gml" srsName="urn:ogc:def:crs:EPSG::4326"><pos>${latitude} ${longitude}</pos></Point></location>
  <service>urn:service:sos</service>
</findService>`;
  const { status, xml } = await postXml(`${baseUrl}/LoST`, 'application/lost+xml', request);
  return { status, name: element(xml, 'displayName'), uri: element(xml, 'uri') };
}

/** Places a call over UDP, as a phone does, and stays until it has ended. */
export function callFrom(
  server: Pick<RunningPlatform, 'sipPort'>,
  call: { dialed: string; from: string; geolocation?: string; holdMs?: number; maxMs?: number },
): Promise<CallReport> {
  return placeCall(
    {
      target: { protocol: 'udp', address: '127.0.0.1', port: server.sipPort },
      dialed: call.dialed,
      from: call.from,
      geolocation: call.geolocation,
      holdMs: call.holdMs ?? 50,
      maxMs: call.maxMs ?? 60_000,
    },
    { clock: systemClock, logger },
  );
}

export type Onboarded = {
  companyId: string;
  number: string;
  chassis: string;
  port: string;
  floor: string;
  room: string;
  /** Who must be told of a call from there. */
  told: readonly string[];
  sourceId: string;
};

/** Takes the empty organization of a first start to ROUTING_ENABLED over REST: a site in Denver with one room. */
export async function onboardFresh(server: RunningPlatform): Promise<Onboarded> {
  const { fresh } = server.firstRun();
  assert.ok(fresh, 'the first start left an empty organization');
  const client = openClient(server.http, fresh.tokens.fullAdmin);
  const v1 = '/v1/telephony/config';
  const complete = async (complianceStatus: string): Promise<void> => {
    await client.must('PUT', `${v1}/redSky/status`, { complianceStatus });
  };
  const address = { address1: '1437 Bannock St', city: 'Denver', state: 'CO', postalCode: '80202', country: 'US' };
  const location = await client.must<{ id: string }>('POST', '/v1/locations', {
    name: 'Denver Office',
    timeZone: 'America/Denver',
    preferredLanguage: 'en_us',
    announcementLanguage: 'en_us',
    address,
    latitude: '39.7392',
    longitude: '-104.9907',
  });
  await client.must('POST', `${v1}/redSky`, { email: 'e911.admin@fresh.example.com', orgPrefix: 'wxc' });
  await client.must('POST', `${v1}/locations/${location.id}/redSky/building`, {
    alertingEmail: 'guard@fresh.example.com',
    address: {
      addressLine1: address.address1,
      city: address.city,
      stateOrProvince: address.state,
      zipOrPostalCode: address.postalCode,
      country: address.country,
    },
  });
  await complete('LOCATION_SETUP');
  await client.must('PUT', `${v1}/emergencyCallNotification`, {
    emergencyCallNotificationEnabled: true,
    allowEmailNotificationAllLocationEnabled: true,
    emailAddress: 'desk@fresh.example.com',
  });
  await client.must('PUT', `${v1}/locations/${location.id}/emergencyCallNotification`, {
    emergencyCallNotificationEnabled: true,
    emailAddress: 'denver@fresh.example.com',
  });
  await complete('ALERTS');
  const { locations } = await client.must<{ locations: { id: string }[] }>('GET', '/api/compliance');
  const locationId = locations[0]?.id;
  await client.must('POST', '/api/response-locations', {
    locationId,
    name: 'Floor 4 room 410',
    detail: { FLR: '4', ROOM: '410' },
  });
  const chassis = '02:00:5e:00:53:d0';
  const port = 'GigabitEthernet1/0/7';
  const csv = `kind,value,port,erl,description\nswitch-port,${chassis},${port},Floor 4 room 410,socket\n`;
  await client.must('POST', '/api/wire-map/import', csv, 'text/csv');
  await complete('NETWORK_ELEMENTS');
  const number = '+13035550101';
  await client.must('POST', '/api/members', {
    kind: 'PEOPLE',
    locationId,
    firstName: 'Front',
    lastName: 'Desk',
    phoneNumber: number,
    extension: '4101',
  });
  await complete('ROUTING_ENABLED');
  const { companyId } = await client.must<{ companyId: string }>('GET', `${v1}/redSky`);
  const status = await client.must<{ complianceStatus: string }>('GET', `${v1}/redSky/status`);
  assert.equal(status.complianceStatus, 'COMPLIANT');
  return {
    companyId,
    number,
    chassis,
    port,
    floor: '4',
    room: '410',
    told: ['guard@fresh.example.com', 'desk@fresh.example.com', 'denver@fresh.example.com'],
    sourceId: 'us-county-08031',
  };
}

import { XML_DECLARATION } from '../pidf-lo/pidf-lo.ts';
import { escapeText, writeDateTimeMillis, writeNumber } from '../xml/xml.ts';
import { encodeDevice } from './encode-device.ts';
import { writeHardwareAddress } from './hardware-address.ts';
import type {
  DhcpMeasurement,
  LldpIdentifier,
  LocationRequest,
  Measurements,
  WifiMeasurement,
} from './held-messages.ts';
import { writeLldpIdentifier } from './lldp-identifier.ts';
import { DHCP, HELD, LLDP, MEASUREMENTS, WIFI } from './namespaces.ts';

/** A `locationRequest` document, `application/held+xml`. */
export function encodeLocationRequest(request: LocationRequest): string {
  const { locationTypes, exact, responseTime, devices, measurements } = request;
  const types = locationTypes === 'any' ? 'any' : locationTypes.join(' ');
  return (
    `${XML_DECLARATION}<locationRequest xmlns="${HELD}"` +
    `${responseTime === undefined ? '' : ` responseTime="${responseTime}"`}>` +
    `<locationType exact="${exact}">${types}</locationType>` +
    `${encodeDevice(devices)}${encodeMeasurements(measurements)}</locationRequest>`
  );
}

function encodeInstant(name: 'time' | 'expires', instant: Date | undefined): string {
  return instant === undefined ? '' : ` ${name}="${writeDateTimeMillis(instant)}"`;
}

function encodeMeasurements(measurements: Measurements): string {
  return encodeMeasurementSet(measurements) + (measurements.others ?? []).map(encodeMeasurementSet).join('');
}

function encodeMeasurementSet({ time, expires, lldp, wifi, dhcp }: Measurements): string {
  if (lldp.length === 0 && wifi.length === 0 && dhcp.length === 0) return '';
  let xml = `<measurements xmlns="${MEASUREMENTS}"${encodeInstant('time', time)}${encodeInstant('expires', expires)}>`;
  for (const { chassis, port } of lldp) {
    xml += `<lldp xmlns="${LLDP}">${encodeLldpIdentifier('chassis', chassis)}`;
    // The schema demands a port; a single zero octet is what none looks like.
    xml += `${encodeLldpIdentifier('port', port ?? { subtype: 7, value: '00', raw: '00' })}</lldp>`;
  }
  if (wifi.length > 0) xml += `<wifi xmlns="${WIFI}">${wifi.map(encodeAccessPoint).join('')}</wifi>`;
  for (const measurement of dhcp) xml += encodeDhcp(measurement);
  return `${xml}</measurements>`;
}

function encodeLldpIdentifier(name: 'chassis' | 'port', identifier: LldpIdentifier): string {
  return `<${name} type="${identifier.subtype}">${escapeText(writeLldpIdentifier(name, identifier))}</${name}>`;
}

function encodeAccessPoint({ bssid, serving, ssid, channel, signalDbm }: WifiMeasurement): string {
  let xml = `<ap${serving ? ' serving="true"' : ''}><bssid>${escapeText(writeHardwareAddress(bssid))}</bssid>`;
  if (ssid !== undefined) xml += `<ssid>${escapeText(ssid)}</ssid>`;
  if (channel !== undefined) xml += `<channel>${channel}</channel>`;
  if (signalDbm !== undefined) xml += `<apSignal><rcpi>${writeNumber(signalDbm)}</rcpi></apSignal>`;
  return `${xml}</ap>`;
}

function encodeDhcp({ giaddr, circuit, remote, remoteEnterprise, subscriber }: DhcpMeasurement): string {
  const enterprise = remoteEnterprise === undefined ? '' : ` enterprise="${remoteEnterprise}"`;
  let xml = `<dhcp-rai xmlns="${DHCP}"><giaddr>${escapeText(giaddr)}</giaddr>`;
  if (circuit !== undefined) xml += `<circuit>${circuit}</circuit>`;
  if (remote !== undefined) xml += `<remote${enterprise}>${remote}</remote>`;
  if (subscriber !== undefined) xml += `<subscriber>${subscriber}</subscriber>`;
  return `${xml}</dhcp-rai>`;
}

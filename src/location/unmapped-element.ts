import { readAddressRange } from './address-range.ts';
import { deviceIdOf } from './device-id.ts';
import { isPrivateIp, readIpWords } from './ip-words.ts';
import type { DeviceQuestion } from './located-device.ts';
import { byLoudness } from './locating-rules.ts';
import { relayPort } from './relay-port.ts';
import { type ElementKey, type ElementKind, normalizeSwitchName } from './wire-map-element.ts';

/** `device`: a device that told nothing of its network; it is mapped by an override. */
export type UnmappedKind = ElementKind | 'device';

export type UnmappedKey = Omit<ElementKey, 'kind'> & { kind: UnmappedKind };

const MAX_ACCESS_POINTS = 3;
const MAX_PORTS = 2;
const MAX_ADDRESSES = 2;
const MAX_NAME = 255;

const words = new Uint32Array(4);

/** Private addresses by their subnet of usual size; a public one for itself, for its neighbours are other people's. */
function rangeAround(address: string): string | undefined {
  const version = readIpWords(address, words);
  if (version === 0) return undefined;
  const length = version === 6 ? 64 : isPrivateIp(version, words) ? 24 : 32;
  const range = readAddressRange(`${address}/${length}`);
  return typeof range === 'string' ? undefined : range.text;
}

/**
 * What the wire map would need to know to place a request: the neighbouring switch's port and the strongest access points;
 * where there are none, the addresses that count; where these are none, the address it is seen from; at last the device
 * itself. At most seven.
 */
export function elementsToMap(question: DeviceQuestion, addresses: readonly string[]): UnmappedKey[] {
  const found: UnmappedKey[] = [];
  for (const { chassis, port } of (question.measurements?.lldp ?? []).slice(0, MAX_PORTS)) {
    const value = normalizeSwitchName(chassis.value);
    const portName = port === undefined ? '' : normalizeSwitchName(port.value);
    if (value.length > MAX_NAME || portName.length > MAX_NAME) continue;
    found.push({ kind: portName === '' ? 'switch-chassis' : 'switch-port', value, port: portName });
  }
  if (found.length === 0) {
    for (const measurement of (question.measurements?.dhcp ?? []).slice(0, MAX_PORTS)) {
      const { chassis, relay, port } = relayPort(measurement);
      const value = chassis ?? relay;
      if (port === undefined || value.length > MAX_NAME || port.length > MAX_NAME) continue;
      found.push({ kind: 'switch-port', value, port });
    }
  }
  for (const { bssid } of byLoudness(question.measurements?.wifi ?? []).slice(0, MAX_ACCESS_POINTS)) {
    found.push({ kind: 'bssid', value: bssid, port: '' });
  }
  if (found.length > 0) return found;
  const asksForItself =
    question.devices.some(({ kind }) => kind === 'ip' || kind === 'mac') ||
    (question.devices.length === 0 && question.namesUnreadable !== true);
  const candidates = addresses.length === 0 && asksForItself ? [question.sourceAddress] : addresses;
  for (const address of candidates.slice(0, MAX_ADDRESSES)) {
    const range = rangeAround(address);
    if (range !== undefined) found.push({ kind: 'ip-range', value: range, port: '' });
  }
  if (found.length > 0) return found;
  const device = sampleDevice(question);
  return device === '' ? [] : [{ kind: 'device', value: device, port: '' }];
}

/** The device that the request names, as `readDeviceId` gives it; empty where it names none. */
export function sampleDevice({ devices }: DeviceQuestion): string {
  for (const device of devices) {
    const id = deviceIdOf(device);
    if (id !== undefined) return id;
  }
  return '';
}

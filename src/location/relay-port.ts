import { type DhcpMeasurement, readHardwareAddress } from '../wire/held/held.ts';
import { normalizeSwitchName } from './wire-map-element.ts';

/** What a DHCP relay agent says of the switch port that it relayed for, as names of the wire map. */
export type RelayPort = {
  /** The switch, by its remote id; undefined when that was not told. */
  chassis: string | undefined;
  /** The address of the relay agent, which stands for the switch where the agent is one. */
  relay: string;
  /** The port, by its circuit id. */
  port: string | undefined;
};

const PRINTABLE = /^[\x20-\x7e]+$/;
const MAC_OCTETS = 6;

/** Octets that switches put in front: type 0 for numbers or 1 for text, and the length of what follows. */
function withoutHeader(octets: Buffer): Buffer {
  const [type, length] = octets;
  return (type === 0 || type === 1) && length === octets.length - 2 ? octets.subarray(2) : octets;
}

/**
 * The circuit id and remote id of RFC 3046, opaque octets in hexadecimal (RFC 7105 §5.2): text where they are text, a MAC
 * address where the remote id has the length of one, else the hexadecimal digits.
 */
export function relayPort({ giaddr, circuit, remote }: DhcpMeasurement): RelayPort {
  return {
    chassis: remote === undefined ? undefined : nameOf(remote, true),
    relay: giaddr,
    port: circuit === undefined ? undefined : nameOf(circuit, false),
  };
}

function nameOf(hex: string, mayBeMac: boolean): string | undefined {
  if (hex === '') return undefined;
  const octets = Buffer.from(hex, 'hex');
  const bare = withoutHeader(octets);
  const text = bare.toString('latin1');
  const name = PRINTABLE.test(text) ? normalizeSwitchName(text) : '';
  if (name !== '') return name;
  const hardware = mayBeMac && bare.length === MAC_OCTETS ? readHardwareAddress(bare.toString('hex')) : undefined;
  return hardware ?? hex;
}

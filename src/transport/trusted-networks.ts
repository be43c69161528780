import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { BoundedMap } from '../support/bounded-map.ts';

const REMEMBERED_ADDRESSES = 1_000;

/** Whether an address lies in one of the networks; quick enough to be asked for every datagram. */
export function createNetworkMatcher(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', length] = network.split('/');
    const family = isIPv4(base) ? 'ipv4' : 'ipv6';
    if (length === undefined) list.addAddress(base, family);
    else list.addSubnet(base, Number(length), family);
  }
  function check(address: string): boolean {
    // An IPv4 peer on a dual-stack socket.
    const plain = address.startsWith('::ffff:') && isIPv4(address.slice(7)) ? address.slice(7) : address;
    if (isIPv4(plain)) return list.check(plain, 'ipv4');
    return isIPv6(plain) && list.check(plain, 'ipv6');
  }
  const answers = new BoundedMap<string, boolean>(REMEMBERED_ADDRESSES);
  return (address) => {
    const known = answers.get(address);
    if (known !== undefined) return known;
    const answer = check(address);
    answers.set(address, answer);
    return answer;
  };
}

/** A loopback-style text for a URL or SIP host: IPv6 in brackets. */
export function urlHost(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

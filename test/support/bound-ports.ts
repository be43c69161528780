import { readFileSync } from 'node:fs';

const TCP_LISTEN = '0A';

/** Local ports that some process of this machine has bound (UDP) or listens on (TCP), as the Linux kernel lists them. */
export function boundPorts(protocol: 'udp' | 'tcp'): Set<number> {
  const ports = new Set<number>();
  for (const table of [protocol, `${protocol}6`]) {
    for (const line of readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1)) {
      const [, local, , state] = line.trim().split(/\s+/);
      if (local !== undefined && (protocol === 'udp' || state === TCP_LISTEN)) {
        ports.add(Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16));
      }
    }
  }
  return ports;
}

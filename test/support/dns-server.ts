/** A small name server on loopback that speaks real packets (RFC 1035, 2782, 3403, 3596), for tests of what asks DNS. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { DnsClient } from '../../src/transport/dns-client.ts';

export type DnsRecord =
  | { type: 'A'; address: string; ttlSeconds?: number }
  | { type: 'AAAA'; address: string; ttlSeconds?: number }
  | { type: 'SRV'; priority: number; weight: number; port: number; target: string }
  | { type: 'NAPTR'; order: number; preference: number; service: string; replacement: string; flags?: string };

export type DnsServer = {
  /** For the list of name servers: `127.0.0.1:<port>`. */
  readonly address: string;
  /** What was asked, e.g. `SRV _sip._udp.psap.example.net`. */
  readonly questions: string[];
  /** By name in lower case. */
  readonly zone: Map<string, DnsRecord[]>;
  /** How questions are answered from now on. */
  behave(how: 'well' | 'silent' | 'servfail' | 'garbage'): void;
  stop(): Promise<void>;
};

/** Name servers that are gone: every question fails at once, and the hosts file is empty. */
export const noDns: DnsClient = {
  addresses: () => Promise.reject(new Error('no name servers')),
  srv: () => Promise.reject(new Error('no name servers')),
  naptr: () => Promise.reject(new Error('no name servers')),
  fromHostsFile: () => [],
};

const TYPES = { A: 1, AAAA: 28, SRV: 33, NAPTR: 35 } as const;
const POINTER_TO_QUESTION = Buffer.from([0xc0, 0x0c]);
const NO_ERROR = 0;
const SERVFAIL = 2;
const NAME_ERROR = 3;

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
}

function encodeName(name: string): Buffer {
  const labels = name === '' || name === '.' ? [] : name.replace(/\.$/, '').split('.');
  return Buffer.concat([...labels.map(text), Buffer.from([0])]);
}

function encodeIpv6(address: string): Buffer {
  const [front = '', back] = address.split('::');
  const groups = (part: string | undefined): number[] =>
    part ? part.split(':').map((group) => Number.parseInt(group, 16)) : [];
  const [head, tail] = [groups(front), groups(back)];
  const zeros = Array<number>(8 - head.length - tail.length).fill(0);
  return Buffer.concat([...head, ...zeros, ...tail].map(u16));
}

function encodeData(record: DnsRecord): Buffer {
  if (record.type === 'A') return Buffer.from(record.address.split('.').map(Number));
  if (record.type === 'AAAA') return encodeIpv6(record.address);
  if (record.type === 'SRV') {
    const { priority, weight, port, target } = record;
    return Buffer.concat([u16(priority), u16(weight), u16(port), encodeName(target)]);
  }
  const { order, preference, flags = 's', service, replacement } = record;
  return Buffer.concat([u16(order), u16(preference), text(flags), text(service), text(''), encodeName(replacement)]);
}

function readQuestion(packet: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = packet[at] ?? 0; length > 0; length = packet[at] ?? 0) {
    labels.push(packet.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), type: packet.readUInt16BE(at + 1), end: at + 5 };
}

export async function startDnsServer(records: Readonly<Record<string, DnsRecord[]>> = {}): Promise<DnsServer> {
  const zone = new Map(Object.entries(records));
  const questions: string[] = [];
  let behaviour: Parameters<DnsServer['behave']>[0] = 'well';

  function answer(packet: Buffer): Buffer | undefined {
    const { name, type, end } = readQuestion(packet);
    const typeName = (Object.keys(TYPES) as (keyof typeof TYPES)[]).find((known) => TYPES[known] === type);
    questions.push(`${typeName ?? type} ${name}`);
    if (behaviour === 'silent') return undefined;
    if (behaviour === 'garbage') return Buffer.concat([packet.subarray(0, 2), Buffer.alloc(40, 0xff)]);
    const ofName = zone.get(name);
    const found = behaviour === 'well' ? (ofName ?? []).filter((record) => record.type === typeName) : [];
    const code = behaviour === 'servfail' ? SERVFAIL : ofName ? NO_ERROR : NAME_ERROR;
    const sections = found.map((record) => {
      const data = encodeData(record);
      const ttlSeconds = 'ttlSeconds' in record ? (record.ttlSeconds ?? 60) : 60;
      return Buffer.concat([POINTER_TO_QUESTION, u16(type), u16(1), u32(ttlSeconds), u16(data.length), data]);
    });
    const head = Buffer.concat([packet.subarray(0, 2), u16(0x8580 | code), u16(1), u16(found.length), u16(0), u16(0)]);
    return Buffer.concat([head, packet.subarray(12, end), ...sections]);
  }

  const socket = createSocket('udp4');
  socket.on('message', (packet, { address, port }) => {
    const bytes = answer(packet);
    if (bytes) socket.send(bytes, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    zone,
    behave(how) {
      behaviour = how;
    },
    stop: () => new Promise((resolve) => void socket.close(() => resolve())),
  };
}

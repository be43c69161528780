import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname } from 'node:path';
import { writeFileAtomically } from '../support/atomic-file.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import type { LocatedServer, SipService } from './locate-sip-server.ts';

/** What names of destinations led to, the last time that the name servers said it; kept on disk for starts without them. */
export type KnownServers = {
  get(key: string): LocatedServer | undefined;
  /** How long the name servers vouch for it yet, in milliseconds; not at all after a restart. */
  leftMs(key: string): number;
  note(key: string, server: LocatedServer): void;
  /** Resolves when what is known stands on disk. */
  stop(): Promise<void>;
};

const CAPACITY = 1_000;
const WRITE_AFTER_MS = 1_000;
const MAX_FILE_BYTES = 8 * 1024 * 1024;

function isService(value: unknown): value is SipService {
  const service = value as Partial<SipService> | null;
  return (
    typeof service === 'object' &&
    service !== null &&
    ['udp', 'tcp', 'tls'].includes(String(service.protocol)) &&
    typeof service.orTcp === 'boolean' &&
    Array.isArray(service.servers) &&
    service.servers.every(
      ({ priority, weight, port, addresses }) =>
        [priority, weight, port].every(Number.isInteger) &&
        Array.isArray(addresses) &&
        addresses.every((address) => typeof address === 'string' && isIP(address) !== 0),
    )
  );
}

function isLocated(value: unknown): value is LocatedServer {
  const located = value as Partial<LocatedServer> | null;
  return (
    typeof located === 'object' &&
    located !== null &&
    typeof located.ttlSeconds === 'number' &&
    (located.by === 'service' || located.by === 'address') &&
    Array.isArray(located.services) &&
    located.services.every(isService)
  );
}

/** `file`: where it is kept; undefined = nowhere. A file that cannot be read is told and left out. */
export function openKnownServers(deps: { file: string | undefined; clock: Clock; logger: Logger }): KnownServers {
  const { file, clock, logger } = deps;
  /** In the order in which they were last noted. */
  const servers = new Map<string, { located: LocatedServer; untilMs: number }>();
  let stopTimer: (() => void) | undefined;
  let writing = Promise.resolve();

  function load(path: string): void {
    try {
      const text = readFileSync(path, 'utf8');
      if (text.length > MAX_FILE_BYTES) throw new Error('too large');
      for (const [key, value] of Object.entries(JSON.parse(text) as Record<string, unknown>)) {
        if (isLocated(value)) servers.set(key, { located: value, untilMs: 0 });
      }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
      logger.warn({ err: errorText(error), file: path }, 'calls: addresses known from before cannot be read');
    }
  }

  async function save(path: string): Promise<void> {
    const content: Record<string, LocatedServer> = {};
    for (const [key, { located }] of servers) content[key] = located;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFileAtomically(path, JSON.stringify(content));
    } catch (error) {
      logger.warn({ err: errorText(error), file: path }, 'calls: known addresses cannot be kept on disk');
    }
  }

  function saveSoon(): void {
    if (file === undefined || stopTimer) return;
    stopTimer = clock.after(WRITE_AFTER_MS, () => {
      stopTimer = undefined;
      writing = writing.then(() => save(file));
    });
  }

  if (file !== undefined) load(file);

  return {
    get: (key) => servers.get(key)?.located,
    leftMs: (key) => (servers.get(key)?.untilMs ?? 0) - clock.monotonicMs(),
    note(key, located) {
      const before = servers.get(key)?.located;
      servers.delete(key);
      servers.set(key, { located, untilMs: clock.monotonicMs() + located.ttlSeconds * 1_000 });
      const [oldest] = servers.size > CAPACITY ? servers.keys() : [];
      if (oldest !== undefined) servers.delete(oldest);
      if (!before || JSON.stringify(before.services) !== JSON.stringify(located.services)) saveSoon();
    },
    async stop() {
      if (stopTimer && file !== undefined) {
        stopTimer();
        stopTimer = undefined;
        writing = writing.then(() => save(file));
      }
      await writing;
    },
  };
}

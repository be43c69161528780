import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAudit } from '../../src/audit/audit.ts';
import { type Calls, type CallsDeps, createCalls } from '../../src/calls/calls.ts';
import {
  createPsapSimulator,
  type PsapBehaviour,
  type PsapSimulator,
} from '../../src/calls/psap-simulator/psap-simulator.ts';
import { createTestAgent } from '../../src/calls/test-agent/run-test-call.ts';
import { fakeLookups, fakeRoute, LOCATION_ID } from '../../src/calls/testing/fake-lookups.ts';
import type { CallTimers } from '../../src/calls/timers.ts';
import type { CallRecord } from '../../src/domain/call-record.ts';
import type { RouteDestination } from '../../src/routing/routing.ts';
import type { Database } from '../../src/storage/database.ts';
import { systemClock } from '../../src/support/clock.ts';
import { createLogger } from '../../src/support/logger.ts';
import { createMetrics } from '../../src/support/metrics.ts';
import { createMediaSessions } from '../../src/transport/media-sessions.ts';
import { createRtpPorts } from '../../src/transport/rtp-ports.ts';
import type { SipProtocol, SipTarget } from '../../src/transport/sip-flow.ts';
import { createSipTransport, type SipTransportDeps } from '../../src/transport/sip-transport.ts';
import { noDns } from './dns-server.ts';

export const logger = createLogger('silent');

/** Deadlines small enough for tests, large enough for a busy machine. */
const TEST_TIMERS: Partial<CallTimers> = { tryingMs: 2_000, cancelMs: 1_000, journalMs: 1_000 };

/** The real calls room on real sockets, among small in-memory rooms. */
export type CallWorld = {
  calls: Calls;
  target(protocol?: SipProtocol, host?: string): SipTarget;
  /** Records of calls, as stored, oldest first. */
  records(): Promise<CallRecord[]>;
  alerted: string[];
  essential: string[];
  stop(): Promise<void>;
  journalFolder: string;
};

export type PsapWorld = {
  simulator: PsapSimulator;
  port: number;
  /** 0 without TLS. */
  tlsPort: number;
  uri(user: string, host?: string): string;
  stop(): Promise<void>;
};

export async function openPsap(
  behaviour: PsapBehaviour | ((user: string) => PsapBehaviour),
  options: { hosts?: string[]; lateMs?: number; ringMs?: number; port?: number; tls?: SipTransportDeps['tls'] } = {},
): Promise<PsapWorld> {
  const { hosts = ['127.0.0.1'], port = 0, tls, ...timing } = options;
  const transport = createSipTransport({ hosts, port, tls, isTrusted: () => true, logger });
  const simulator = createPsapSimulator({ transport, dns: noDns, clock: systemClock, logger, behaviour, ...timing });
  await simulator.start();
  const bound = transport.addresses[0]?.port ?? 0;
  return {
    simulator,
    port: bound,
    tlsPort: transport.addresses.find(({ protocol }) => protocol === 'tls')?.port ?? 0,
    uri: (user, host = '127.0.0.1') => `sip:${user}@${host.includes(':') ? `[${host}]` : host}:${bound}`,
    stop: () => simulator.stop(),
  };
}

export async function openCallWorld(options: {
  database: Database;
  /** Where every located call goes, best first. */
  psapUris: readonly string[];
  relayUri: string;
  silenceMs?: number;
  hosts?: string[];
  port?: number;
  journalFolder?: string;
  tls?: SipTransportDeps['tls'];
  /** Everybody unless told. */
  isTrusted?: (address: string) => boolean;
  rooms?: Partial<CallsDeps['rooms']>;
  deps?: Partial<CallsDeps>;
  plainSipUser?: boolean;
  limits?: Partial<Pick<RouteDestination, 'ringLimitMs' | 'queueLimitMs'>>;
}): Promise<CallWorld> {
  const { database, psapUris, relayUri, silenceMs = 400, hosts = ['127.0.0.1'] } = options;
  const journalFolder = options.journalFolder ?? (await mkdtemp(join(tmpdir(), 'waymark-calls-')));
  const known = fakeLookups();
  const alerted: string[] = [];
  const essential: string[] = [];
  const { port = 0, tls, isTrusted = () => true } = options;
  const transport = createSipTransport({ hosts, port, tls, isTrusted, logger });
  const rooms: CallsDeps['rooms'] = {
    places: {
      location: (_organizationId, id) =>
        id === LOCATION_ID
          ? ({
              id,
              name: 'Dallas',
              preferredLanguage: 'en_US',
              address: known.site('', id)?.address ?? {},
            } as ReturnType<CallsDeps['rooms']['places']['location']>)
          : undefined,
      locationsOf: () => [],
      building: () => undefined,
      responseLocation: () => undefined,
      buildingById: () => undefined,
      responseLocationOfElin: () => undefined,
    },
    members: {
      findByNumber: (number) => known.findByNumber(number) as ReturnType<CallsDeps['rooms']['members']['findByNumber']>,
      findInOrganization: (organizationId, number) =>
        known.findInOrganization(organizationId, number) as ReturnType<CallsDeps['rooms']['members']['findByNumber']>,
      findEmergencyPlace: () => undefined,
      elinExpiryMinutes: () => 60,
      mainNumber: () => undefined,
    },
    compliance: { standing: () => known.standing('', null) },
    routing: {
      destinationsFor(location, service) {
        const [uri, ...alternateUris] = psapUris;
        const route = uri === undefined ? null : fakeRoute(location, service, uri);
        const plainSipUser = options.plainSipUser ?? false;
        return route && { ...route, alternateUris, ringTimeoutMs: silenceMs, plainSipUser, ...options.limits };
      },
    },
    location: {
      locateDevice: () => ({ found: false, reason: 'nothing', needsAddress: false, countedAddresses: [], notes: [] }),
      isOwnLocationUri: (uri) => uri.startsWith('https://waymark.example.net/'),
      resolveLocationUri(uri, nowMs) {
        const resolved = known.resolveReference(uri, nowMs);
        if (!resolved.found) return resolved;
        const { organizationId, target, value } = resolved;
        const places = { locationId: LOCATION_ID, buildingId: 'building-1', erlId: 'erl-1' };
        const expires = new Date(nowMs + 60_000);
        return { found: true, id: 'reference-1', organizationId, target, rule: null, value, places, expires };
      },
      issueLocationUri: (_organizationId, target) => ({
        uri: `https://waymark.example.net/held/l/${target.kind}-${target.id}`,
        expires: new Date(systemClock.nowMs() + 60_000),
      }),
    },
    ...options.rooms,
  };
  const calls = createCalls({
    database,
    audit: createAudit({ database, clock: systemClock }),
    clock: systemClock,
    logger,
    metrics: createMetrics({ processMetrics: false }),
    snapshotFolder: undefined,
    journalFolder,
    transport,
    probeIntervalMs: 0,
    elinStartAt: 0,
    rooms,
    alerts: {
      enqueueCallAlerts(_tx, records, previous) {
        for (const { id, kind } of records) if (kind === '911' && !previous.has(id)) alerted.push(id);
        return Promise.resolve(() => undefined);
      },
      sendEssential: (record) => Promise.resolve(void essential.push(record.id)),
      hasEssentialRoom: () => true,
    },
    agent: createTestAgent({
      // A tenth of a second of tone stands for speech, which has tests of its own.
      speech: { speak: () => Promise.resolve(Int16Array.from({ length: 800 }, (_, at) => (at % 16) * 1_000)) },
      media: createMediaSessions({
        ports: createRtpPorts({ host: '127.0.0.1', from: 0, to: 0, logger }),
        clock: systemClock,
      }),
      logger,
    }),
    openTestCaller: { openSip: createSipTransport, openMedia: createRtpPorts },
    sipDomain: 'waymark.example.net',
    relays: { US: { uri: relayUri, name: 'Relay centre' }, CA: { uri: relayUri, name: 'Canadian relay centre' } },
    isSimulated: true,
    dns: noDns,
    timers: TEST_TIMERS,
    ...options.deps,
  });
  await calls.start();
  return {
    calls,
    journalFolder,
    alerted,
    essential,
    target(protocol = 'udp', host = hosts[0] ?? '127.0.0.1') {
      const found = transport.addresses.find((one) => one.protocol === protocol && one.host === host);
      return { protocol, address: host, port: found?.port ?? 0 };
    },
    async records() {
      await calls.recordsDrained();
      const rows = await database.db.selectFrom('emergencyCalls').select('record').orderBy('startedAt').execute();
      return rows.map(({ record }) => record as CallRecord);
    },
    async stop() {
      await calls.stop();
      if (options.journalFolder === undefined) await rm(journalFolder, { recursive: true, force: true });
    },
  };
}

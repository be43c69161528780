/** Calls of SIPp to PSAPs of SIPp with the calls room between them, over one transport at both ends. */
import assert from 'node:assert/strict';
import { ORGANIZATION_ID } from '../../src/calls/testing/fake-lookups.ts';
import type { CallRecord } from '../../src/domain/call-record.ts';
import type { Database } from '../../src/storage/database.ts';
import { type CallWorld, logger, openCallWorld } from './call-world.ts';
import { openMigratedDatabase } from './embedded-template.ts';
import { eventually } from './platform-client.ts';
import {
  headerOf,
  type PhonePlan,
  type PhoneReport,
  type Psap,
  type PsapPlan,
  runSippUac,
  type SippMessage,
  type SippProtocol,
  startSippUas,
} from './sipp.ts';
import { makeSippTls, type SippTls } from './sipp-tls.ts';

export type Scene = {
  world: CallWorld;
  /** Without the destinations that are mere URIs. */
  psaps: readonly Psap[];
  relay: Psap;
  phone: (plan: Omit<PhonePlan, 'target'>) => Promise<PhoneReport>;
};

/** What SIPp plays, or a URI at which it does not. */
export type ScenePsap = Omit<PsapPlan, 'protocol' | 'tls'> | string;

export type SceneOptions = Partial<Parameters<typeof openCallWorld>[0]>;

export type SippScenes = {
  database: Database;
  tls: SippTls;
  /** Located calls go to these PSAPs, first to last, then to a relay centre. */
  play(
    protocol: SippProtocol,
    plans: readonly ScenePsap[],
    act: (scene: Scene) => Promise<void>,
    options?: SceneOptions,
  ): Promise<void>;
  close(): Promise<void>;
};

export const SIPP_PROTOCOLS: readonly SippProtocol[] = ['udp', 'tcp', 'tls'];
const WAIT_MS = 10_000;

export async function openSippScenes(): Promise<SippScenes> {
  const tls = makeSippTls();
  const database = await openMigratedDatabase(logger);
  await database.db
    .insertInto('organizations')
    .values({ id: ORGANIZATION_ID, name: 'Test', partnerId: null })
    .execute();

  return {
    database,
    tls,
    async play(protocol, plans, act, options = {}) {
      const started = await Promise.all(
        plans.map(async (plan) =>
          typeof plan === 'string' ? plan : await startSippUas({ ...plan, protocol, tls: tls.peer }),
        ),
      );
      const psaps = started.filter((psap) => typeof psap !== 'string');
      const relay = await startSippUas({ scenario: 'uas-200', protocol, tls: tls.peer });
      const world = await openCallWorld({
        database,
        psapUris: started.map((psap, position) => (typeof psap === 'string' ? psap : psap.uri(`psap-${position}`))),
        relayUri: relay.uri('relay-us'),
        silenceMs: 3_000,
        tls: tls.node(),
        ...options,
      });
      try {
        const phone: Scene['phone'] = async (plan) => {
          const target = world.target(plan.protocol ?? protocol);
          const report = await runSippUac({ caller: '+12145550100', protocol, tls: tls.peer, ...plan, target });
          assert.equal(report.tlsVersion, target.protocol === 'tls' ? 'TLSv1.3' : undefined);
          return report;
        };
        await act({ world, psaps, relay, phone });
      } finally {
        await world.stop();
        for (const psap of [...psaps, relay]) await psap.stop();
      }
    },
    async close() {
      await database.close();
      tls.remove();
    },
  };
}

export function startLines(messages: readonly SippMessage[], direction: SippMessage['direction']): string[] {
  return messages.filter((message) => message.direction === direction).map(({ startLine }) => startLine);
}

/** First words of what was received. */
export function methods(messages: readonly SippMessage[]): string[] {
  return startLines(messages, 'received').map((line) => line.split(' ')[0] ?? '');
}

/** Retransmissions say nothing new. */
export function withoutRepeats(lines: readonly string[]): string[] {
  return lines.filter((line, at) => line !== lines[at - 1]);
}

/** The record of that phone's call, once it has that outcome. */
export function recordOf(world: CallWorld, report: PhoneReport, outcome: CallRecord['outcome']): Promise<CallRecord> {
  const callId = report.messages[0] && headerOf(report.messages[0], 'Call-ID');
  return eventually(`the call is ${outcome}`, WAIT_MS, async () => {
    const records = await world.records();
    return records.find((record) => record.callId === callId && record.outcome === outcome);
  });
}

/** The whole platform inside the test's process, on free loopback ports, a temporary data folder and a clock that can be put forward. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config/config.ts';
import type { FirstRun } from '../../src/demonstration/first-run.ts';
import { startPlatform } from '../../src/platform.ts';
import { type Clock, systemClock } from '../../src/support/clock.ts';
import { fillDataFolder } from './embedded-template.ts';
import { FREE_PORTS } from './run-platform.ts';

export type TimedPlatform = {
  http: string;
  /** The same doors over TLS, where WAYMARK_TLS_CERT is set. */
  https: string | undefined;
  /** SIP address, without the scheme. */
  sip: { address: string; port: number };
  firstRun: FirstRun;
  /** The platform's clock says this much more from now on. */
  putForward(ms: number): void;
  /** So much more time has passed for whatever measures it, while the clock says the same. */
  letPass(ms: number): void;
  stop(): Promise<void>;
};

/** `env` adds to the settings of a platform with the demonstration organization. */
export async function startTimedPlatform(env: Readonly<Record<string, string>> = {}): Promise<TimedPlatform> {
  const dataDir = mkdtempSync(join(tmpdir(), 'waymark-data-'));
  if (env['WAYMARK_DATABASE_URL'] === undefined) fillDataFolder(dataDir);
  let aheadMs = 0;
  let passedMs = 0;
  const clock: Clock = {
    ...systemClock,
    nowMs: () => systemClock.nowMs() + aheadMs,
    monotonicMs: () => systemClock.monotonicMs() + passedMs,
  };
  const config = readConfig({ ...FREE_PORTS, WAYMARK_DATA_DIR: dataDir, WAYMARK_LOG_LEVEL: 'error', ...env });
  const platform = await startPlatform(config, { clock });
  await platform.bootstrap.done;
  const [address = '', port = ''] = platform.doors.sipUri.replace('sip:', '').split(':');
  return {
    http: platform.doors.baseUrl,
    https: platform.tlsUrl,
    sip: { address, port: Number(port) },
    firstRun: JSON.parse(readFileSync(join(dataDir, 'first-run.json'), 'utf8')) as FirstRun,
    putForward(ms) {
      aheadMs += ms;
    },
    letPass(ms) {
      passedMs += ms;
    },
    async stop() {
      await platform.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fillDataFolder } from '../test/support/embedded-template.ts';
import { type Core, startServer, stopChild } from './processes.ts';

/** The real platform in a process and a data folder of its own, with the demonstration organization unless told otherwise. */
export type PlatformUnderTest = {
  pid: number;
  http: URL;
  /** `host:port` of SIP. */
  sip: string;
  /** Empty without the demonstration organization, as are the examples. */
  companyId: string;
  operatorToken: string;
  examples: Readonly<Record<string, string>>;
  stop(): Promise<void>;
};

type FirstRun = { companyId?: string; tokens: { operator: string }; examples?: Record<string, string> };

const PROGRAM = fileURLToPath(new URL('../bin/waymark.js', import.meta.url));

/** `kept` is a data folder that outlives the platform, to start with it again; `core`: where it runs. */
export async function startPlatform(
  environment: Readonly<Record<string, string>> = {},
  kept?: string,
  core: Core = 'server',
): Promise<PlatformUnderTest> {
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'waymark-bench-'));
  // Within `npm test`, where no benchmark says how fast anything is.
  if (kept === undefined && environment['WAYMARK_DATABASE_URL'] === undefined) fillDataFolder(folder);
  const nodeOptions = (process.env.WAYMARK_BENCH_NODE_OPTIONS ?? '').split(' ').filter((option) => option !== '');
  let server: Awaited<ReturnType<typeof startServer>> | undefined;
  const stop = async (): Promise<void> => {
    if (server) await stopChild(server.child);
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  };
  try {
    server = await startServer(
      [...nodeOptions, PROGRAM, 'serve'],
      {
        WAYMARK_DATA_DIR: folder,
        WAYMARK_HTTP_PORT: '0',
        WAYMARK_SIP_PORT: '0',
        WAYMARK_SIMULATOR_PORT: '0',
        WAYMARK_LOG_LEVEL: 'warn',
        WAYMARK_RATE_LIMIT_PER_MINUTE: '0',
        WAYMARK_CONCURRENT_REQUESTS: '0',
        ...environment,
      },
      (line) => line.startsWith('waymark ready '),
      core,
    );
    const [, http = '', sip = ''] = /http=(\S+) sip=(\S+)/.exec(server.line) ?? [];
    const firstRun = JSON.parse(readFileSync(join(folder, 'first-run.json'), 'utf8')) as FirstRun;
    return {
      pid: server.pid,
      http: new URL(http),
      sip: sip.replace(/^sip:/, ''),
      companyId: firstRun.companyId ?? '',
      operatorToken: firstRun.tokens.operator,
      examples: firstRun.examples ?? {},
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What the command line does with a platform: serve until told to stop, start one for a moment, fill a data folder. */
import type { Config } from './config/config.ts';
import { startPlatform } from './platform.ts';
import { restoreEmbedded } from './storage/restore-embedded.ts';
import { collectAloneOnOneCore } from './support/collect-alone.ts';
import { createLogger } from './support/logger.ts';

const LEAVE_AFTER_MS = 500;

/** Starts, prints where everything is, and stays until SIGINT or SIGTERM; resolves with the exit code. */
export async function servePlatform(config: Config, say: (text: string) => void): Promise<number> {
  // Before the start: whoever reads the ready line may end the process at once. A second signal ends it the hard way.
  const asked = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  collectAloneOnOneCore();
  const platform = await startPlatform(config);
  for (const line of platform.bootstrap.describe()) say(line);
  if (platform.tlsUrl !== undefined) say(`The same over TLS: ${platform.tlsUrl}`);
  say(`waymark ready http=${platform.doors.baseUrl} sip=${platform.doors.sipUri}`);
  await asked;
  await platform.stop();
  // A connection to a database that is silent would keep the process for minutes.
  setTimeout(() => process.exit(0), LEAVE_AFTER_MS).unref();
  return 0;
}

function quieter(level: Config['logLevel']): Config['logLevel'] {
  return level === 'info' ? 'warn' : level;
}

/** A platform on a free loopback port, for one command while no server runs (decision 30). */
export async function startForTheMoment(
  config: Config,
): Promise<{ baseUrl: string; token: string; close(): Promise<void> }> {
  const platform = await startPlatform(
    {
      ...config,
      hosts: ['127.0.0.1'],
      httpPort: 0,
      publicUrl: undefined,
      tlsCert: undefined,
      logLevel: quieter(config.logLevel),
    },
    { withoutSip: true },
  );
  const token = await platform.bootstrap.operatorToken();
  return { baseUrl: platform.doors.baseUrl, token, close: () => platform.stop() };
}

/** Fills an empty data folder from a backup of the embedded database. */
export async function restorePlatform(config: Config, archive: Uint8Array): Promise<void> {
  if (config.databaseUrl) throw new Error('WAYMARK_DATABASE_URL is set: restore PostgreSQL with pg_restore');
  await restoreEmbedded(config.dataDir, archive, createLogger(config.logLevel));
}

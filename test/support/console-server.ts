/** The server that a journey of the console runs against: on either database. */

import { skipWithout } from './parts.ts';
import { startPostgresCluster } from './postgres-cluster.ts';
import { type RunningPlatform, type RunOptions, runPlatform } from './run-platform.ts';

export type JourneyDatabase = 'embedded' | 'postgres';

/**
 * `npm test` runs each journey on the database that it names, half of them on either, for browsers are slow. With
 * `WAYMARK_TEST_DATABASE=embedded` or `=postgres` all run on that one.
 */
export function journeyDatabase(usual: JourneyDatabase): JourneyDatabase {
  const wanted = process.env['WAYMARK_TEST_DATABASE'] ?? usual;
  if (wanted !== 'embedded' && wanted !== 'postgres') {
    throw new Error(`WAYMARK_TEST_DATABASE is ${wanted}: expected embedded or postgres`);
  }
  return wanted;
}

/** Why a journey cannot run here; false: it can. */
export function skipJourney(database: JourneyDatabase): ReturnType<typeof skipWithout> {
  return skipWithout('chromium') || (database === 'postgres' && skipWithout('postgresql'));
}

export async function runConsoleServer(database: JourneyDatabase, options: RunOptions = {}): Promise<RunningPlatform> {
  if (database === 'embedded') return runPlatform(options);
  const cluster = await startPostgresCluster();
  try {
    const env = { ...options.env, WAYMARK_DATABASE_URL: await cluster.createDatabase() };
    const server = await runPlatform({ ...options, env });
    return {
      ...server,
      async stop() {
        const code = await server.stop();
        cluster.remove();
        return code;
      },
    };
  } catch (error) {
    cluster.remove();
    throw error;
  }
}

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Client } from 'pg';
import { startPostgresCluster } from '../test/support/postgres-cluster.ts';
import { cpuSeconds, endedChildrenSeconds } from './processes.ts';

/** A PostgreSQL of our own on the core of the server under test. */
export type PostgresUnderTest = {
  url: string;
  /** Processor time of its server process and of every connection, open or ended. */
  cpuSeconds(): number;
  query(text: string, values?: unknown[]): Promise<void>;
  stop(): Promise<void>;
};

const TASKSET = '/usr/bin/taskset';

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** Processes come and go while they are looked at. */
function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((one) => ifThere(() => parentOf(one)) === pid);
}

/** Tied to the core of the server, unless it is no more by then. */
function pinToServerCore(pid: number): void {
  try {
    execFileSync(TASKSET, ['-cp', '0', String(pid)], { stdio: 'pipe' });
  } catch (error) {
    if (existsSync(`/proc/${pid}`)) throw error;
  }
}

export async function startPostgres(): Promise<PostgresUnderTest> {
  const cluster = await startPostgresCluster();
  try {
    const url = await cluster.createDatabase();
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const postmaster = parentOf(rows[0]?.pid ?? 0);
    if (existsSync(TASKSET) && availableParallelism() > 1) {
      pinToServerCore(postmaster);
      for (const pid of childrenOf(postmaster)) pinToServerCore(pid);
    }
    return {
      url,
      cpuSeconds: () =>
        [postmaster, ...childrenOf(postmaster)].reduce(
          (sum, pid) => sum + (ifThere(() => cpuSeconds(pid)) ?? 0),
          endedChildrenSeconds(postmaster),
        ),
      async query(text, values) {
        await client.query(text, values);
      },
      async stop() {
        await client.end();
        cluster.remove();
      },
    };
  } catch (error) {
    cluster.remove();
    throw error;
  }
}

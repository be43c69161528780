/** A PostgreSQL cluster of our own from Debian's binaries, in a temporary folder, never run as root. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

export type PostgresCluster = {
  /** A URL of a fresh, empty database. */
  createDatabase(): Promise<string>;
  /** Stops the server at once, as a crash of its machine would look from here. */
  stop(): void;
  start(): void;
  /** Stops and removes everything. */
  remove(): void;
};

function binaries(): string {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base)
    ? readdirSync(base)
        .map(Number)
        .filter((version) => version >= 15)
    : [];
  const newest = Math.max(...versions);
  if (!Number.isFinite(newest)) {
    throw new Error('PostgreSQL 15 or later is not installed: install the Debian package postgresql');
  }
  return join(base, String(newest), 'bin');
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => {
    probe.listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise<void>((resolve) => {
    probe.close(() => resolve());
  });
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export async function startPostgresCluster(): Promise<PostgresCluster> {
  const bin = binaries();
  const folder = mkdtempSync(join(tmpdir(), 'waymark-pg-'));
  const asRoot = userInfo().uid === 0;
  const port = await freePort();

  // PostgreSQL refuses to run as root; Debian's package brings the user postgres.
  function run(program: string, args: readonly string[]): void {
    const command = join(bin, program);
    const result = asRoot
      ? spawnSync('setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', command, ...args], {
          cwd: folder,
          encoding: 'utf8',
          stdio: ['ignore', 'ignore', 'pipe'],
        })
      : spawnSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
    if (result.status !== 0) throw new Error(`${program} failed: ${result.stderr}`);
  }
  if (asRoot) {
    const uid = Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }));
    const gid = Number(execFileSync('id', ['-g', 'postgres'], { encoding: 'utf8' }));
    chownSync(folder, uid, gid);
  }
  const data = join(folder, 'data');
  run('initdb', ['-D', data, '-U', 'waymark', '-A', 'trust', '-E', 'UTF8', '--no-sync']);
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c fsync=off`;
  const start = (): void =>
    run('pg_ctl', ['-D', data, '-w', '-t', '60', '-l', join(folder, 'log'), '-o', options, 'start']);
  const stop = (): void => run('pg_ctl', ['-D', data, '-w', '-t', '30', '-m', 'immediate', 'stop']);
  start();
  let created = 0;
  let running = true;

  return {
    async createDatabase() {
      created += 1;
      const name = `waymark_${created}`;
      const client = new Client({ host: '127.0.0.1', port, user: 'waymark', database: 'postgres' });
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return `postgres://waymark@127.0.0.1:${port}/${name}`;
    },
    stop() {
      if (running) stop();
      running = false;
    },
    start() {
      if (!running) start();
      running = true;
    },
    remove() {
      if (running) stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findFreePort } from '../../src/transport/free-port.ts';
import { programPath } from './parts.ts';

/** Debian's OpenSMTPD on a loopback port; it takes mail for `example.com` and nothing else. */
export type OpenSmtpd = {
  url: string;
  /** The mails in the mailbox once there are `count` of them. */
  waitForMails(count: number): Promise<readonly Buffer[]>;
  /** What it said on its way. */
  log(): string;
  stop(): Promise<void>;
};

const PATIENCE_MS = 30_000;
const PAUSE_MS = 50;

async function answers(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1');
  try {
    await once(socket, 'data', { signal: AbortSignal.timeout(1_000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Starts it; only root may: it gives up rights on its own. There is one spool for a machine, so another one is waited for. */
export async function startOpenSmtpd(): Promise<OpenSmtpd> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-opensmtpd-'));
  const mailbox = join(folder, 'mailbox');
  // What delivers mail runs as nobody; a mail shows up when it is whole.
  const keep = join(folder, 'keep.sh');
  await writeFile(keep, `f=$(mktemp ${mailbox}.XXXXXX) && cat > $f && chmod 644 $f && mv $f $f.eml\n`);
  await chmod(folder, 0o777);
  const port = await findFreePort('127.0.0.1');
  const settings = join(folder, 'smtpd.conf');
  await writeFile(
    settings,
    [
      'table everybody { "@example.com" = nobody }',
      `listen on 127.0.0.1 port ${port}`,
      `action "keep" mda "sh ${keep}" user nobody virtual <everybody>`,
      'match from any for domain "example.com" action "keep"',
      '',
    ].join('\n'),
    { mode: 0o600 },
  );
  const untilMs = Date.now() + PATIENCE_MS;
  let said = '';

  function start(): ChildProcess {
    const child = spawn(programPath('smtpd') ?? 'smtpd', ['-d', '-f', settings], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
    }
    return child;
  }

  let daemon = start();
  while (!(await answers(port))) {
    if (Date.now() > untilMs) throw new Error(`OpenSMTPD does not start: ${said}`);
    await wait(PAUSE_MS);
    if (daemon.exitCode !== null) daemon = start();
  }
  return {
    url: `smtp://127.0.0.1:${port}`,
    log: () => said,
    async waitForMails(count) {
      const endMs = Date.now() + PATIENCE_MS;
      for (;;) {
        const names = (await readdir(folder)).filter((name) => name.endsWith('.eml'));
        if (names.length >= count) return Promise.all(names.map((name) => readFile(join(folder, name))));
        if (Date.now() > endMs) throw new Error(`only ${names.length} of ${count} mails arrived: ${said}`);
        await wait(PAUSE_MS);
      }
    },
    async stop() {
      if (daemon.exitCode === null && daemon.signalCode === null) {
        const end = once(daemon, 'exit');
        daemon.kill('SIGTERM');
        await end;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

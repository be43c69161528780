import { createServer } from 'node:net';

/** A TCP port that is free on `host` at this moment; for configurations that leave the choice to the machine. */
export async function findFreePort(host: string): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, host, resolve);
  });
  const address = probe.address();
  await new Promise<void>((resolve) => {
    probe.close(() => resolve());
  });
  if (address === null || typeof address === 'string') throw new Error(`no free port on ${host}`);
  return address.port;
}

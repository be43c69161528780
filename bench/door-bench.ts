import type { HttpLoad, HttpLoadResult } from './load/http-load.ts';
import { type Comparison, type Contestant, compare, type Plan } from './measure.ts';
import { cpuSeconds, startChild } from './processes.ts';

/** A door of the platform and what to ask it. */
export type DoorLoad = { pid: number; url: URL; contentType: string; bodies: readonly string[] };

const CONNECTIONS = 32;

/** Our door against a bare node:http server that sends the same bytes without a thought. */
export async function compareDoor(door: DoorLoad, plan: Plan): Promise<Comparison> {
  const sample = await fetch(door.url, {
    method: 'POST',
    headers: { 'content-type': door.contentType },
    body: door.bodies[0] ?? '',
  });
  const body = await sample.text();
  if (sample.status !== 200 || /<errors?[\s>]/.test(body)) throw new Error(`${door.url.href} answers ${body}`);
  const load = startChild(new URL('load/http-load.ts', import.meta.url), 'load');
  const peer = startChild(new URL('peers/node-http.ts', import.meta.url), 'server');
  try {
    const contentType = sample.headers.get('content-type') ?? '';
    const { port } = await peer.ask<{ port: number }>({ contentType, body });
    const contestant = (pid: number, address: { port: number; path: string }): Contestant => ({
      async run(ms) {
        const before = cpuSeconds(pid);
        const { bodies } = door;
        const wanted: HttpLoad = {
          host: '127.0.0.1',
          ...address,
          contentType: door.contentType,
          bodies,
          connections: CONNECTIONS,
          ms,
        };
        const result = await load.ask<HttpLoadResult>(wanted);
        return { ...result, cpuSeconds: cpuSeconds(pid) - before };
      },
    });
    const path = door.url.pathname;
    return await compare(
      contestant(door.pid, { port: Number(door.url.port), path }),
      contestant(peer.pid, { port, path }),
      plan,
    );
  } finally {
    await Promise.all([load.stop(), peer.stop()]);
  }
}

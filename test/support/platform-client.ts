/** What tests ask a running platform over HTTP, and how they wait for what it does by itself. */
import type { CallItem } from '../../src/calls/calls.ts';

export type ApiAnswer<Body> = { status: number; body: Body };

export type PlatformClient = {
  /** Sends JSON (text with `contentType` as it is) and reads JSON; any status is an answer. */
  ask<Body = unknown>(method: string, path: string, body?: unknown, contentType?: string): Promise<ApiAnswer<Body>>;
  /** As `ask`, but anything except 2xx is an error that shows the answer. */
  must<Body = unknown>(method: string, path: string, body?: unknown, contentType?: string): Promise<Body>;
};

export type CallDetail = CallItem & {
  receipts: { recipient: string; messageId: string; state: string; attempts: number; acceptedAt: string | null }[];
};

const REQUEST_TIMEOUT_MS = 20_000;

export function openClient(baseUrl: string, token: string): PlatformClient {
  async function ask<Body>(
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
  ): Promise<ApiAnswer<Body>> {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': contentType }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as Body };
  }
  return {
    ask,
    async must<Body>(method: string, path: string, body?: unknown, contentType?: string) {
      const answer = await ask<Body>(method, path, body, contentType);
      if (answer.status >= 200 && answer.status < 300) return answer.body;
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    },
  };
}

/** Every call the operator sees, newest first. */
export async function listAllCalls(client: PlatformClient): Promise<CallItem[]> {
  const { items } = await client.must<{ items: CallItem[] }>('GET', '/api/calls?all=true&max=1000');
  return items;
}

/** Asks until there is an answer; an error that lasts to the end is told. */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    let failure: unknown;
    try {
      const found = await ask();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > endMs) throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause: failure });
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The value of one metric, all its labels together. */
export async function readMetric(baseUrl: string, name: string): Promise<number> {
  const text = await (await fetch(`${baseUrl}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

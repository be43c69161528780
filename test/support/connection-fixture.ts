/** Alert connections and their other side: real servers on loopback, and the messages that are sent there. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import type { TestContext } from 'node:test';
import type { AlertEndpoint } from '../../src/alerts/alert-endpoint.ts';
import type { AlertMessage, MessageContent } from '../../src/alerts/alert-message.ts';
import type { OpenConnection } from '../../src/alerts/connections/alert-connection.ts';
import { type NewConnection, readConnection } from '../../src/alerts/connections/read-connection.ts';
import type { OutgoingPolicy } from '../../src/alerts/connections/read-outgoing-url.ts';
import { newId } from '../../src/support/ids.ts';
import { createOutgoingHttp, type OutgoingHttp, type OutgoingHttpDeps } from '../../src/transport/outgoing-http.ts';

export const LOOPBACK_POLICY: OutgoingPolicy = {
  mayAsk: (address) => address === '127.0.0.1',
  hasPlainNetworks: true,
};

/** A DNS that knows these names; the answers of one name follow each other, the last stays. */
export function dnsOf(known: Readonly<Record<string, readonly (readonly string[])[]>>) {
  const asked: string[] = [];
  const dns: OutgoingHttpDeps['dns'] = {
    fromHostsFile: () => [],
    addresses(name) {
      const answers = known[name] ?? [];
      const turn = asked.filter((other) => other === name).length;
      asked.push(name);
      return Promise.resolve({ addresses: answers[Math.min(turn, answers.length - 1)] ?? [], ttlSeconds: 0 });
    },
  };
  return { dns, asked };
}

/** The way out as the platform makes it, to loopback. */
export function openHttp(t: TestContext, deps: Partial<OutgoingHttpDeps> = {}): OutgoingHttp {
  const http = createOutgoingHttp({ mayAsk: LOOPBACK_POLICY.mayAsk, dns: dnsOf({}).dns, ...deps });
  t.after(() => http.close());
  return http;
}

export async function listen(t: TestContext, server: TcpServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    if ('closeAllConnections' in server) (server as Server).closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export type SeenRequest = { method: string; url: string; headers: IncomingMessage['headers']; body: string };

/** An HTTP server that keeps what it was sent, and answers as told. */
export async function openReceiver(
  t: TestContext,
  handle: RequestListener = (_request, response) => void response.writeHead(200).end('ok'),
): Promise<{ url: string; port: number; seen: SeenRequest[] }> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString('utf8') });
      handle(request, response);
    });
  });
  const port = await listen(t, server);
  return { url: `http://127.0.0.1:${port}`, port, seen };
}

/** As an administrator sets it up, with its secrets. */
export function connectionOf<Kind extends OpenConnection['kind']>(
  kind: Kind,
  settings: NewConnection['settings'],
  policy = LOOPBACK_POLICY,
): Extract<OpenConnection, { kind: Kind }> {
  const at = '2026-03-05T18:30:00.000Z';
  const head = { id: newId(), organizationId: newId(), version: 1, createdAt: at, updatedAt: at, disabledReason: null };
  return readConnection(head, { name: 'Desk', kind, settings }, policy) as Extract<OpenConnection, { kind: Kind }>;
}

/** What a sender is given. */
export function messageFor(
  connection: OpenConnection,
  content: MessageContent,
  { number = '+15125550100', key = 'a'.repeat(40) }: { number?: string; key?: string } = {},
): AlertMessage {
  const { id: connectionId, organizationId, name } = connection;
  const endpoint: AlertEndpoint =
    connection.kind === 'sms-gateway'
      ? { channel: 'sms', number, connectionId }
      : { channel: connection.kind, connectionId };
  return {
    key,
    kind: 'call-started',
    severity: 'emergency',
    organizationId,
    callId: newId(),
    recipientId: null,
    incidentId: null,
    startedAt: '2026-03-05T18:30:15.000Z',
    endpoint,
    label: name,
    reasons: [],
    content,
    writtenAt: '2026-03-05T18:30:16.000Z',
  };
}

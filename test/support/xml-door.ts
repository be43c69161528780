import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type DoorRequest = { method: string; path: string; contentType: string; accept: string; body: Buffer };
export type DoorAnswer = { status: number; contentType: string; body: string | Buffer };

export type XmlDoor = { url: string; readonly requests: readonly DoorRequest[]; close(): Promise<void> };

/** A small HTTP server on a free loopback port that answers with `answer` and keeps what it was asked. */
export async function serveXmlDoor(
  answer: (request: DoorRequest) => DoorAnswer | Promise<DoorAnswer>,
): Promise<XmlDoor> {
  const requests: DoorRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        contentType: incoming.headers['content-type'] ?? '',
        accept: incoming.headers.accept ?? '',
        body: Buffer.concat(chunks),
      };
      requests.push(request);
      void Promise.resolve(answer(request)).then(({ status, contentType, body }) =>
        outgoing.writeHead(status, { 'content-type': contentType }).end(body),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

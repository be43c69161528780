/** The peer of the REST door: bare fastify that reads the request and sends bytes prepared beforehand. */
import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { serveParent } from '../processes.ts';

serveParent(async ({ contentType, body }: { contentType: string; body: string }) => {
  const app = fastify({ logger: false });
  app.route({
    method: ['GET', 'PUT'],
    url: '*',
    handler: (_request, reply) => reply.header('content-type', contentType).send(body),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { port: (app.server.address() as AddressInfo).port };
});

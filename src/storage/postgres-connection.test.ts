import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { createPool } from './postgres-connection.ts';

/** How the kernel writes the timer of a connection's socket in /proc/net/tcp; `02`: keepalive. */
const TIMER = 5;
const KEEPALIVE = '02';
/** AuthenticationOk, ReadyForQuery. */
const READY = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

test('a connection that waits is kept alive', { skip: process.platform !== 'linux' }, async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(READY));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const pool = createPool(`postgres://user@127.0.0.1:${port}/name`, 1);
  pool.on('error', () => undefined);
  try {
    (await pool.connect()).release();
    const server = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
    const own = lines.find(([, , remote]) => remote === server);
    assert.ok(own, 'the connection is not listed');
    assert.equal(own[TIMER]?.split(':')[0], KEEPALIVE);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
    await pool.end();
  }
});

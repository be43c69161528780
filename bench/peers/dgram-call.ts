/**
 * The other peer of SIP: a bare datagram socket that moves the eleven datagrams of a proxied call between phone and PSAP,
 * and understands nothing. What it does not reach, nothing on this machine's sockets can.
 */
import { createSocket } from 'node:dgram';
import { serveParent } from '../processes.ts';

const BUFFER_BYTES = 8 * 1024 * 1024;
const HOST = '127.0.0.1';
/** About as long as a real one. */
const TRYING = Buffer.from(`SIP/2.0 100 Trying\r\nWarning: ${'x'.repeat(280)}\r\nContent-Length: 0\r\n\r\n`, 'latin1');
const INVITE = 'I'.charCodeAt(0);

serveParent(({ psapPort }: { psapPort: number }) => {
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: BUFFER_BYTES,
    sendBufferSize: BUFFER_BYTES,
    lookup: (address, _options, callback) => callback(null, address, 4),
  });
  let phonePort = 0;
  socket.on('message', (bytes, source) => {
    if (source.port === psapPort) {
      socket.send(bytes, phonePort, HOST);
      return;
    }
    phonePort = source.port;
    if (bytes[0] === INVITE) socket.send(TRYING, phonePort, HOST);
    socket.send(bytes, psapPort, HOST);
  });
  return new Promise((resolve) => {
    socket.bind(0, HOST, () => resolve({ port: socket.address().port }));
  });
});

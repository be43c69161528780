/** The peer of SIP: a bare datagram socket that answers INVITE and BYE by copying headers, and understands nothing. */
import { createSocket } from 'node:dgram';
import { serveParent } from '../processes.ts';

const BUFFER_BYTES = 8 * 1024 * 1024;

function line(text: string, name: string): string {
  const start = text.indexOf(`\r\n${name}:`) + 2;
  return start === 1 ? '' : text.slice(start, text.indexOf('\r\n', start) + 2);
}

serveParent(() => {
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: BUFFER_BYTES,
    sendBufferSize: BUFFER_BYTES,
    lookup: (address, _options, callback) => callback(null, address, 4),
  });
  socket.on('message', (bytes, source) => {
    const text = bytes.toString('latin1');
    if (text.startsWith('ACK ')) return;
    const answer =
      `SIP/2.0 200 OK\r\n${line(text, 'Via')}${line(text, 'From')}${line(text, 'To').trimEnd()};tag=t\r\n` +
      `${line(text, 'Call-ID')}${line(text, 'CSeq')}Contact: <sip:psap@127.0.0.1>\r\nContent-Length: 0\r\n\r\n`;
    socket.send(Buffer.from(answer, 'latin1'), source.port, source.address);
  });
  return new Promise((resolve) => {
    socket.bind(0, '127.0.0.1', () => resolve({ port: socket.address().port }));
  });
});

import { isIP, type Socket } from 'node:net';
import { connect, createSecureContext, createServer, type TLSSocket } from 'node:tls';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { readPeerNames, speaksFor } from './sip-identity.ts';
import type { TlsFiles, TlsMaterial } from './tls-files.ts';

/** TLS of SIP (RFC 3261 §26.2, RFC 5922): handshakes on connections that came, and connections that we open. */
export type SipTls = {
  /** Begins the handshake on a connection that came; it comes back by `onSecure`, or is closed. */
  accept(socket: Socket): void;
  /** Opens a connection; emits `secureConnect` when the peer has proved that it speaks for `serverName`, else `error`. */
  connect(options: { host: string; port: number; localAddress?: string; serverName: string }): TLSSocket;
  /** Takes changed files over from now on, until `close`. */
  watch(): void;
  close(): void;
};

const MIN_VERSION = 'TLSv1.2';

/** The names for which a TLS peer speaks; none when its certificate is not verified. */
export function peerNamesOf(socket: TLSSocket): readonly string[] {
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  return certificate === undefined ? [] : readPeerNames(certificate);
}

/**
 * RFC 5922 §7.2, in the place of the rules for the web, which know wildcards and common names. Contacts in dialogs are
 * addresses, of which hardly any certificate speaks: there it is enough that one of our own authorities knows the peer, or a
 * BYE after a lost connection would reach nobody.
 */
function checkIdentity(
  serverName: string,
  alternatives: string | undefined,
  hasOwnAuthorities: boolean,
): Error | undefined {
  const names = readPeerNames({ subjectAltName: alternatives });
  if (speaksFor(names, serverName) || (hasOwnAuthorities && isIP(serverName) !== 0)) return undefined;
  return new Error(`the certificate speaks for ${names.slice(0, 5).join(', ') || 'nobody'}, not for ${serverName}`);
}

/**
 * `files`: our certificate, which is shown to both sides, and the authorities of peers; changed files count for every connection
 * that begins afterwards. Without them connections are only opened, and the authorities are those of the runtime.
 */
export function createSipTls(deps: {
  files: TlsFiles | undefined;
  handshakeTimeoutMs: number;
  logger: Logger;
  onSecure(socket: TLSSocket): void;
}): SipTls {
  const { files, logger } = deps;

  function serverOptions(material: TlsMaterial) {
    return { ...material, minVersion: MIN_VERSION } as const;
  }

  let context = createSecureContext({ ...files?.current(), minVersion: MIN_VERSION });
  const server =
    files &&
    createServer({
      ...serverOptions(files.current()),
      handshakeTimeout: deps.handshakeTimeoutMs,
      // Who shows no certificate may be trusted by address: a call must not fail for what an exchange cannot do.
      requestCert: files.current().ca !== undefined,
      rejectUnauthorized: false,
    });
  server?.on('secureConnection', (socket) => deps.onSecure(socket));
  server?.on('tlsClientError', (error, socket) => {
    logger.debug({ err: errorText(error), remoteAddress: socket.remoteAddress }, 'SIP over TLS: no handshake');
    socket.destroy();
  });
  let stopWatching: (() => void) | undefined;

  return {
    accept(socket) {
      if (server) server.emit('connection', socket);
      else socket.destroy();
    },
    connect: ({ serverName, ...path }) =>
      connect({
        ...path,
        ...(isIP(serverName) === 0 && { servername: serverName }),
        secureContext: context,
        checkServerIdentity: (_host, certificate) =>
          checkIdentity(serverName, certificate.subjectaltname, files?.current().ca !== undefined),
      }),
    watch() {
      stopWatching ??= files?.watch((material) => {
        server?.setSecureContext(serverOptions(material));
        context = createSecureContext(serverOptions(material));
      });
    },
    close() {
      stopWatching?.();
      stopWatching = undefined;
    },
  };
}

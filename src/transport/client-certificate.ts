import { TLSSocket } from 'node:tls';

/**
 * Fingerprints of client certificates by connection: the SHA-256 of the certificate, lower-case hexadecimal. Only of those
 * that one of the configured authorities issued; the handshake has proved that the client has the key. One that has expired
 * still counts: a phone that nobody renewed in time must not go without its location, and what counts is that an administrator
 * named this very certificate.
 */
export type ClientCertificates = {
  note(socket: TLSSocket): void;
  of(socket: unknown): string | undefined;
};

const EXPIRED = 'CERT_HAS_EXPIRED';

export function createClientCertificates(): ClientCertificates {
  const fingerprints = new WeakMap<TLSSocket, string>();
  return {
    note(socket) {
      const isIssued = socket.authorized || String(socket.authorizationError) === EXPIRED;
      const certificate = isIssued ? socket.getPeerX509Certificate() : undefined;
      if (certificate !== undefined) fingerprints.set(socket, readFingerprint(certificate.fingerprint256));
    },
    of: (socket) => (socket instanceof TLSSocket ? fingerprints.get(socket) : undefined),
  };
}

function readFingerprint(text: string): string {
  return text.replaceAll(':', '').toLowerCase();
}

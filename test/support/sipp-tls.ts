/** Certificates for calls over TLS: one authority, one certificate for what is tested and one for SIPp at either end. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/support/clock.ts';
import { createLogger } from '../../src/support/logger.ts';
import { openTlsFiles } from '../../src/transport/tls-files.ts';
import { makeCertificate } from './certificates.ts';
import type { CarrierTls } from './stream-carrier.ts';

export type SippTls = {
  /** For a phone or PSAP of SIPp. */
  peer: Required<CarrierTls>;
  /** Settings of a whole platform, but for its port. */
  env: Readonly<Record<string, string>>;
  /** For a SIP transport; a free port unless told. */
  node(port?: number): { port: number; files: ReturnType<typeof openTlsFiles> };
  remove(): void;
};

/** A name for which SIPp's certificate speaks beside `localhost`. */
export const PSAP_NAME = 'psap.example.net';

/** Both sides ask for the other's certificate. */
export function makeSippTls(): SippTls {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-sipp-tls-'));
  const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });
  const own = makeCertificate({ name: 'Waymark', issuer: authority });
  const dnsNames = ['localhost', PSAP_NAME];
  const peer = makeCertificate({ name: 'SIPp', issuer: authority, alternatives: { dnsNames } });
  const paths = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem'), ca: join(folder, 'ca.pem') };
  writeFileSync(paths.cert, own.cert);
  writeFileSync(paths.key, own.key);
  writeFileSync(paths.ca, authority.cert);
  return {
    peer: { ca: authority.cert, cert: peer.cert, key: peer.key },
    env: { WAYMARK_SIP_TLS_CERT: paths.cert, WAYMARK_SIP_TLS_KEY: paths.key, WAYMARK_SIP_TLS_CA: paths.ca },
    node: (port = 0) => ({ port, files: openTlsFiles(paths, { clock: systemClock, logger: createLogger('silent') }) }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';

/** Where a server's certificate with its chain, its key, and the authorities of client certificates stand; all PEM. */
export type TlsPaths = { cert: string; key: string; ca: string | undefined };

/** What a TLS server is made with. */
export type TlsMaterial = { cert: Buffer; key: Buffer; ca?: Buffer };

/** The files of a TLS server, read again when they change. */
export type TlsFiles = {
  current(): TlsMaterial;
  /** Called with what is in the files after every change that makes sense; the returned function ends it. */
  watch(changed: (material: TlsMaterial) => void): () => void;
};

const LOOK_EVERY_MS = 10_000;
const WARN_BEFORE_MS = 14 * 86_400_000;

function read(what: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`the ${what} ${path} cannot be read: ${errorText(error)}`, { cause: error });
  }
}

/** What a client shows and trusts besides; PEM. */
export type TlsClientMaterial = { cert?: Buffer; key?: Buffer; ca?: Buffer };

/** The same files of a TLS client, all of them optional; throws an Error that names the file at fault. */
export function readTlsClientFiles({
  cert,
  key,
  ca,
}: { [Key in keyof TlsPaths]: string | undefined }): TlsClientMaterial {
  const material: TlsClientMaterial = {};
  if (cert !== undefined) material.cert = read('certificate', cert);
  if (key !== undefined) material.key = read('private key', key);
  if (ca !== undefined) material.ca = read('list of authorities', ca);
  try {
    createSecureContext(material);
  } catch (error) {
    throw new Error(`${[cert, key, ca].filter(Boolean).join(', ')} make no TLS client: ${errorText(error)}`, {
      cause: error,
    });
  }
  return material;
}

function readMaterial({ cert, key, ca }: TlsPaths): TlsMaterial {
  const material: TlsMaterial = { cert: read('certificate', cert), key: read('private key', key) };
  if (ca !== undefined) material.ca = read('list of authorities', ca);
  try {
    // Throws for what is no certificate or key, and for a key that is another certificate's.
    createSecureContext(material);
  } catch (error) {
    throw new Error(`${cert} and ${key} make no TLS server: ${errorText(error)}`, { cause: error });
  }
  return material;
}

/** What tells that files were replaced, without reading them. */
function stampOf({ cert, key, ca }: TlsPaths): string {
  return [cert, key, ca]
    .map((path) => {
      if (path === undefined) return '';
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? 'gone' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
    })
    .join('|');
}

/**
 * Reads the files now; throws an Error that names the file at fault. Later changes are taken over within ten seconds, without
 * a restart; what is half written or does not fit together is told, and the former goes on.
 */
export function openTlsFiles(paths: TlsPaths, deps: { clock: Clock; logger: Logger }): TlsFiles {
  const { clock, logger } = deps;
  let stamp = stampOf(paths);
  let material = readMaterial(paths);

  function tellExpiry(): void {
    const { subject, validTo, validToDate } = new X509Certificate(material.cert);
    const leftMs = validToDate.getTime() - clock.nowMs();
    if (leftMs < WARN_BEFORE_MS) logger.warn({ subject, validTo }, 'the certificate of the server ends, or has ended');
    else logger.info({ subject, validTo }, 'the certificate of the server');
  }

  function isChanged(): boolean {
    const now = stampOf(paths);
    if (now === stamp) return false;
    stamp = now;
    try {
      material = readMaterial(paths);
    } catch (error) {
      logger.error({ err: errorText(error) }, 'a changed certificate is not used');
      return false;
    }
    tellExpiry();
    return true;
  }

  tellExpiry();
  return {
    current: () => material,
    watch(changed) {
      let cancel: () => void = () => undefined;
      const look = (): void => {
        if (isChanged()) changed(material);
        cancel = clock.after(LOOK_EVERY_MS, look);
      };
      cancel = clock.after(LOOK_EVERY_MS, look);
      return () => cancel();
    },
  };
}

import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, errors } from 'jose';

const HEADER = { alg: 'dir', enc: 'A256GCM' } as const;
const KEY_BYTES = 32;
/** A compact JWE of this size holds more than any text that is sealed here. */
const MAX_SEALED = 16_384;

/** One key for each purpose from one secret (RFC 5869): what is sealed for one opens as nothing else. */
function keyFor(secret: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', purpose, KEY_BYTES));
}

/** A text that only whoever has the secret can read or make (RFC 7516). */
export async function sealText(text: string, secret: string, purpose: string): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader(HEADER).encrypt(keyFor(secret, purpose));
}

/** Undefined for whatever was not sealed with this secret for this purpose. */
export async function openSealedText(sealed: string, secret: string, purpose: string): Promise<string | undefined> {
  if (sealed.length > MAX_SEALED) return undefined;
  try {
    const { plaintext } = await compactDecrypt(sealed, keyFor(secret, purpose), {
      keyManagementAlgorithms: [HEADER.alg],
      contentEncryptionAlgorithms: [HEADER.enc],
    });
    return new TextDecoder().decode(plaintext);
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

/** Bytes of an address that mail servers have to take: a path holds 256 with its brackets (RFC 5321 §4.5.3.1.3). */
const MAX_ADDRESS_BYTES = 254;

/** What is wrong with an address that does not fit. */
export const ADDRESS_TOO_LONG = `is longer than ${MAX_ADDRESS_BYTES} bytes (letters such as é take two), which mail servers refuse`;

/** Whether an address fits into an SMTP command; other letters than ASCII's travel as UTF-8 (RFC 6531 §3.3). */
export function fitsIntoMail(address: string): boolean {
  return address.isWellFormed() && Buffer.byteLength(address) <= MAX_ADDRESS_BYTES;
}

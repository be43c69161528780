/** Emergency service URNs (RFC 5031 §4.2) and the NENA i3 trees used inside an ESInet. */
export const SOS = 'urn:service:sos';

/** Test calls: `urn:service:test.sos` (RFC 6881 §15). */
export const TEST_SOS = 'urn:service:test.sos';

const LABEL = /^urn:(?:service:(?:test\.)?sos|emergency:service:[a-z][a-z0-9-]*)(?:\.[a-z0-9-]+)*$/i;

/** True for `urn:service:sos`, its children, `urn:service:test.sos…` and `urn:emergency:service:…`, in any case. */
export function isServiceUrn(text: string): boolean {
  return text.length <= 256 && LABEL.test(text);
}

/** URNs compare without case (RFC 5031 §4.2): the canonical form is lower case. */
export function canonicalServiceUrn(text: string): string {
  return text.trim().toLowerCase();
}

/** `urn:service:sos.police.x` -> `urn:service:sos.police` -> `urn:service:sos` -> undefined. */
export function parentServiceUrn(urn: string): string | undefined {
  const lastColon = urn.lastIndexOf(':');
  const lastDot = urn.lastIndexOf('.');
  if (lastDot <= lastColon) return undefined;
  const parent = urn.slice(0, lastDot);
  return parent.endsWith(':test') ? undefined : parent;
}

import type { CallKind } from '../domain/call-record.ts';
import { canonicalServiceUrn, SOS, TEST_SOS } from '../domain/service-urn.ts';
import { readUri, unescapeUriText, withoutVisualSeparators } from '../wire/sip/uri.ts';

/** What an emergency or test call asks for, read from its Request-URI. */
export type ServiceNumber = {
  kind: Exclude<CallKind, 'callback'>;
  /** The service URN to route by; for a test call that of the real call it stands for. */
  service: string;
  /** As dialled: `911`, `9911`, `urn:service:sos.fire` … */
  dialed: string;
  /** Dialled behind a trunk prefix (9911): recognized, though the law wants 911 to work without. */
  isPrefixed: boolean;
  /** The Request-URI is a service URN already and stays as it is (decision 14). */
  isUrn: boolean;
};

/**
 * Dial plans put `+` or `+1` before whatever is dialled, though no number of the North American plan is so short, and some phones send
 * the `#` with which dialling was ended.
 */
const DIALED = /^(?:\+1?|9)?(911|933)#?$/;

/**
 * Recognizes an emergency call (911, 9911, `urn:service:sos…`) or a test call (933, 9933, `urn:service:test.sos…`) in
 * any form of Request-URI: sip, sips, tel, dial string (RFC 4967), urn. Undefined for everything else.
 */
export function readServiceNumber(requestUri: string): ServiceNumber | undefined {
  const uri = readUri(requestUri);
  if (uri === undefined) return undefined;
  if (uri.kind === 'other') return uri.scheme === 'urn' ? readServiceUrn(requestUri) : undefined;
  // `sip:911` has no user part: the digits stand in the place of the host.
  const written = uri.kind === 'tel' ? uri.number : unescapeUriText(uri.user ?? uri.host);
  // A dial string may carry its context inside the user part (RFC 4967 §3).
  const dialed = withoutVisualSeparators(written.split(';', 1)[0] ?? '').trim();
  const match = DIALED.exec(dialed);
  if (!match) return undefined;
  return {
    kind: match[1] === '911' ? '911' : '933',
    service: SOS,
    dialed,
    isPrefixed: /^9(?:911|933)/.test(dialed),
    isUrn: false,
  };
}

const SOS_TREE = /^urn:(?:service|emergency:service):sos(?:\.[a-z0-9-]+)*$/;
const TEST_TREE = /^urn:service:test\.sos(?:\.[a-z0-9-]+)*$/;

function readServiceUrn(requestUri: string): ServiceNumber | undefined {
  if (requestUri.length > 256) return undefined;
  const urn = canonicalServiceUrn(requestUri);
  if (SOS_TREE.test(urn)) return { kind: '911', service: urn, dialed: urn, isPrefixed: false, isUrn: true };
  if (!TEST_TREE.test(urn)) return undefined;
  return { kind: '933', service: `${SOS}${urn.slice(TEST_SOS.length)}`, dialed: urn, isPrefixed: false, isUrn: true };
}

import { headerValue, headerValues, prependHeader, type SipRequest, setHeader } from '../../wire/sip/message.ts';
import { formatNameAddr, readNameAddr, readNameAddrs } from '../../wire/sip/name-addr.ts';
import { readUri } from '../../wire/sip/uri.ts';
import { readCallerNumber } from '../read-emergency-call.ts';
import { type CallbackHeader, TRUNK_DEFAULTS, type Trunk } from '../trunk.ts';

/**
 * Writes the number on which a PSAP calls back into the headers that the trunk wants it in; P-Asserted-Identity where no trunk
 * says anything. Null: nothing vouches for a number, and the call keeps what it brought (RFC 3325 §5).
 */
export function conveyCallback(
  request: SipRequest,
  callbackNumber: string | null,
  { trunk, sipDomain }: { trunk: Pick<Trunk, 'callbackHeaders'> | null; sipDomain: string },
  notes: string[],
): SipRequest {
  if (callbackNumber === null) return request;
  let conveyed = request;
  for (const header of trunk?.callbackHeaders ?? TRUNK_DEFAULTS.callbackHeaders) {
    conveyed =
      header === 'From'
        ? writeFrom(conveyed, callbackNumber, sipDomain, notes)
        : writeIdentity(conveyed, header, callbackNumber, sipDomain, notes);
  }
  return conveyed;
}

/**
 * Puts the number first. RFC 3325 §9.1 and §9.2 allow one sip and one tel value: the received one stays beside ours, in the other
 * scheme.
 */
function writeIdentity(
  request: SipRequest,
  header: Exclude<CallbackHeader, 'From'>,
  callbackNumber: string,
  sipDomain: string,
  notes: string[],
): SipRequest {
  const present = readNameAddrs(request, header);
  const first = present[0];
  if (first && readCallerNumber(first.uri) === callbackNumber) return request;
  const verb = header === 'P-Asserted-Identity' ? 'asserted' : `in ${header}`;
  notes.push(`callback identity ${callbackNumber} ${verb}`);
  const ours =
    first && readUri(first.uri)?.kind !== 'tel'
      ? `<tel:${callbackNumber}>`
      : `<sip:${callbackNumber}@${sipDomain};user=phone>`;
  if (present.length < 2) return prependHeader(request, header, ours);
  const kept = headerValues(request, header)[0] ?? '';
  return setHeader(request, header, `${ours}, ${kept}`);
}

/**
 * From in its own scheme, with its display name and its tag, by which alone dialogs are told (RFC 3261 §12, RFC 4916 §4). An
 * unreadable one stays: destinations may refuse the call for what we would make of it.
 */
function writeFrom(request: SipRequest, callbackNumber: string, sipDomain: string, notes: string[]): SipRequest {
  const from = readNameAddr(headerValue(request, 'From') ?? '');
  if (!from || readCallerNumber(from.uri) === callbackNumber) return request;
  const isTel = readUri(from.uri)?.kind === 'tel';
  const uri = isTel ? `tel:${callbackNumber}` : `sip:${callbackNumber}@${sipDomain};user=phone`;
  notes.push(`callback identity ${callbackNumber} in From`);
  return setHeader(request, 'From', formatNameAddr({ ...from, uri }));
}

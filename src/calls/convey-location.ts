import { isIP } from 'node:net';
import type { CallConveyed } from '../domain/call-record.ts';
import type { LocationValue } from '../domain/location-value.ts';
import { newSecret } from '../support/ids.ts';
import { encodePresence } from '../wire/pidf-lo/pidf-lo.ts';
import { addBodyPart } from '../wire/sip/add-body-part.ts';
import {
  appendHeader,
  headerValue,
  headerValues,
  prependHeader,
  type SipRequest,
  setHeader,
} from '../wire/sip/message.ts';
import { formatNameAddr, readNameAddr } from '../wire/sip/name-addr.ts';
import { paramValue } from '../wire/sip/params.ts';
import type { LocationTarget } from './call-lookups.ts';
import type { Decision } from './decision.ts';

/** Makes a location URI of ours that points at a place; null when this node cannot make any. */
export type IssueReference = (organizationId: string, target: LocationTarget) => { uri: string } | null;

export type ConveyLocationDeps = { sipDomain: string; issueReference: IssueReference; nowMs: number };

/** How long whoever gets a location body may keep it (RFC 4119 §2.2.2). */
const RETENTION_MS = 24 * 3_600_000;

/**
 * The call with its location as destinations get it: what it conveys as it came, or a reference to ours behind it, or towards
 * an ESInet a body on top of it (decision 13). Notes say what was done.
 */
export function conveyLocation(
  received: SipRequest,
  decision: Decision,
  deps: ConveyLocationDeps,
  notes: string[],
): { request: SipRequest; form: CallConveyed['form'] } {
  const request = withoutDoubtfulSources(received, decision.trunk !== null, notes);
  if (decision.addBody) return { request: addBody(request, decision.addBody, deps, notes), form: 'value-added' };
  const { addReference } = decision;
  const issued = addReference && deps.issueReference(addReference.organizationId, addReference.target);
  if (!issued) {
    if (addReference) notes.push('no location reference could be issued');
    return { request, form: formOf(headerValues(request, 'Geolocation')) };
  }
  notes.push('a reference to our location added');
  // RFC 6442 §4.1: an intermediary's value stands last.
  const added = appendHeader(request, 'Geolocation', `<${issued.uri}>${locationSource(deps.sipDomain)}`);
  return { request: withPermission(received, added), form: 'reference-added' };
}

export function formOf(geolocation: readonly string[]): CallConveyed['form'] {
  if (geolocation.length === 0) return 'none';
  return geolocation.some((value) => /<cid:/i.test(value)) ? 'by-value' : 'by-reference';
}

const HOST_NAME = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])?\.?$/i;

/** RFC 8787 §4: who added a location is named, by a host name and by nothing else. */
function locationSource(sipDomain: string): string {
  return HOST_NAME.test(sipDomain) ? `;loc-src=${sipDomain}` : '';
}

/** RFC 8787 §4: `loc-src` goes where it is an IP address, or came from somebody whom we do not know as a trunk. */
function withoutDoubtfulSources(request: SipRequest, isTrusted: boolean, notes: string[]): SipRequest {
  const values = headerValues(request, 'Geolocation');
  if (!values.some((value) => /loc-src/i.test(value))) return request;
  let removed = 0;
  const kept = values.map((value) => {
    const nameAddr = readNameAddr(value);
    const source = nameAddr && paramValue(nameAddr.params, 'loc-src');
    if (!nameAddr || source === undefined || (isTrusted && isIP(source.replace(/^\[|\]$/g, '')) === 0)) return value;
    removed++;
    const params = nameAddr.params.filter(({ name }) => name.toLowerCase() !== 'loc-src');
    return formatNameAddr({ ...nameAddr, params });
  });
  if (removed === 0) return request;
  notes.push(isTrusted ? 'loc-src with an IP address removed' : 'loc-src of an unknown peer removed');
  return setHeader(request, 'Geolocation', kept.join(', '));
}

/**
 * RFC 6442 §4.2: a received Geolocation-Routing is left alone, and so is the silence of a call that conveyed a location, which
 * means no. Where the only location is ours, it may be routed by.
 */
function withPermission(received: SipRequest, request: SipRequest): SipRequest {
  const isOpen =
    headerValue(received, 'Geolocation') === undefined && headerValue(received, 'Geolocation-Routing') === undefined;
  return isOpen ? appendHeader(request, 'Geolocation-Routing', 'yes') : request;
}

/** A default location: a PIDF-LO as one more part of the body, and its `cid:` before every other location. */
function addBody(request: SipRequest, value: LocationValue, deps: ConveyLocationDeps, notes: string[]): SipRequest {
  const { sipDomain, nowMs } = deps;
  const pidf = encodePresence({
    // An unlinked pseudonym (RFC 5985 §6.6).
    entity: `pres:${newSecret(12)}@${sipDomain}`,
    locations: [
      {
        ...value,
        timestamp: value.timestamp ?? new Date(nowMs),
        retransmissionAllowed: true,
        retentionExpiry: new Date(nowMs + RETENTION_MS),
      },
    ],
  });
  const contentId = `${newSecret(12)}@${sipDomain}`;
  const part = {
    headers: [
      { name: 'Content-Type', value: 'application/pidf+xml' },
      { name: 'Content-ID', value: `<${contentId}>` },
      // RFC 5621 §7: used by who follows the reference, and no reason to refuse the call for anybody else.
      { name: 'Content-Disposition', value: 'by-reference;handling=optional' },
    ],
    bytes: Buffer.from(pidf, 'utf8'),
  };
  notes.push(`a location body added (${value.method ?? 'no method'})`);
  const extended = addBodyPart(request, part, `waymark-${newSecret(12)}`);
  const located = prependHeader(extended, 'Geolocation', `<cid:${contentId}>${locationSource(sipDomain)}`);
  return withPermission(request, located);
}

import type { CallRecord } from '../domain/call-record.ts';
import { newId } from '../support/ids.ts';
import { formatHostPort } from '../wire/sip/host-port.ts';
import { headerValue, type SipRequest, topValue } from '../wire/sip/message.ts';
import { readNameAddr } from '../wire/sip/name-addr.ts';
import { readSipUri } from '../wire/sip/uri.ts';
import type { Decision } from './decision.ts';
import type { ServiceNumber } from './service-number.ts';

/** A destination as records keep it. */
export function toDestination({ uri, name, sourceId, kind, quality, reason }: Decision['destination']) {
  return { uri, name, sourceId, kind, quality, reason };
}

const MAX_CONTACT = 512;

/** The record of a call that has been decided and not been forwarded yet. */
export function newCallRecord(facts: {
  request: SipRequest;
  service: ServiceNumber;
  peer: { address: string; port: number };
  startedAt: string;
  decision: Decision;
  ids: { emergencyCallId: string; incidentId: string };
  conveyed: CallRecord['conveyed'];
}): CallRecord {
  const { request, service, peer, startedAt, decision, ids, conveyed } = facts;
  const contact = readContact(request);
  return {
    id: newId(),
    version: 1,
    callId: (headerValue(request, 'Call-ID') ?? '').slice(0, 256),
    emergencyCallId: ids.emergencyCallId,
    incidentId: ids.incidentId,
    kind: service.kind,
    startedAt,
    answeredAt: null,
    endedAt: null,
    dialed: service.dialed,
    requestUri: request.uri.slice(0, 256),
    organizationId: decision.organizationId,
    trunkId: decision.trunkId,
    peer: formatHostPort({ host: peer.address, port: peer.port }),
    caller: { ...decision.caller, ...(contact !== undefined && { contact }) },
    callback: decision.callback,
    location: decision.location,
    standing: decision.standing,
    destination: toDestination(decision.destination),
    attempts: [],
    conveyed,
    flags: decision.flags,
    outcome: 'routing',
    trace: [],
    spokenText: null,
  };
}

function readContact(request: SipRequest): string | undefined {
  const value = topValue(request, 'Contact');
  const uri = value === undefined ? undefined : readNameAddr(value)?.uri;
  return uri !== undefined && uri.length <= MAX_CONTACT && readSipUri(uri) ? uri : undefined;
}

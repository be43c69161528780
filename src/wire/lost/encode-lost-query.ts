import { withoutAltitude } from '../../domain/shape.ts';
import { encodeCivicAddress, encodeShape, XML_DECLARATION } from '../pidf-lo/pidf-lo.ts';
import { escapeAttribute, escapeText } from '../xml/xml.ts';
import { encodePath } from './encode-path.ts';
import type { CallIncident, LostLocation, LostQuery } from './lost-messages.ts';
import { CALL_INCIDENT, LOST, RETURNED_LOCATION, SERVICE_LIST_BOUNDARY } from './namespaces.ts';

/** A query document, `application/lost+xml`. Unusable locations cannot be written and are left out. */
export function encodeLostQuery(query: LostQuery): string {
  switch (query.type) {
    case 'findService':
      return (
        `${XML_DECLARATION}<findService xmlns="${LOST}"${encodeAdditionalLocation(query.additionalLocation)}` +
        ` recursive="${query.recursive}"` +
        ` validateLocation="${query.validateLocation}" serviceBoundary="${query.serviceBoundary}">` +
        `${encodeLocations(query.locations)}<service>${escapeText(query.service)}</service>` +
        `${encodePath(query.path)}${encodeCallIncident(query.callIncident)}</findService>`
      );
    case 'getServiceBoundary':
      return `${XML_DECLARATION}<getServiceBoundary xmlns="${LOST}" key="${escapeAttribute(query.key)}"/>`;
    case 'listServices':
      return (
        `${XML_DECLARATION}<listServices xmlns="${LOST}">` +
        `${encodeService(query.service)}${encodePath(query.path)}</listServices>`
      );
    case 'getServiceListBoundary':
      return (
        `${XML_DECLARATION}<getServiceListBoundary xmlns="${SERVICE_LIST_BOUNDARY}"` +
        ` serviceListKey="${escapeAttribute(query.key)}"/>`
      );
    case 'listServicesByLocation':
    default:
      return (
        `${XML_DECLARATION}<listServicesByLocation xmlns="${LOST}" recursive="${query.recursive}">` +
        `${encodeLocations(query.locations)}${encodeService(query.service)}` +
        `${encodePath(query.path)}${encodeCallIncident(query.callIncident)}` +
        `${encodeServiceListBoundaryRequest(query.serviceListBoundary)}</listServicesByLocation>`
      );
  }
}

function encodeAdditionalLocation(wanted: string | undefined): string {
  return wanted === undefined ? '' : ` xmlns:rli="${RETURNED_LOCATION}" rli:returnAdditionalLocation="${wanted}"`;
}

function encodeCallIncident(ids: CallIncident | undefined): string {
  if (ids === undefined) return '';
  return (
    `<emergencyCallIncidentId xmlns="${CALL_INCIDENT}" callId="${escapeAttribute(ids.callId)}"` +
    ` incidentTrackingId="${escapeAttribute(ids.incidentTrackingId)}"/>`
  );
}

function encodeServiceListBoundaryRequest(type: 'reference' | 'value' | undefined): string {
  return type === undefined
    ? ''
    : `<slb:serviceListBoundaryRequest xmlns:slb="${SERVICE_LIST_BOUNDARY}" type="${type}"/>`;
}

function encodeService(service: string | undefined): string {
  return service === undefined ? '' : `<service>${escapeText(service)}</service>`;
}

function encodeLocations(locations: readonly LostLocation[]): string {
  let xml = '';
  for (const { id, value } of locations) {
    if (value.profile === 'unusable') continue;
    const content =
      value.profile === 'civic' ? encodeCivicAddress(value.civic) : encodeShape(withoutAltitude(value.shape));
    xml += `<location id="${escapeAttribute(id)}" profile="${value.profile}">${content}</location>`;
  }
  return xml;
}

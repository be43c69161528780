import { type CivicAddress, indoorLine } from '../../domain/civic-address.ts';
import { escapeAttribute, escapeText } from '../xml/xml.ts';

/** Blocks of Additional Data (RFC 7852 §4) as documents of their own. */

/** Who gives data about a call (RFC 7852 §4.1). */
export type ProviderInfo = {
  /** The same in every block of one provider about one call: `…@…`. */
  reference: string;
  name: string;
  /** Identifier in a series such as `NENA`; both or neither. */
  id?: string | undefined;
  idSeries?: string | undefined;
  /** Of the registry of §4.1.4: `Telecom Provider`. */
  type: string;
  /** Where a PSAP asks for more, day and night: `tel:`, `sip:`. */
  contactUri: string;
  /** Lower case: `en`. */
  languages: readonly string[];
};

/** What kind of service the call is made by (RFC 7852 §4.2). */
export type ServiceInfo = {
  reference: string;
  environment: 'Business' | 'Residence' | 'Unknown';
  /** Of the registry of §4.2.2: `MLTS-hosted`. */
  type: string;
  mobility: 'Mobile' | 'Fixed' | 'Nomadic' | 'Unknown';
};

/** Whom the call belongs to (RFC 7852 §4.4), as an xCard (RFC 6351). */
export type SubscriberInfo = {
  reference: string;
  /** What the caller asked for; the PSAP is told all the same (§4.4.1). */
  privacyRequested: boolean;
  kind: 'individual' | 'group' | 'org' | 'location';
  name: string;
  /** The site, or the organization's part. */
  organization?: string | undefined;
  /** E.164, best first. */
  numbers: readonly string[];
  extension?: string | undefined;
  address?: CivicAddress | undefined;
};

/** Words for who takes the call (RFC 7852 §4.5). */
export type DataComment = { reference: string; language: string; text: string };

export const ADDITIONAL_DATA_BLOCKS = ['ProviderInfo', 'ServiceInfo', 'SubscriberInfo', 'Comment'] as const;
export type AdditionalDataBlock = (typeof ADDITIONAL_DATA_BLOCKS)[number];

const NAMESPACE = 'urn:ietf:params:xml:ns:EmergencyCallData';
const VCARD = 'urn:ietf:params:xml:ns:vcard-4.0';

export function additionalDataType(block: AdditionalDataBlock): string {
  return `application/EmergencyCallData.${block}+xml`;
}

function document(block: AdditionalDataBlock, attributes: string, reference: string, inner: string): string {
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<EmergencyCallData.${block} xmlns="${NAMESPACE}:${block}"${attributes}>` +
    `${element('DataProviderReference', reference)}${inner}</EmergencyCallData.${block}>`
  );
}

function element(name: string, text: string | undefined): string {
  return text === undefined ? '' : `<${name}>${escapeText(text)}</${name}>`;
}

export function encodeProviderInfo(info: ProviderInfo): string {
  const inner =
    element('DataProviderString', info.name) +
    element('ProviderID', info.id) +
    element('ProviderIDSeries', info.idSeries) +
    element('TypeOfProvider', info.type) +
    element('ContactURI', info.contactUri) +
    info.languages.map((language) => element('Language', language)).join('');
  return document('ProviderInfo', '', info.reference, inner);
}

export function encodeServiceInfo({ reference, environment, type, mobility }: ServiceInfo): string {
  const inner =
    element('ServiceEnvironment', environment) + element('ServiceType', type) + element('ServiceMobility', mobility);
  return document('ServiceInfo', '', reference, inner);
}

export function encodeSubscriberInfo(info: SubscriberInfo): string {
  const privacy = ` privacyRequested="${escapeAttribute(String(info.privacyRequested))}"`;
  return document('SubscriberInfo', privacy, info.reference, `<SubscriberData>${encodeCard(info)}</SubscriberData>`);
}

export function encodeComment({ reference, language, text }: DataComment): string {
  const inner = `<Comment xml:lang="${escapeAttribute(language)}">${escapeText(text)}</Comment>`;
  return document('Comment', '', reference, inner);
}

function property(name: string, type: 'text' | 'uri', value: string): string {
  return `<${name}>${element(type, value)}</${name}>`;
}

/** In the order of the schema (RFC 7852 appendix A), which xCard itself leaves open. */
function encodeCard({ kind, name, organization, numbers, extension, address }: SubscriberInfo): string {
  let card = address === undefined ? '' : encodeAddress(address);
  card += property('fn', 'text', name) + property('kind', 'text', kind);
  if (extension !== undefined) card += property('note', 'text', `Extension ${extension}`);
  if (organization !== undefined) card += property('org', 'text', organization);
  for (const [index, number] of numbers.entries()) {
    const pref = `<parameters><pref><integer>${index + 1}</integer></pref><type><text>voice</text></type></parameters>`;
    card += `<tel>${pref}${element('uri', `tel:${number}`)}</tel>`;
  }
  return `<vcard xmlns="${VCARD}">${card}</vcard>`;
}

/** RFC 6351 §5: every element, empty ones too, in this order. */
function encodeAddress(civic: CivicAddress): string {
  const { HNP, HNO, HNS, PRD, PRM, RD, STS, POD, POM, A1, A3, PC, country } = civic;
  const number = `${HNP ?? ''}${HNO ?? ''}${HNS ?? ''}`;
  const street = [number, PRD, PRM, RD, STS, POD, POM].filter(Boolean).join(' ');
  return (
    '<adr><pobox/>' +
    `<ext>${escapeText(indoorLine(civic))}</ext><street>${escapeText(street)}</street>` +
    `<locality>${escapeText(A3 ?? '')}</locality><region>${escapeText(A1 ?? '')}</region>` +
    `<code>${escapeText(PC ?? '')}</code><country>${escapeText(country ?? '')}</country></adr>`
  );
}

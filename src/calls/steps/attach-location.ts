import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { CallLocation, LocationSource } from '../../domain/call-record.ts';
import { type CivicAddress, formatCivicAddress, indoorLine } from '../../domain/civic-address.ts';
import { type LocationValue, namesPlace } from '../../domain/location-value.ts';
import { shapeCenter } from '../../domain/shape.ts';
import type { CallLookups, ElinLocation, KnownSite, OwnLocation } from '../call-lookups.ts';
import type { AttachedLocation, CallerIdentity, StepContext, StepResult } from '../decision.ts';
import type { ConveyedLocation, EmergencyCall } from '../emergency-call.ts';

/** What is used when no location can be told. */
export function withoutLocation(identity: CallerIdentity): AttachedLocation {
  return { location: null, isNomadic: false, addReference: null, addBody: null, standing: identity.standing };
}

/** IANA method token of a location that stands in for one that is not known. */
const DEFAULT_METHOD = 'Default';

/**
 * Which location routes the call (decision 13, RFC 6881 SP-18): the one conveyed on it; ours only where none is usable,
 * and then a reference to it is put on the call, or the location itself towards an ESInet. One that names a country alone is used
 * where nothing better is known. Values and our own references come before somebody else's references; a device that the call
 * names before an ELIN, that before the site of the number.
 */
export function attachLocation(context: StepContext, identity: CallerIdentity): StepResult<AttachedLocation> {
  const { call, now } = context;
  const notes: string[] = [...(call.remarks?.location ?? [])];

  let country: Usable | undefined;
  for (const conveyed of inOrderOfUse(call.conveyed)) {
    const found = readConveyed(conveyed, context);
    if ('value' in found && namesPlace(found.value)) return useConveyed(found, context, identity, notes);
    if ('value' in found) country ??= found;
    const what = 'value' in found ? 'names a country and no place in it' : `not used: ${found.reason}`;
    notes.push(`${describe(conveyed)} ${what}`);
  }
  if (call.conveyed.length === 0) notes.push('the call conveys no location');

  const isEsrp = identity.trunk?.mode === 'esrp';
  const own = locateCaller(identity, context, notes) ?? (isEsrp ? locateByDefault(identity, context) : undefined);
  if (country && !own) return useConveyed(country, context, identity, notes);
  if (!own || !identity.organizationId) {
    notes.push(identity.organizationId ? 'nothing is known of the caller’s place' : 'the caller is not known');
    const value = withoutLocation(identity);
    // RFC 6881 SP-33.2 wants a default; one that names a place would send help there.
    if (isEsrp) value.addBody = { civic: { country: countryOf(identity) }, method: DEFAULT_METHOD };
    if (isEsrp) notes.push('the country alone is put on the call as its default location');
    return { value, choice: 'none', reason: notes.join('; ') };
  }
  const { organizationId } = identity;
  const how = isEsrp ? 'it is put on the call by value' : 'a reference to it is put on the call';
  return {
    value: {
      location: makeLocation({ value: own.value, own, source: own.source, rule: own.rule, nowMs: now.nowMs() }),
      isNomadic: own.isNomadic,
      addReference: isEsrp ? null : { organizationId, target: own.target },
      addBody: isEsrp ? { method: 'Manual', ...own.value } : null,
      standing: standingAt(context, identity, own.locationId),
    },
    choice: `${own.target.kind} ${own.target.id}`,
    reason: [own.rule, ...notes, how].join('; '),
    ...(own.source === 'default' && { flags: ['no-location'] }),
  };
}

function countryOf({ caller }: CallerIdentity): 'US' | 'CA' {
  const country = caller.number === null ? undefined : parsePhoneNumberFromString(caller.number)?.country;
  return country === 'CA' ? 'CA' : 'US';
}

function inOrderOfUse(conveyed: readonly ConveyedLocation[]): ConveyedLocation[] {
  return [...conveyed.filter(({ form }) => form !== 'foreign'), ...conveyed.filter(({ form }) => form === 'foreign')];
}

function describe({ form, uri }: ConveyedLocation): string {
  if (form === 'value') return uri === null ? 'in the body' : `in the body as ${uri}`;
  return `by reference ${uri ?? ''}`;
}

function isUsable(value: LocationValue | null): value is LocationValue {
  if (value === null) return false;
  return value.shape !== undefined || (value.civic !== undefined && Object.keys(value.civic).length > 0);
}

/** A location on the call, and what it is of ours. */
type Usable = { conveyed: ConveyedLocation; value: LocationValue; own: OwnLocation | undefined };

function useConveyed(
  { conveyed, value, own }: Usable,
  context: StepContext,
  identity: CallerIdentity,
  notes: readonly string[],
): StepResult<AttachedLocation> {
  const source = conveyed.form === 'value' ? 'conveyed-value' : 'conveyed-reference';
  const rule = own ? `conveyed reference: ${own.rule}` : `conveyed on the call ${describe(conveyed)}`;
  return {
    value: {
      location: makeLocation({ value, own, source, rule, nowMs: context.now.nowMs() }),
      isNomadic: own?.isNomadic ?? false,
      addReference: null,
      addBody: null,
      standing: standingAt(context, identity, own?.locationId ?? null),
    },
    choice: own ? `${own.target.kind} ${own.target.id}` : source,
    reason: [rule, conveyed.note, ...notes].filter((text) => text !== '').join('; '),
  };
}

function readConveyed(conveyed: ConveyedLocation, { lookups, now }: StepContext): Usable | { reason: string } {
  if (conveyed.form === 'own' && conveyed.uri !== null) {
    const resolved = lookups.resolveReference(conveyed.uri, now.nowMs());
    if (!resolved.found) return { reason: `our reference is ${resolved.reason}` };
    return isUsable(resolved.value)
      ? { conveyed, value: resolved.value, own: resolved }
      : { reason: 'it leads to no location' };
  }
  return isUsable(conveyed.value)
    ? { conveyed, value: conveyed.value, own: undefined }
    : { reason: conveyed.note || 'no usable location in it' };
}

type FoundLocation = OwnLocation & { source: LocationSource };

/** What we know ourselves of where a caller is; what loses is told. */
function locateCaller(
  { organizationId, known, caller }: CallerIdentity,
  { call, lookups, now }: StepContext,
  notes: string[],
): FoundLocation | undefined {
  if (organizationId === null) return undefined;
  const device = lookups.locateDevice(
    { organizationId, device: call.device ?? null, number: known?.number ?? caller.number },
    now.nowMs(),
  );
  if (call.device !== undefined && !device) notes.push(`nothing is known of the device ${call.device}`);
  const elin = known ? undefined : findElin(call, lookups, organizationId);
  if (device && isUsable(device.value)) {
    if (elin && elin.erlId !== device.erlId) notes.push(`not used: ${elin.rule}`);
    return { ...device, source: 'device' };
  }
  if (elin && isUsable(elin.value)) return { ...elin, source: 'elin' };
  const site = known && lookups.site(known.organizationId, known.locationId, known.number);
  return site ? siteLocation(site, 'number') : undefined;
}

/** An ELIN among the numbers of the call; another organization's says nothing about this one's caller. */
function findElin(call: EmergencyCall, lookups: CallLookups, organizationId: string): ElinLocation | undefined {
  for (const { number } of call.identities) {
    const elin = number?.startsWith('+') ? lookups.findElin(number) : undefined;
    if (elin?.organizationId === organizationId) return elin;
  }
  return undefined;
}

/** The default location of an organization that has one site alone. */
function locateByDefault({ organizationId }: CallerIdentity, { lookups }: StepContext): FoundLocation | undefined {
  const site = organizationId === null ? undefined : lookups.onlySite(organizationId);
  const found = site && siteLocation(site, 'default');
  if (!site || !found) return undefined;
  const value = { ...found.value, method: DEFAULT_METHOD };
  return { ...found, value, rule: `default location: ${site.name}, the only site of the organization` };
}

function siteLocation(site: KnownSite, source: LocationSource): FoundLocation | undefined {
  const value: LocationValue = { civic: site.address };
  if (site.position) value.shape = { type: 'point', position: site.position };
  if (!isUsable(value)) return undefined;
  return {
    value,
    target: site.target,
    locationId: site.id,
    buildingId: site.buildingId,
    erlId: null,
    rule: site.addressRule,
    isNomadic: false,
    source,
  };
}

function standingAt({ lookups }: StepContext, identity: CallerIdentity, locationId: string | null) {
  if (identity.organizationId === null || locationId === null) return identity.standing;
  return lookups.standing(identity.organizationId, locationId);
}

function makeLocation(found: {
  value: LocationValue;
  own: OwnLocation | undefined;
  source: LocationSource;
  rule: string;
  nowMs: number;
}): CallLocation {
  const { value, own, nowMs } = found;
  const civic = value.civic ?? null;
  const timestamp = value.timestamp && Number.isFinite(value.timestamp.getTime()) ? value.timestamp : undefined;
  return {
    civic,
    shape: value.shape ?? null,
    text: describePlace(civic, value),
    indoorText: civic ? indoorLine(civic) : '',
    locationId: own?.locationId ?? null,
    buildingId: own?.buildingId ?? null,
    erlId: own?.erlId ?? null,
    source: found.source,
    rule: found.rule,
    ...(own?.foundBy !== undefined && { foundBy: own.foundBy }),
    method: value.method ?? null,
    determinedAt: timestamp?.toISOString() ?? null,
    ageSeconds: timestamp ? Math.max(0, Math.round((nowMs - timestamp.getTime()) / 1000)) : null,
  };
}

function describePlace(civic: CivicAddress | null, value: LocationValue): string {
  const address = civic ? formatCivicAddress(civic) : '';
  if (address !== '' || !value.shape) return address;
  const { latitude, longitude } = shapeCenter(value.shape);
  return `${latitude.toFixed(6)}, ${longitude.toFixed(6)}`;
}

import type { CallLocation, LocationSource } from '../../domain/call-record.ts';
import { type CivicAddress, formatCivicAddress, indoorLine } from '../../domain/civic-address.ts';
import type { LocationValue } from '../../domain/location-value.ts';
import { shapeCenter } from '../../domain/shape.ts';
import type { KnownCaller, OwnLocation } from '../call-lookups.ts';
import type { AttachedLocation, CallerIdentity, StepContext, StepResult } from '../decision.ts';
import type { ConveyedLocation } from '../emergency-call.ts';

/** What is used when no location can be told. */
export function withoutLocation(identity: CallerIdentity): AttachedLocation {
  return { location: null, isNomadic: false, addReference: null, standing: identity.standing };
}

/**
 * Which location routes the call (decision 13, RFC 6881 SP-18): the one conveyed on it; ours only where none is usable,
 * and then a reference to it is put on the call. Values and our own references come before somebody else's references.
 */
export function attachLocation(context: StepContext, identity: CallerIdentity): StepResult<AttachedLocation> {
  const { call, now } = context;
  const notes: string[] = [];

  for (const conveyed of inOrderOfUse(call.conveyed)) {
    const found = readConveyed(conveyed, context);
    if ('value' in found) {
      const { value, own } = found;
      const source = conveyed.form === 'value' ? 'conveyed-value' : 'conveyed-reference';
      const rule = own ? `conveyed reference: ${own.rule}` : `conveyed on the call ${describe(conveyed)}`;
      return {
        value: {
          location: makeLocation({ value, own, source, rule, nowMs: now.nowMs() }),
          isNomadic: own?.isNomadic ?? false,
          addReference: null,
          standing: standingAt(context, identity, own?.locationId ?? null),
        },
        choice: own ? `${own.target.kind} ${own.target.id}` : source,
        reason: [rule, conveyed.note, ...notes].filter((text) => text !== '').join('; '),
      };
    }
    notes.push(`${describe(conveyed)} not used: ${found.reason}`);
  }
  if (call.conveyed.length === 0) notes.push('the call conveys no location');

  const own = identity.known ? locateKnown(identity.known, context) : undefined;
  if (!own || !identity.organizationId) {
    return {
      value: withoutLocation(identity),
      choice: 'none',
      reason: [...notes, identity.known ? 'nothing is known of the caller’s place' : 'the caller is not known'].join(
        '; ',
      ),
    };
  }
  return {
    value: {
      location: makeLocation({ value: own.value, own, source: own.source, rule: own.rule, nowMs: now.nowMs() }),
      isNomadic: own.isNomadic,
      addReference: { organizationId: identity.organizationId, target: own.target },
      standing: standingAt(context, identity, own.locationId),
    },
    choice: `${own.target.kind} ${own.target.id}`,
    reason: [own.rule, ...notes, 'a reference to it is put on the call'].join('; '),
  };
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

function readConveyed(
  conveyed: ConveyedLocation,
  { lookups, now }: StepContext,
): { value: LocationValue; own: OwnLocation | undefined } | { reason: string } {
  if (conveyed.form === 'own' && conveyed.uri !== null) {
    const resolved = lookups.resolveReference(conveyed.uri, now.nowMs());
    if (!resolved.found) return { reason: `our reference is ${resolved.reason}` };
    return isUsable(resolved.value) ? { value: resolved.value, own: resolved } : { reason: 'it leads to no location' };
  }
  return isUsable(conveyed.value)
    ? { value: conveyed.value, own: undefined }
    : { reason: conveyed.note || 'no usable location in it' };
}

function locateKnown(
  known: KnownCaller,
  { lookups, now }: StepContext,
): (OwnLocation & { source: LocationSource }) | undefined {
  const device = lookups.locateDevice(known, now.nowMs());
  if (device && isUsable(device.value)) return { ...device, source: 'device' };
  const site = lookups.site(known.organizationId, known.locationId, known.number);
  if (!site) return undefined;
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
    source: 'number',
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

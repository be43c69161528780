import type { TraceLookup } from '../domain/call-record.ts';
import type { CallLookups } from './call-lookups.ts';
import { redactReferences } from './redact-reference.ts';

type Asked<Name extends keyof CallLookups> = CallLookups[Name] extends (...asked: infer Values) => unknown
  ? Values
  : never;
type Found<Name extends keyof CallLookups> = CallLookups[Name] extends (...asked: never[]) => infer Value
  ? Value
  : never;

const MAX_LOOKUPS = 32;
const MAX_ASKED = 256;

/**
 * The lookups of one call, which note for its trace what was asked and what was found. Whose trunk, number or ELIN it is may turn out to
 * be another organization's than the one that the call and its trace belong to: those are noted by id, never by name. A class, because
 * one is made for every call: its functions are made once.
 */
export class NotedLookups implements CallLookups {
  readonly #lookups: CallLookups;
  #noted: TraceLookup[] = [];

  constructor(lookups: CallLookups) {
    this.#lookups = lookups;
  }

  /** What was asked since it was last taken; undefined: nothing. */
  take(): readonly TraceLookup[] | undefined {
    const noted = this.#noted;
    if (noted.length === 0) return undefined;
    this.#noted = [];
    return noted;
  }

  #note(lookup: string, asked: string, found: string | null): void {
    if (this.#noted.length >= MAX_LOOKUPS) return;
    this.#noted.push({ lookup, asked: asked.slice(0, MAX_ASKED), found });
  }

  get relays(): CallLookups['relays'] {
    return this.#lookups.relays;
  }

  trunkOf(...asked: Asked<'trunkOf'>): Found<'trunkOf'> {
    const match = this.#lookups.trunkOf(...asked);
    const shared = match.kind === 'ambiguous' ? `shared by ${match.trunks.length} trunks` : null;
    const found = match.kind === 'one' ? `${match.trunk.id} of organization ${match.trunk.organizationId}` : shared;
    const [{ address, port }] = asked;
    this.#note('trunk', `${address}:${port}`, found);
    return match;
  }

  findByNumber(number: string): Found<'findByNumber'> {
    const caller = this.#lookups.findByNumber(number);
    this.#note('number', number, caller ? `organization ${caller.organizationId}` : null);
    return caller;
  }

  findInOrganization(organizationId: string, number: string): Found<'findInOrganization'> {
    const caller = this.#lookups.findInOrganization(organizationId, number);
    this.#note('number in the organization', number, caller ? caller.displayName || 'nobody’s number' : null);
    return caller;
  }

  site(organizationId: string, locationId: string, number?: string): Found<'site'> {
    const site = this.#lookups.site(organizationId, locationId, number);
    this.#note(
      'site',
      number === undefined ? locationId : `${locationId} for ${number}`,
      site ? site.addressRule : null,
    );
    return site;
  }

  onlySite(organizationId: string): Found<'onlySite'> {
    const site = this.#lookups.onlySite(organizationId);
    this.#note('only site', organizationId, site ? site.name : null);
    return site;
  }

  standing(organizationId: string, locationId: string | null): Found<'standing'> {
    const standing = this.#lookups.standing(organizationId, locationId);
    this.#note('standing', locationId ?? organizationId, standing.routingEnabled ? 'routing enabled' : 'not enabled');
    return standing;
  }

  locateDevice(...asked: Asked<'locateDevice'>): Found<'locateDevice'> {
    const own = this.#lookups.locateDevice(...asked);
    this.#note('device', asked[0].device ?? asked[0].number ?? '', own ? own.rule : null);
    return own;
  }

  findElin(number: string): Found<'findElin'> {
    const elin = this.#lookups.findElin(number);
    this.#note(
      'ELIN',
      number,
      elin ? `response location ${elin.target.id} of organization ${elin.organizationId}` : null,
    );
    return elin;
  }

  isOwnReference(uri: string): boolean {
    return this.#lookups.isOwnReference(uri);
  }

  resolveReference(uri: string, nowMs: number): Found<'resolveReference'> {
    const resolved = this.#lookups.resolveReference(uri, nowMs);
    this.#note(
      'location URI',
      redactReferences(uri.slice(0, MAX_ASKED)),
      resolved.found ? resolved.rule : resolved.reason,
    );
    return resolved;
  }

  elinFor(...asked: Asked<'elinFor'>): Found<'elinFor'> {
    const offer = this.#lookups.elinFor(...asked);
    this.#note('ELIN of the place', asked[0].responseLocationId, offer ? `${offer.number} (${offer.how})` : null);
    return offer;
  }

  doubtOf(uri: string): string | null {
    const doubt = this.#lookups.doubtOf(uri);
    if (doubt !== null) this.#note('health of a destination', uri, doubt);
    return doubt;
  }

  destinationsFor(...asked: Asked<'destinationsFor'>): Found<'destinationsFor'> {
    const route = this.#lookups.destinationsFor(...asked);
    this.#note('boundary', asked[1], route ? `${route.mapping.sourceId}: ${route.rule}` : null);
    return route;
  }
}

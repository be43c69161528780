import { Type } from 'typebox';
import type { Alerts } from '../../alerts/alerts.ts';
import type { CallExplanation, Calls, ExplainCallRequest } from '../../calls/calls.ts';
import type { AlertTrigger } from '../../domain/alert-trigger.ts';
import { invalidField } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Location, LocationExplanation } from '../../location/location.ts';
import type { Routing } from '../../routing/routing.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { type LldpIdentifier, type Measurements, readHardwareAddress } from '../../wire/held/held.ts';
import { type createReadExplainedPlace, readDevice } from '../read-explained-place.ts';
import { oneOf, orNull } from '../schemas.ts';
import { PREVIEW } from './alert-recipient-schemas.ts';
import { CALL_EXPLANATION, LOCATION_EXPLANATION } from './explain-schemas.ts';
import { EXPLAINED_ROUTE } from './routing-schemas.ts';

/** Where somebody would call from. */
type SimulatedPlace =
  | { kind: 'point'; latitude: number; longitude: number }
  | { kind: 'address'; address: string }
  | { kind: 'response-location'; id: string }
  | { kind: 'device'; device: string }
  | { kind: 'switch-port'; chassis: string; port?: string }
  | { kind: 'bssid'; bssid: string };

type Simulation = { from?: string; dialed?: '911' | '933'; place?: SimulatedPlace };

const element = (description: string) => Type.String({ minLength: 1, maxLength: 256, description });

const PLACE = Type.Union([
  Type.Object({
    kind: Type.Literal('point'),
    latitude: Type.Number({ minimum: -90, maximum: 90 }),
    longitude: Type.Number({ minimum: -180, maximum: 180 }),
  }),
  Type.Object({ kind: Type.Literal('address'), address: Type.String({ minLength: 3, maxLength: 500 }) }),
  Type.Object({ kind: Type.Literal('response-location'), id: Type.String({ format: 'uuid' }) }),
  Type.Object({
    kind: Type.Literal('device'),
    device: element('MAC or IP address, sip: or tel: URI, number or extension'),
  }),
  Type.Object({
    kind: Type.Literal('switch-port'),
    chassis: element('As LLDP tells it: MAC or IP address, or a name'),
    port: Type.Optional(element('As LLDP tells it; without it the whole switch')),
  }),
  Type.Object({ kind: Type.Literal('bssid'), bssid: element('Of the access point that the device hears') }),
]);

/** IEEE 802.1AB §8.5.2 and §8.5.3: a MAC address, something assigned by hand, the name of an interface. */
const CHASSIS_SUBTYPE = { hardware: 4, local: 7 } as const;
const PORT_SUBTYPE = 5;

function readChassis(text: string): LldpIdentifier {
  const address = readHardwareAddress(text);
  const raw = text.trim();
  return address === undefined
    ? { subtype: CHASSIS_SUBTYPE.local, value: raw, raw }
    : { subtype: CHASSIS_SUBTYPE.hardware, value: address, raw };
}

/** What the device would report of the network that it is in (RFC 7105). */
function readMeasurements(place: Extract<SimulatedPlace, { kind: 'switch-port' | 'bssid' }>): Measurements {
  const none = { lldp: [], wifi: [], dhcp: [] };
  if (place.kind === 'bssid') {
    const bssid = readHardwareAddress(place.bssid);
    if (bssid === undefined) throw invalidField('place.bssid', 'expected an address such as 00:1b:54:aa:bb:cc');
    return { ...none, wifi: [{ bssid, serving: true }] };
  }
  const port = place.port?.trim();
  return {
    ...none,
    lldp: [
      {
        chassis: readChassis(place.chassis),
        ...(port !== undefined && { port: { subtype: PORT_SUBTYPE, value: port, raw: port } }),
      },
    ],
  };
}

/** Nobody's address: what the browser of an administrator says nothing of is left out. */
const NOWHERE = '0.0.0.0';

/** Of what people are told when such a call begins, or a test call ends. */
function triggersOf({ destinations, dialed, flags, location }: CallExplanation): [AlertTrigger, ...AlertTrigger[]] {
  if (dialed.endsWith('933')) return ['test-call'];
  const triggers: [AlertTrigger, ...AlertTrigger[]] = ['call-placed'];
  if (flags.includes('no-location')) triggers.push('location-unknown');
  if (destinations[0]?.kind === 'relay') triggers.push('relay-used');
  if (location?.source === 'default' || location?.foundBy === 'site-default') triggers.push('location-default');
  return triggers;
}

/** A call that is not made: FIND, ROUTE and NOTIFY as they would go. */
export function simulationRoutes(deps: {
  location: Pick<Location, 'explainLocation'>;
  calls: Pick<Calls, 'explainCall'>;
  routing: Pick<Routing, 'explainRoute'>;
  alerts: { recipients: Pick<Alerts['recipients'], 'previewTold'> };
  readPlace: ReturnType<typeof createReadExplainedPlace>;
  clock: { nowMs(): number };
}): RestRoute[] {
  const { alerts, calls, location, readPlace, routing } = deps;

  function find(scope: Scope, place: SimulatedPlace): LocationExplanation | null {
    if (place.kind !== 'device' && place.kind !== 'switch-port' && place.kind !== 'bssid') return null;
    const isNamed = place.kind === 'device';
    return location.explainLocation({
      organizationId: scope.organizationId,
      devices: isNamed ? [readDevice(place.device.trim())] : [],
      ...(!isNamed && { measurements: readMeasurements(place) }),
      namesUnreadable: !isNamed,
      sourceAddress: NOWHERE,
      nowMs: deps.clock.nowMs(),
    });
  }

  /** What the call would convey of the place. */
  async function conveyedOf(
    scope: Scope,
    place: SimulatedPlace | undefined,
    found: LocationExplanation | null,
  ): Promise<Pick<ExplainCallRequest, 'place' | 'value'>> {
    if (found?.found === true) return { place: found };
    if (place?.kind === 'response-location') {
      const { value, places } = await readPlace(scope, { erl: place.id }, NOWHERE);
      return { place: { target: { kind: 'erl', id: place.id }, value, places, rule: null } };
    }
    if (place?.kind === 'point') {
      const { latitude, longitude } = place;
      return { value: { shape: { type: 'point', position: { latitude, longitude } } } };
    }
    if (place?.kind === 'address') {
      return { value: (await readPlace(scope, { address: place.address }, NOWHERE)).value };
    }
    return {};
  }

  return [
    defineRoute<Simulation>({
      operationId: 'explain.simulation',
      method: 'POST',
      path: '/api/explain/simulation',
      summary: 'What would happen if somebody called from there: found how, sent where, and who would be told',
      description:
        'Nobody is called or told, and nothing is noted. Without `place` the call comes from where the number is; `from` may be absent where ' +
        'the place is one of the organization’s. `find` is null where nothing had to be found, `route` where no boundary serves the place.',
      tags: ['Explain'],
      body: Type.Object({
        from: Type.Optional(Type.String({ minLength: 2, maxLength: 64, description: 'Caller number or extension' })),
        dialed: Type.Optional(oneOf('911', '933')),
        place: Type.Optional(PLACE),
      }),
      responses: {
        200: Type.Object({
          find: orNull(LOCATION_EXPLANATION),
          call: orNull(CALL_EXPLANATION, 'null: the device is not found, and no number tells who calls'),
          route: orNull(EXPLAINED_ROUTE),
          told: orNull(PREVIEW),
        }),
      },
      async handle({ scope, body: { from, dialed, place } }) {
        const found = place === undefined ? null : find(scope, place);
        const conveyed = await conveyedOf(scope, place, found);
        if (from === undefined && found?.found === false) {
          return { status: 200, body: { find: found, call: null, route: null, told: null } };
        }
        if (from === undefined && conveyed.place === undefined) {
          throw invalidField('from', 'is needed where the place does not tell whose call it is');
        }
        const call = calls.explainCall(scope, { from, dialed, ...conveyed });
        const { civic, shape } = call.location ?? {};
        const value = { ...(civic && { civic }), ...(shape && { shape }) };
        const [trigger, ...besides] = triggersOf(call);
        const told = alerts.recipients.previewTold(scope, {
          trigger,
          besides,
          locationId: call.location?.locationId ?? call.caller.locationId ?? undefined,
          responseLocationId: call.location?.erlId ?? undefined,
        });
        return {
          status: 200,
          body: { find: found, call, route: call.location && routing.explainRoute(value), told },
        };
      },
    }),
  ];
}

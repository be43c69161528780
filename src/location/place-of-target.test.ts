import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlaceBuilding, PlaceLocation, ResponseLocation } from '../places/places.ts';
import type { LocationTarget } from './located-device.ts';
import { type KnownPlaces, placeOfTarget } from './place-of-target.ts';

const POSITION = { latitude: 32.78, longitude: -96.8 };

const location = {
  id: 'site',
  address: { country: 'US', A3: 'Dallas' },
  position: POSITION,
} as unknown as PlaceLocation;
const erl = { id: 'erl', buildingId: 'hall', locationId: 'site', civic: { FLR: '3' } } as unknown as ResponseLocation;

function shapesIn(position: PlaceBuilding['position']): unknown[] {
  const building = { id: 'hall', locationId: 'site', address: { A3: 'Austin' }, position } as unknown as PlaceBuilding;
  const places = {
    location: () => location,
    building: () => building,
    buildingById: () => building,
    responseLocation: () => erl,
    findEmergencyPlace: () => undefined,
    placeOfNumberAddress: () => undefined,
  } as unknown as KnownPlaces;
  const targets: LocationTarget[] = [
    { kind: 'erl', id: 'erl' },
    { kind: 'building', id: 'hall' },
    { kind: 'location', id: 'site' },
  ];
  return targets.map((target) => placeOfTarget(places, 'organization', target)?.value.shape);
}

test('what is in a building is at the position of the building, and nowhere where that is not known', () => {
  const point = { type: 'point', position: POSITION };
  assert.deepEqual(shapesIn(POSITION), [point, point, point]);
  assert.deepEqual(shapesIn(undefined), [undefined, undefined, undefined]);
});

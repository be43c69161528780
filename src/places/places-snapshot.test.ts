import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrganizationPlaces } from './derive-places.ts';
import type { ResponseLocation } from './place.ts';
import { placesSnapshotDefinition } from './places-snapshot.ts';

// Only `build` is asked, which needs neither.
const { build } = placesSnapshotDefinition({ database: {} as never, addresses: {} as never });

function withElins(elins: Readonly<Record<string, readonly string[]>>): OrganizationPlaces {
  const responseLocations = Object.entries(elins).map(
    ([id, numbers]) => ({ id, elins: numbers, mergedIds: [`${id}-before`] }) as unknown as ResponseLocation,
  );
  return { locations: [], buildings: [], responseLocations, mergedBuildings: [] };
}

test('ELINs lead to their response locations, whichever organization has them, and move with changes', () => {
  const one = withElins({ lobby: ['+12145550001', '+12145550002'], roof: [] });
  const two = withElins({ hall: ['+13125550001'] });
  const first = build(
    new Map([
      ['one', one],
      ['two', two],
    ]),
  );
  assert.deepEqual(first.elins.get('+12145550002'), { organizationId: 'one', responseLocationId: 'lobby' });
  assert.deepEqual(first.elins.get('+13125550001'), { organizationId: 'two', responseLocationId: 'hall' });
  assert.equal(first.elins.size, 3);

  // A number goes from one organization to the other, both changed at once.
  const swapped = build(
    new Map([
      ['one', withElins({ roof: ['+13125550001'] })],
      ['two', withElins({ hall: ['+12145550001'] })],
    ]),
    first,
    new Set(['one', 'two']),
  );
  assert.deepEqual(
    [...swapped.elins].sort(),
    [
      ['+12145550001', { organizationId: 'two', responseLocationId: 'hall' }],
      ['+13125550001', { organizationId: 'one', responseLocationId: 'roof' }],
    ],
    'and what nobody has any more leads nowhere',
  );

  const gone = build(new Map([['two', withElins({ hall: ['+12145550001'] })]]), swapped, new Set(['one']));
  assert.deepEqual([...gone.elins.keys()], ['+12145550001']);
});

test('changes of organizations without ELINs leave the numbers as they are', () => {
  const rows = new Map([['one', withElins({ lobby: ['+12145550001'] })]]);
  const first = build(rows);
  const second = build(new Map([...rows, ['two', withElins({ hall: [] })]]), first, new Set(['two']));
  assert.equal(second.elins, first.elins);
  assert.ok(second.organizations.get('two')?.responseLocations.has('hall'));
});

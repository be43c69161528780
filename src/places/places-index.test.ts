import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlaceLocation, ResponseLocation } from './place.ts';
import { buildPlacesIndex, type LocationPlaces, replacePlaces } from './places-index.ts';

function withElins(elins: Readonly<Record<string, readonly string[]>>): LocationPlaces[] {
  const responseLocations = Object.entries(elins).map(
    ([id, numbers]) => ({ id, elins: numbers, mergedIds: [`${id}-before`] }) as unknown as ResponseLocation,
  );
  const location = { id: 'site', name: 'Site' } as unknown as PlaceLocation;
  return [{ location, building: null, mergedBuildingIds: [], responseLocations }];
}

test('ELINs lead to their response locations, whichever organization has them, and move with changes', () => {
  const first = buildPlacesIndex(
    new Map([
      ['one', withElins({ lobby: ['+12145550001', '+12145550002'], roof: [] })],
      ['two', withElins({ hall: ['+13125550001'] })],
    ]),
  );
  assert.equal(first.holders.get('+12145550002'), 'one');
  assert.equal(first.organizations.get('one')?.byElin.get('+12145550002')?.id, 'lobby');
  assert.equal(first.holders.get('+13125550001'), 'two');
  assert.equal(first.holders.size, 3);

  // A number goes from one organization to the other, both changed at once.
  const swapped = buildPlacesIndex(
    new Map([
      ['one', withElins({ roof: ['+13125550001'] })],
      ['two', withElins({ hall: ['+12145550001'] })],
    ]),
    first,
    new Set(['one', 'two']),
  );
  assert.deepEqual(
    Object.fromEntries(swapped.holders),
    { '+12145550001': 'two', '+13125550001': 'one' },
    'and what nobody has any more leads nowhere',
  );

  const gone = buildPlacesIndex(new Map([['two', withElins({ hall: ['+12145550001'] })]]), swapped, new Set(['one']));
  assert.deepEqual([...gone.holders.keys()], ['+12145550001']);
});

test('changes of organizations without ELINs leave the numbers as they are', () => {
  const rows = new Map([['one', withElins({ lobby: ['+12145550001'] })]]);
  const first = buildPlacesIndex(rows);
  const second = buildPlacesIndex(new Map([...rows, ['two', withElins({ hall: [] })]]), first, new Set(['two']));
  assert.equal(second.holders, first.holders);
  assert.ok(second.organizations.get('two')?.responseLocations.has('hall'));
});

test('an ELIN that went to a location that was read first still leads there once the one that gave it up is read', () => {
  const at = (id: string, elins: Readonly<Record<string, readonly string[]>>): LocationPlaces[] =>
    withElins(elins).map((one) => ({ ...one, location: { id, name: id } as unknown as PlaceLocation }));
  const number = '+12145550001';
  const [lobby, roof] = [at('lobby-site', { lobby: [number] }), at('roof-site', { roof: [] })];
  const index = buildPlacesIndex(new Map([['one', [...lobby, ...roof]]]));

  const reached = at('roof-site', { roof: [number] });
  const all = replacePlaces(index, 'one', { all: [...lobby, ...roof], former: roof, next: reached });
  const left = at('lobby-site', { lobby: [] });
  replacePlaces(index, 'one', { all, former: lobby, next: left });
  assert.equal(index.organizations.get('one')?.byElin.get(number)?.id, 'roof');
  assert.equal(index.holders.get(number), 'one');
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../../test/support/platform-client.ts';
import { openWireMapWorld, type WireMapWorld } from '../../test/support/wire-map-world.ts';
import { createLogger } from '../support/logger.ts';
import { readSortWord, type SortWord } from '../support/sort-order.ts';
import { createElementSearch } from './search-elements.ts';
import { selectCandidates } from './search-records.ts';
import { createSearchTexts } from './search-texts.ts';
import { type ElementQuery, selectElements } from './wire-map-records.ts';

const WAIT_MS = 20_000;

let world: WireMapWorld;

before(async () => {
  world = await openWireMapWorld();
});

after(async () => {
  await world.stopWireMapImports();
  await world.close();
});

test('packed texts: the first that hold a needle, once each, of one kind where told', () => {
  const texts = createSearchTexts();
  const id = (place: number): string => place.toString(16).padStart(32, '0');
  texts.append({ kind: 'bssid', count: 2, ids: id(1) + id(2), lines: 'aa:aa\t\taula\nab:ab\t\t' });
  texts.append({ kind: 'bssid', count: 1, ids: id(3), lines: 'ba:aa\t\tküche' });
  texts.append({ kind: 'mac', count: 2, ids: id(4) + id(5), lines: 'aa:ff\t\t\nff:ff\t\taa' });
  assert.equal(texts.count, 5);
  const find = (needle: string, kind: string | undefined, limit: number, word: SortWord<'kind' | 'value'> = 'kind') =>
    texts.find(needle, kind, limit, readSortWord(word));
  assert.deepEqual(find('aa', undefined, 10), [id(1), id(3), id(4), id(5)]);
  assert.deepEqual(find('aa', undefined, 2), [id(1), id(3)]);
  assert.deepEqual(find('aa', 'mac', 10), [id(4), id(5)]);
  assert.deepEqual(find('üch', undefined, 10), [id(3)]);
  assert.deepEqual(find('zz', undefined, 10), []);
  assert.deepEqual(find('aa', 'ip-range', 10), []);
  // From the end, also where the needle stands at the very beginning.
  assert.deepEqual(find('aa', undefined, 10, '-kind'), [id(5), id(4), id(3), id(1)]);
  assert.deepEqual(find('aa', undefined, 3, '-kind'), [id(5), id(4), id(3)]);
  assert.deepEqual(find('ab', undefined, 10, '-kind'), [id(2)]);
  // By value: as many of each kind.
  assert.deepEqual(find('aa', undefined, 1, 'value'), [id(1), id(4)]);
  assert.deepEqual(find('aa', undefined, 1, '-value'), [id(5), id(3)]);
});

test('what the search leaves to look at gives the same pages as everything does, while the wire map changes', async () => {
  const { db } = world.database;
  const scope = await world.organization();
  const { organizationId } = scope;
  const rows = Array.from({ length: 300 }, (_, place) => {
    const digits = place.toString(16).padStart(4, '0');
    return `mac,02:00:5e:00:${digits.slice(0, 2)}:${digits.slice(2)},,Dallas HQ,Floor ${(place % 2) + 2},Seat ${place}%`;
  });
  const ports = Array.from(
    { length: 100 },
    (_, place) => `switch-port,00:1b:00:00:00:01,gi1/0/${place},Annex,Store,Wall_${place}`,
  );
  const csv = (more: readonly string[]): string => ['kind,value,port,location,erl,description', ...more, ''].join('\n');
  await world.importWireMap(scope, csv([...rows, ...ports]));

  const search = createElementSearch({ database: world.database, logger: createLogger('silent') }, 0);
  const needles = ['5e:00', '00:a', 'SEAT 1', '0/1', 'wall_', '%', 'eat 29', 'nowhere', '0'];
  const places = (await world.places.listResponseLocations(scope, {})).items;
  const store = places.find(({ name }) => name === 'Store');
  const floor = places.find(({ name }) => name === 'Floor 3');
  assert.ok(store && floor);
  const narrowed: Omit<ElementQuery, 'text'>[] = [
    {},
    { kind: 'mac' },
    { kind: 'switch-port' },
    { sort: '-kind' },
    { sort: 'value' },
    { sort: '-value' },
    { sort: '-value', kind: 'mac' },
    { responseLocationIds: [store.id] },
    { responseLocationIds: [floor.id, store.id], sort: '-value' },
    { unseenSince: new Date(world.clock.nowMs() + 1) },
  ];
  const compare = async (): Promise<void> => {
    for (const text of needles) {
      for (const others of narrowed) {
        for (const window of [
          { start: 0, max: 5 },
          { start: 5, max: 400 },
        ]) {
          const query = { ...others, text };
          const candidates = await search.find(organizationId, query, window.start + window.max + 1);
          assert.ok(candidates, 'it is read');
          assert.deepEqual(
            await selectCandidates(db, organizationId, query, candidates, window),
            await selectElements(db, organizationId, query, window),
            `${JSON.stringify(query)} ${window.start}`,
          );
        }
      }
    }
  };
  assert.equal(await search.find(organizationId, { text: '5e' }, 10), undefined, 'nobody waits until it is read');
  await eventually('what is searched', WAIT_MS, async () => {
    return (await search.find(organizationId, { text: '5e' }, 10)) !== undefined;
  });
  await compare();

  const { items } = await world.listElements(scope, { max: 400 });
  const [first, second, third] = items;
  assert.ok(first && second && third);
  await world.updateElement(scope, first.id, { description: 'wall_ moved to SEAT 1' });
  await world.removeElement(scope, second.id);
  const element = { kind: 'mac', value: '02:00:5e:00:0a:ff', responseLocationId: third.responseLocationId };
  await world.createElement(scope, { ...element, description: 'Seat 1, new' });
  await compare();
  await world.importWireMap(scope, csv(['mac,02:00:5e:00:00:05,,Annex,Store,seat 1 of the annex']));
  await compare();
  assert.equal(await search.find(organizationId, { text: 'a\tb' }, 10), undefined, 'it stands in no element');
  search.stop();
  assert.equal(await search.find(organizationId, { text: '5e' }, 10), undefined, 'nobody searches when it ends');
});

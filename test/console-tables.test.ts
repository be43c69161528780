/** What the console's tables save and how they are ordered, without a browser. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSorting, writeSorting } from '../console/src/parts/columns.ts';
import { csvCell, csvLine } from '../console/src/parts/csv.ts';
import { inOrder, pageOfWhole } from '../console/src/parts/whole-list.ts';
import { guardedCell, csvCell as serverCell, unguarded } from '../src/support/csv-cell.ts';
import { sortItems } from '../src/support/sort-order.ts';

const AWKWARD = [
  '',
  'plain',
  'a "quoted", text',
  'two\r\nlines',
  ' spaced ',
  '=1+1',
  '+15125550100',
  '-2+3',
  '@SUM(A1)',
  '\t=1',
  '|cmd',
  '＝1',
  "'already",
  "O'Neil",
];

test('cells of the console are those of the server: RFC 4180, and nothing that a spreadsheet computes', () => {
  for (const text of AWKWARD) assert.equal(csvCell(text), serverCell(text), text);
  assert.equal(csvCell('=1+1'), `"'=1+1"`);
  assert.equal(csvLine(['a', -3, null, undefined, 'b"c']), 'a,-3,,,"b""c"\r\n');
});

test('a file that is read again says what it said, however often it is written', () => {
  const read = (cell: string): string =>
    unguarded(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
  for (const text of AWKWARD) assert.equal(read(guardedCell(text)), text);
  for (const text of ["'=1", "''=1", "'''plain"]) assert.equal(read(guardedCell(text)), text);
  assert.equal(guardedCell('-97.74'), '-97.74', 'a number computes nothing');
});

test('an order of the address bar is one that the table has, or none', () => {
  const columns = [{ sort: 'name' }, { sort: undefined }, { sort: 'startedAt' }];
  for (const word of ['name', '-startedAt']) {
    const sorting = readSorting(word, columns);
    assert.ok(sorting);
    assert.equal(writeSorting(sorting), word);
  }
  for (const word of [null, '', '-', 'other', '--name', 'undefined'])
    assert.equal(readSorting(word, columns), undefined);
});

test('downwards is upwards turned round, with what is equal too; null is the least', () => {
  const items = [
    { id: 1, name: 'b' },
    { id: 2, name: null },
    { id: 3, name: 'a' },
    { id: 4, name: 'b' },
  ];
  const keys = { name: ({ name }: { name: string | null }) => name };
  const up = sortItems(items, 'name', keys).map(({ id }) => id);
  assert.deepEqual(up, [2, 3, 1, 4]);
  assert.deepEqual(
    sortItems(items, '-name', keys).map(({ id }) => id),
    up.toReversed(),
  );
});

test('a list that is read whole is searched, ordered and cut', () => {
  const items = ['Floor 10', 'floor 2', 'Lobby'].map((name) => ({ name }));
  const keys = { name: ({ name }: { name: string }) => name };
  assert.deepEqual(
    inOrder(items, 'name', keys).map(({ name }) => name),
    ['floor 2', 'Floor 10', 'Lobby'],
    'numbers in names count as numbers',
  );
  assert.equal(inOrder(items, 'other', keys), items);
  const request = { start: 0, max: 1, before: undefined, text: 'FLOOR', filters: {}, sort: '-name' };
  const page = pageOfWhole(items, request, { keys, textOf: ({ name }) => name });
  assert.deepEqual(page, { items: [{ name: 'Floor 10' }], hasMore: true });
  const last = pageOfWhole(items, { ...request, start: 1 }, { keys, textOf: ({ name }) => name });
  assert.deepEqual(last, { items: [{ name: 'floor 2' }], hasMore: false });
});

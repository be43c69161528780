/** What the console's tables save and how they are ordered, without a browser. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { entrySubject } from '../console/src/pages/settings/entry-subject.ts';
import { changesOf, parameterOf, withChanges } from '../console/src/parts/address-bar.ts';
import { readSorting, writeSorting } from '../console/src/parts/columns.ts';
import { csvCell, csvLine } from '../console/src/parts/csv.ts';
import { momentsOf } from '../console/src/parts/days.ts';
import { keepHere, readKept } from '../console/src/parts/kept-here.ts';
import { watchPresses } from '../console/src/parts/pressed-row.ts';
import { ListChangedError, readAllRows } from '../console/src/parts/read-all-rows.ts';
import { NO_ROWS, nameRows } from '../console/src/parts/row-names.ts';
import { shapeOnMap } from '../console/src/parts/shape-on-map.ts';
import { foundInWhole, inOrder, pageOfWhole, shownPage } from '../console/src/parts/whole-list.ts';
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
  'Lobby;=HYPERLINK("http://x")',
  "a; '=1;\t+2",
  'two\n=lines',
];

test('cells of the console are those of the server: RFC 4180, and nothing that a spreadsheet computes', () => {
  for (const text of AWKWARD) assert.equal(csvCell(text), serverCell(text), text);
  assert.equal(csvCell('=1+1'), `"'=1+1"`);
  assert.equal(csvLine(['a', -3, null, undefined, 'b"c']), 'a,-3,,,"b""c"\r\n');
});

test('a row that stays is the same row; one that is new takes over from one that is gone', () => {
  const first = nameRows(NO_ROWS, ['a', 'b', 'c'], true);
  assert.deepEqual([...first.names.values()], ['row 1', 'row 2', 'row 3']);
  const next = nameRows(first, ['d', 'e', 'f', 'g'], true);
  assert.deepEqual([...next.names.values()], ['row 1', 'row 2', 'row 3', 'row 4'], 'nothing moves');
  const moved = nameRows(first, ['n', 'a', 'b'], true);
  assert.deepEqual([...moved.names.values()], ['row 3', 'row 1', 'row 2']);
  const focused = nameRows(first, ['n', 'a', 'b'], false);
  assert.deepEqual([...focused.names.values()], ['row 4', 'row 1', 'row 2'], 'no row becomes another');
  const fewer = nameRows(next, ['e'], true);
  assert.deepEqual([...nameRows(fewer, ['x', 'e'], true).names.values()], ['row 5', 'row 2'], 'each another');
});

test('where semicolons or tabs part cells, no cell of ours holds one that is computed', () => {
  for (const text of AWKWARD) {
    for (const cell of [csvCell(text), serverCell(text), guardedCell(text)]) {
      for (const part of cell.split(/[;\t\r\n]/)) assert.doesNotMatch(part, /^\s*[=+\-@|%＝]/u, `${text}: ${cell}`);
    }
  }
});

test('whatever is guarded comes back, in any mixture of signs', () => {
  const signs = ["'", '=', ';', ' ', '-', 'a', '3', '\t', '"', ','];
  for (let number = 0; number < 10 ** 5; number += 1) {
    const text = String(number).replace(/\d/g, (digit) => signs[Number(digit)] ?? '');
    const cell = guardedCell(text);
    const read = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
    assert.equal(unguarded(read), text, JSON.stringify(text));
  }
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

type Row = { id: number };

/** Rows as the platform tells them: a page by its number, out of what stands there at that moment. */
function rowsToRead(count: number, onRead: (rows: Row[], reads: number) => void = () => {}) {
  const rows = Array.from({ length: count }, (_, id): Row => ({ id }));
  let reads = 0;
  const request = { start: 0, max: 25, before: undefined, text: '', filters: {}, sort: undefined };
  return {
    rows,
    list: {
      asked: request,
      itemKey: ({ id }: Row) => String(id),
      most: 100_000,
      read: ({ start, max }: { start: number; max: number }) => {
        reads += 1;
        onRead(rows, reads);
        return Promise.resolve({ items: rows.slice(start, start + max), hasMore: rows.length > start + max });
      },
    },
  };
}

const open = (): AbortSignal => new AbortController().signal;

test('a CSV holds every row once, whatever is removed or added while its pages are read', async () => {
  const changes: readonly ((rows: Row[], reads: number) => void)[] = [
    () => {},
    (rows, reads) => {
      if (reads === 2) rows.splice(10, 3);
    },
    (rows, reads) => {
      if (reads === 3) rows.splice(1_990, 20);
    },
    (rows, reads) => {
      if (reads === 2) rows.unshift({ id: -1 }, { id: -2 });
    },
  ];
  for (const [place, change] of changes.entries()) {
    const { rows, list } = rowsToRead(2_500, change);
    const told: number[] = [];
    const read = await readAllRows(list, open(), (count) => told.push(count));
    assert.equal(read.isWhole, true);
    const ids = new Set(read.rows.map(({ id }) => id));
    assert.equal(ids.size, read.rows.length, 'none twice');
    const lost = rows.filter(({ id }) => id >= 0 && !ids.has(id));
    assert.deepEqual(lost, [], `change ${place}`);
    assert.equal(told.at(-1), read.rows.length);
  }
});

test('a list that never comes to rest is said to be one; the limit is told; what is cancelled is not saved', async () => {
  const restless = rowsToRead(5_000, (rows) => rows.shift());
  await assert.rejects(
    readAllRows(restless.list, open(), () => {}),
    ListChangedError,
  );

  const { list } = rowsToRead(2_500);
  const cut = await readAllRows({ ...list, most: 1_500 }, open(), () => {});
  assert.equal(cut.isWhole, false);
  assert.equal(cut.rows.length, 1_500);
  const whole = await readAllRows({ ...list, most: 2_500 }, open(), () => {});
  assert.equal(whole.isWhole, true, 'as many as may be are all of them');

  const stopping = new AbortController();
  let reads = 0;
  const stopped = rowsToRead(2_500, () => {
    reads += 1;
    if (reads === 2) stopping.abort();
  });
  assert.deepEqual(await readAllRows(stopped.list, stopping.signal, () => {}), { rows: [], isWhole: false });
  assert.equal(reads, 2, 'nothing is read after that');
});

test('days are those of the viewer, 23 and 25 hours long when the clocks change; what is no day says nothing', (t) => {
  const zone = process.env['TZ'];
  t.after(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });
  const hours = (day: string): number => {
    const { since = '', until = '' } = momentsOf({ from: day, to: day });
    return (Date.parse(until) - Date.parse(since)) / 3_600_000;
  };
  process.env['TZ'] = 'America/New_York';
  assert.deepEqual(momentsOf({ from: '2026-03-08', to: '2026-03-08' }), {
    since: '2026-03-08T05:00:00.000Z',
    until: '2026-03-09T04:00:00.000Z',
  });
  assert.deepEqual([hours('2026-03-08'), hours('2026-11-01'), hours('2026-07-04')], [23, 25, 24]);
  // Clocks go forward at midnight there: the day begins at one.
  process.env['TZ'] = 'America/Santiago';
  assert.equal(momentsOf({ from: '2026-09-06' }).since, '2026-09-06T04:00:00.000Z');
  for (const nonsense of ['', 'today', '2026-02-30', '2026-13-01', '0000-00-00', '2026-1-1']) {
    assert.deepEqual(momentsOf({ from: nonsense, to: nonsense }), {}, nonsense);
  }
  assert.deepEqual(Object.keys(momentsOf({ from: '2026-01-01' })), ['since']);
});

/** Tables that are no lists: what they show, or where all of it is found, ordered, paged and saved. */
const NO_LISTS: Readonly<Record<string, string>> = {
  'parts/data-table.tsx': 'the table of lists',
  'parts/whole-table.tsx': 'the table of lists within pages',
  'pages/home-page.tsx': 'the last five calls; all are a click away',
  'pages/onboarding/test-step.tsx': 'the last five test calls, as they arrive; all are among the calls',
  'pages/places/location-rooms.tsx': 'a tree; what is found in it is a list, with an export of the platform',
  'pages/settings/audit-page.tsx': 'before and after of one entry, side by side',
  'pages/wire-map/choose-file.tsx': 'a form with a line for each column of the file, and five rows as they are read',
};

test('every list has search, order, pages and CSV: it is a DataTable or a WholeTable, or it is no list', () => {
  const folder = new URL('../console/src/', import.meta.url);
  const tables = globSync('**/*.tsx', { cwd: folder }).filter((name) =>
    /design\/components\/(?:table|cards)'|<table/.test(readFileSync(new URL(name, folder), 'utf8')),
  );
  // A week of hours is drawn as a table, as calendars are.
  const known = [...Object.keys(NO_LISTS), 'pages/alerts/schedule-week.tsx'];
  assert.deepEqual(
    tables.filter((name) => !known.includes(name)),
    [],
  );
  for (const name of Object.keys(NO_LISTS))
    assert.ok(tables.includes(name), `${name} has no table of its own any more`);
});

test('several lists stand in one address, each under its name; what is empty goes from it', () => {
  const address = new URLSearchParams('step=network&rooms.page=2&text=own');
  assert.equal(parameterOf('rooms')('page'), 'rooms.page');
  assert.equal(parameterOf(null)('page'), 'page');
  const next = withChanges(address, changesOf('rooms', { text: 'lobby', page: '' }));
  assert.equal(next.toString(), 'step=network&text=own&rooms.text=lobby');
  assert.equal(address.toString(), 'step=network&rooms.page=2&text=own', 'not changed in place');
});

test('whoever asks for a page behind the last one sees the last one; there is always a page', () => {
  assert.deepEqual(shownPage('7', 60, 25), { page: 3, pages: 3 });
  assert.deepEqual(shownPage('2', 60, 25), { page: 2, pages: 3 });
  assert.deepEqual(shownPage(null, 0, 25), { page: 1, pages: 1 });
  for (const odd of ['-3', '0', 'x', '']) assert.deepEqual(shownPage(odd, 60, 25), { page: 1, pages: 3 }, odd);
  const items = ['Lobby', 'lab', 'Roof'];
  assert.deepEqual(foundInWhole(items, { text: ' L', sort: '-name' }, { keys: { name: String }, textOf: String }), [
    'Lobby',
    'lab',
  ]);
});

test('the map draws what a shape covers, around the point that stands for it', () => {
  const center = { latitude: 30, longitude: -97 };
  const metersFrom = ([longitude = 0, latitude = 0]: readonly number[]): number =>
    111_320 * Math.hypot(latitude - 30, (longitude + 97) * Math.cos(Math.PI / 6));
  const near = (actual: number, expected: number): void => assert.ok(Math.abs(actual - expected) < 0.5, `${actual}`);
  assert.deepEqual(shapeOnMap({ type: 'point', position: center }), {
    position: center,
    withinMeters: null,
    ring: null,
  });
  const circle = shapeOnMap({ type: 'circle', center, radiusMeters: 50 });
  assert.deepEqual([circle?.position, circle?.withinMeters], [center, 50]);
  for (const corner of circle?.ring ?? []) near(metersFrom(corner), 50);
  const turned = { semiMajorMeters: 90, semiMinorMeters: 30, orientationDegrees: 90 };
  const ellipse = shapeOnMap({ type: 'ellipse', center, ...turned })?.ring ?? [];
  near(metersFrom(ellipse[0] ?? []), 30);
  near(metersFrom(ellipse[16] ?? []), 90);
  assert.ok((ellipse[16]?.[0] ?? 0) > -97, 'its longer axis goes to the east');
  const angles = { startAngleDegrees: 0, openingAngleDegrees: 90 };
  const band = shapeOnMap({ type: 'arc-band', center, innerRadiusMeters: 20, outerRadiusMeters: 40, ...angles });
  assert.equal(band?.withinMeters, 40);
  assert.ok(band.ring?.every(([longitude = 0, latitude = 0]) => longitude > -97.0001 && latitude > 29.9999));
  const corners = [center, { latitude: 30.2, longitude: -97 }, { latitude: 30.1, longitude: -96.7 }];
  const polygon = shapeOnMap({ type: 'polygon', exterior: corners });
  assert.deepEqual(polygon?.ring?.[0], polygon?.ring?.at(-1));
  assert.ok(Math.abs(Number(polygon?.position.latitude) - 30.1) < 1e-9);
  for (const none of [null, undefined, {}, { type: 'polygon', exterior: [] }]) assert.equal(shapeOnMap(none), null);
});

test('whoever presses something in a row means that row until the click that comes of it', async () => {
  class Place extends EventTarget {
    readonly isInTable: boolean;
    constructor(isInTable: boolean) {
      super();
      this.isInTable = isInTable;
    }
    closest(selector: string): object | null {
      return this.isInTable && selector === 'tbody' ? {} : null;
    }
  }
  const clicked = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
  const row = new Place(true);
  const isPressed = watchPresses(row);
  assert.equal(isPressed(), false);
  row.dispatchEvent(new Event('pointerdown'));
  assert.equal(isPressed(), true);
  row.dispatchEvent(new Event('pointerup'));
  assert.equal(isPressed(), true, 'the click is still to come');
  await clicked();
  assert.equal(isPressed(), false);
  // Pressed again before the first press was over.
  row.dispatchEvent(new Event('pointerdown'));
  row.dispatchEvent(new Event('pointercancel'));
  row.dispatchEvent(new Event('pointerdown'));
  await clicked();
  assert.equal(isPressed(), true);
  const elsewhere = new Place(false);
  const isPressedThere = watchPresses(elsewhere);
  elsewhere.dispatchEvent(new Event('pointerdown'));
  assert.equal(isPressedThere(), false);
});

test('an entry of the trail says what it is about by the name that it tells', () => {
  const id = '0b8a1c52-9f0e-4c39-8d6e-6f1f3c0a7d11';
  const none = { before: null, after: null, detail: {} };
  const about = (subject: string, values: Partial<Parameters<typeof entrySubject>[0]>): string =>
    entrySubject({ ...none, ...values, subject });
  assert.equal(about(`token ${id}`, { before: { label: 'Desk' } }), 'token Desk');
  assert.equal(about(`alert rule ${id}`, { before: { name: 'Old' }, after: { name: '$& New' } }), 'alert rule $& New');
  assert.equal(about(`drill ${id}`, { detail: { note: 'Monthly' } }), 'drill Monthly');
  assert.equal(about(`incident ${id}`, { detail: { note: 'On my way' } }), `incident ${id}`);
  assert.equal(about(`drill ${id}`, { detail: { note: '' } }), `drill ${id}`);
  assert.equal(about('location Austin', { after: { name: 'Dallas' } }), 'location Austin', 'it has a name by now');
});

test('a browser that keeps nothing, or has no room, changes nothing but that', (t) => {
  const denied = (): never => {
    throw new DOMException('no', 'QuotaExceededError');
  };
  const before = Object.getOwnPropertyDescriptor(globalThis, 'localStorage');
  Object.defineProperty(globalThis, 'localStorage', {
    configurable: true,
    value: { getItem: denied, setItem: denied, removeItem: denied },
  });
  t.after(() => {
    if (before) Object.defineProperty(globalThis, 'localStorage', before);
    else Reflect.deleteProperty(globalThis, 'localStorage');
  });
  assert.equal(readKept('waymark.theme'), null);
  keepHere('waymark.theme', 'dark');
  keepHere('waymark.theme', null);
});

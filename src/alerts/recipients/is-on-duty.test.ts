import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AlertSchedule, type DayWindow, WEEKDAYS } from './alert-schedule.ts';
import { isOnDuty } from './is-on-duty.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const onDuty = (schedule: Partial<AlertSchedule>, zone: string | null, at: string): boolean =>
  isOnDuty({ timeZone: null, windows: [], exceptions: [], ...schedule }, zone, Date.parse(at));

const EVERY_DAY = [...WEEKDAYS];
const OFFICE = { days: ['mon', 'tue', 'wed', 'thu', 'fri'] as const, from: '08:00', to: '17:00' };
const NIGHT = { days: EVERY_DAY, from: '22:00', to: '06:00' };

test('a window holds from its first minute to before its last, on its days, by the clock of the zone', () => {
  const windows = [OFFICE];
  // 2026-11-20 is a Friday; Chicago is 6 hours behind UTC.
  assert.equal(onDuty({ windows }, 'America/Chicago', '2026-11-20T13:59:59.999Z'), false);
  assert.equal(onDuty({ windows }, 'America/Chicago', '2026-11-20T14:00:00Z'), true);
  assert.equal(onDuty({ windows }, 'America/Chicago', '2026-11-20T22:59:59.999Z'), true);
  assert.equal(onDuty({ windows }, 'America/Chicago', '2026-11-20T23:00:00Z'), false);
  assert.equal(onDuty({ windows }, 'America/Chicago', '2026-11-21T16:00:00Z'), false);
  // In Honolulu it is still Friday when Chicago has Saturday.
  assert.equal(onDuty({ windows }, 'Pacific/Honolulu', '2026-11-21T02:59:00Z'), true);
});

test('a window over midnight belongs to the day on which it begins', () => {
  const friday = { windows: [{ ...NIGHT, days: ['fri'] as const }] };
  assert.equal(onDuty(friday, 'UTC', '2026-11-20T05:00:00Z'), false);
  assert.equal(onDuty(friday, 'UTC', '2026-11-20T22:00:00Z'), true);
  assert.equal(onDuty(friday, 'UTC', '2026-11-21T05:59:00Z'), true);
  assert.equal(onDuty(friday, 'UTC', '2026-11-21T06:00:00Z'), false);
  assert.equal(onDuty(friday, 'UTC', '2026-11-21T23:00:00Z'), false);
});

test('a window that ends when it begins is a whole day; 24:00 is the end of the day', () => {
  const windows = [{ days: ['sun'] as const, from: '07:00', to: '07:00' }];
  assert.equal(onDuty({ windows }, 'UTC', '2026-11-22T06:59:00Z'), false);
  assert.equal(onDuty({ windows }, 'UTC', '2026-11-23T06:59:00Z'), true);
  assert.equal(onDuty({ windows }, 'UTC', '2026-11-23T07:00:00Z'), false);
  const late = [{ days: ['sun'] as const, from: '20:00', to: '24:00' }];
  assert.equal(onDuty({ windows: late }, 'UTC', '2026-11-22T23:59:59Z'), true);
  assert.equal(onDuty({ windows: late }, 'UTC', '2026-11-23T00:00:00Z'), false);
});

test('an exception stands for the windows that would begin on its date, and for no others', () => {
  const schedule = {
    windows: [NIGHT],
    exceptions: [
      { date: '2026-12-25', windows: 'off' as const },
      { date: '2026-12-31', windows: [{ from: '09:00', to: '12:00' }] },
    ],
  };
  assert.equal(onDuty(schedule, 'UTC', '2026-12-25T05:00:00Z'), true, 'the watch of the evening before goes on');
  assert.equal(onDuty(schedule, 'UTC', '2026-12-25T23:00:00Z'), false);
  assert.equal(onDuty(schedule, 'UTC', '2026-12-26T05:00:00Z'), false);
  assert.equal(onDuty(schedule, 'UTC', '2026-12-26T23:00:00Z'), true);
  assert.equal(onDuty(schedule, 'UTC', '2026-12-31T10:00:00Z'), true);
  assert.equal(onDuty(schedule, 'UTC', '2026-12-31T23:00:00Z'), false);
});

test('clocks that change: a skipped hour loses nothing, an hour that comes twice is watched twice', () => {
  const early = { windows: [{ days: EVERY_DAY, from: '02:30', to: '05:00' }] };
  // 2026-03-08 in New York: 01:59 EST, then 03:00 EDT (07:00Z).
  assert.equal(onDuty(early, 'America/New_York', '2026-03-08T06:59:00Z'), false);
  assert.equal(onDuty(early, 'America/New_York', '2026-03-08T07:00:00Z'), true);
  const gone = { windows: [{ days: EVERY_DAY, from: '02:10', to: '02:50' }] };
  for (const at of ['06:59', '07:00', '07:30']) {
    assert.equal(onDuty(gone, 'America/New_York', `2026-03-08T${at}:00Z`), false);
  }
  // 2026-11-01: 01:00 to 02:00 comes twice, from 05:00Z and from 06:00Z.
  const twice = { windows: [{ days: EVERY_DAY, from: '01:15', to: '01:45' }] };
  const seen = ['05:14', '05:15', '05:50', '06:10', '06:44', '06:45'].map((at) =>
    onDuty(twice, 'America/New_York', `2026-11-01T${at}:00Z`),
  );
  assert.deepEqual(seen, [false, true, true, true, true, false]);
});

test('where nobody can tell what time it is, everybody is on duty', () => {
  assert.equal(onDuty({ windows: [] }, null, '2026-11-20T13:00:00Z'), true);
  assert.equal(onDuty({ windows: [] }, 'Mars/Olympus_Mons', '2026-11-20T13:00:00Z'), true);
  assert.equal(onDuty({ windows: [] }, 'UTC', '2026-11-20T13:00:00Z'), false, 'no window at all is never');
});

/** Minutes around a moment with what the clock shows in each, as the platform writes it; sorts as text. */
function clockFaces(zone: string, aroundMs: number): { ms: number; face: string }[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  const faces: { ms: number; face: string }[] = [];
  for (let ms = aroundMs - 3 * DAY_MS; ms < aroundMs + 3 * DAY_MS; ms += MINUTE_MS) {
    faces.push({ ms, face: format.format(ms) });
  }
  return faces;
}

/** The same question answered by looking at every minute: from the first face at or after `from` to the last before `to`. */
function watchedMinutes(schedule: AlertSchedule, faces: readonly { ms: number; face: string }[]): Set<number> {
  const watched = new Set<number>();
  const firstNoon = Date.parse(`${faces[0]?.face.slice(0, 10)}T12:00:00Z`);
  // Dates of the calendar: a day that a zone skipped had an evening before it that others may have planned.
  const dates = [1, 2, 3, 4, 5].map((day) => new Date(firstNoon + day * DAY_MS).toISOString().slice(0, 10));
  for (const date of dates) {
    const noon = Date.parse(`${date}T12:00:00Z`);
    const exception = schedule.exceptions.find((one) => one.date === date);
    const regular: readonly DayWindow[] = schedule.windows.filter(({ days }) =>
      days.includes(WEEKDAYS[new Date(noon).getUTCDay()] ?? 'sun'),
    );
    const windows = exception === undefined ? regular : exception.windows === 'off' ? [] : exception.windows;
    for (const { from, to } of windows) {
      const nextDate = new Date(noon + DAY_MS).toISOString().slice(0, 10);
      const first = faces.findIndex(({ face }) => face >= `${date} ${from}`);
      const last = faces.findLastIndex(({ face }) => face < (to > from ? `${date} ${to}` : `${nextDate} ${to}`));
      for (const { ms } of faces.slice(first, last + 1)) watched.add(ms);
    }
  }
  return watched;
}

// Changes of clocks: north, south, by half an hour, at midnight, by a day, twice around Ramadan, and none.
const CHANGES: readonly (readonly [zone: string, near: string])[] = [
  ['America/New_York', '2026-03-08T07:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['America/Los_Angeles', '2027-03-14T10:00:00Z'],
  ['America/St_Johns', '2026-11-01T04:30:00Z'],
  ['America/St_Johns', '2010-11-07T02:31:00Z'],
  ['America/Havana', '2026-11-01T05:00:00Z'],
  ['America/Santiago', '2026-04-05T03:00:00Z'],
  ['America/Adak', '2026-03-08T12:00:00Z'],
  ['Europe/Dublin', '2026-10-25T01:00:00Z'],
  ['Africa/Casablanca', '2026-03-22T02:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  ['Asia/Beirut', '2026-03-28T22:00:00Z'],
  ['Asia/Kathmandu', '2026-06-01T00:00:00Z'],
  ['America/Regina', '2026-11-01T06:00:00Z'],
  ['Pacific/Apia', '2011-12-30T10:00:00Z'],
  ['Pacific/Chatham', '2026-09-26T14:00:00Z'],
  ['America/Phoenix', '2026-03-08T09:00:00Z'],
];

test('every minute around changes of clocks is as a reader of the clock would say', () => {
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 1, 15, 30, 59))
    .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
  const end = fc.oneof({ arbitrary: time, weight: 9 }, { arbitrary: fc.constant('24:00'), weight: 1 });
  const dayWindow = fc.record({ from: time, to: end });
  const faces = CHANGES.map(([zone, near]) => ({ zone, faces: clockFaces(zone, Date.parse(near)) }));
  fc.assert(
    fc.property(
      fc.nat({ max: faces.length - 1 }),
      fc.array(fc.record({ days: fc.subarray(EVERY_DAY, { minLength: 1 }), from: time, to: end }), { maxLength: 3 }),
      fc.array(
        fc.record({
          day: fc.integer({ min: -1, max: 1 }),
          windows: fc.oneof(fc.constant('off' as const), fc.array(dayWindow, { maxLength: 2 })),
        }),
        { maxLength: 2 },
      ),
      (index, windows, exceptions) => {
        const place = faces[index] ?? assert.fail();
        const middle = place.faces[Math.floor(place.faces.length / 2)]?.face.slice(0, 10) ?? '';
        const schedule: AlertSchedule = {
          timeZone: null,
          windows,
          exceptions: exceptions.map(({ day, ...rest }) => ({
            date: new Date(Date.parse(`${middle}T00:00:00Z`) + day * DAY_MS).toISOString().slice(0, 10),
            ...rest,
          })),
        };
        const watched = watchedMinutes(schedule, place.faces);
        // The outer days hold windows of which the reader does not see the beginning or the end.
        const inner = place.faces.slice(2 * 1_440, -2 * 1_440);
        for (const { ms, face } of inner.filter((_, index) => index % 7 === 0 || windows.length === 1)) {
          assert.equal(isOnDuty(schedule, place.zone, ms), watched.has(ms), `${place.zone} ${face} (${ms})`);
        }
      },
    ),
    { numRuns: 150, seed: 911 },
  );
});

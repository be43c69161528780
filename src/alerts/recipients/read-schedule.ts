import type { FieldFaults } from '../../domain/field-faults.ts';
import { type AlertSchedule, type DayWindow, WEEKDAYS, type Weekday } from './alert-schedule.ts';

/** A schedule as an administrator writes it. */
export type GivenSchedule = {
  timeZone?: string | null | undefined;
  windows?: readonly { days: readonly string[]; from: string; to: string }[] | undefined;
  exceptions?: readonly { date: string; windows: readonly DayWindow[] | 'off' }[] | undefined;
};

const MAX_WINDOWS = 50;
const MAX_EXCEPTIONS = 400;

const FROM = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const TO = /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** The schedule that is meant; null stays null: always on duty. */
export function readSchedule(
  given: GivenSchedule | null | undefined,
  path: string,
  faults: FieldFaults,
): AlertSchedule | null {
  if (!given) return null;
  const windows = given.windows ?? [];
  const exceptions = given.exceptions ?? [];
  if (windows.length > MAX_WINDOWS) faults.add(`${path}.windows`, `takes ${MAX_WINDOWS} entries at most`);
  if (exceptions.length > MAX_EXCEPTIONS) faults.add(`${path}.exceptions`, `takes ${MAX_EXCEPTIONS} entries at most`);
  if (windows.length === 0 && exceptions.length === 0) {
    faults.add(`${path}.windows`, 'needs an entry, or exceptions does: without one nobody would ever be on duty');
  }
  const dates = new Set<string>();
  return {
    timeZone: readTimeZone(given.timeZone, `${path}.timeZone`, faults),
    windows: windows.map(({ days, ...window }, index) => ({
      days: readDays(days, `${path}.windows.${index}.days`, faults),
      ...readWindow(window, `${path}.windows.${index}`, faults),
    })),
    exceptions: exceptions.map(({ date, windows: instead }, index) => {
      const at = `${path}.exceptions.${index}`;
      if (!isDate(date)) faults.add(`${at}.date`, 'is no date such as 2026-12-25');
      else if (dates.has(date)) faults.add(`${at}.date`, 'is there twice');
      dates.add(date);
      if (instead === 'off') return { date, windows: instead };
      if (instead.length > MAX_WINDOWS) faults.add(`${at}.windows`, `takes ${MAX_WINDOWS} entries at most`);
      return { date, windows: instead.map((window, nth) => readWindow(window, `${at}.windows.${nth}`, faults)) };
    }),
  };
}

/** An IANA time zone that this machine knows; null where none is given. */
export function readTimeZone(text: string | null | undefined, path: string, faults: FieldFaults): string | null {
  const zone = text?.trim() ?? '';
  if (zone === '') return null;
  try {
    // Offsets such as +05:00 would be taken, and know nothing of clocks that change.
    if (!/^[A-Za-z]/.test(zone)) throw new RangeError('an offset');
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone === '' ? null : zone;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    faults.add(path, 'is not an IANA time zone such as America/Chicago');
    return null;
  }
}

function readDays(given: readonly string[], path: string, faults: FieldFaults): Weekday[] {
  const wanted = new Set(given.map((day) => day.toLowerCase()));
  const days = WEEKDAYS.filter((day) => wanted.has(day));
  if (days.length === 0 || days.length !== wanted.size) faults.add(path, `needs some of ${WEEKDAYS.join(', ')}`);
  return days;
}

function readWindow({ from, to }: DayWindow, path: string, faults: FieldFaults): DayWindow {
  if (!FROM.test(from)) faults.add(`${path}.from`, 'is no time such as 08:30');
  if (!TO.test(to)) faults.add(`${path}.to`, 'is no time such as 17:00 or 24:00');
  return { from, to };
}

/** Also that the calendar has it: 2026-02-30 is none. */
function isDate(text: string): boolean {
  const date = DATE.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  return date !== undefined && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

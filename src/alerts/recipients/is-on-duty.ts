import { type AlertSchedule, type DayWindow, WEEKDAYS } from './alert-schedule.ts';
import { type OffsetSpan, zoneOffsets } from './zone-offsets.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DAY_MINUTES = 1_440;

/**
 * Whether a schedule has somebody on duty at a moment. `zone` is IANA; where it is not known, or not known to this machine, nobody
 * can tell what time it is there, and they are taken to be on duty: being told in vain is the smaller harm.
 */
export function isOnDuty(schedule: AlertSchedule, zone: string | null, atMs: number): boolean {
  if (zone === null || Number.isNaN(atMs)) return true;
  const spans = offsetsOf(zone, atMs);
  if (spans === undefined) return true;
  const today = Math.floor((atMs + offsetIn(spans, atMs)) / DAY_MS);
  // A clock that is turned back over midnight shows yesterday again after a window of today began.
  for (let day = today - 2; day <= today + 1; day++) {
    for (const window of windowsOf(schedule, day)) if (holds(window, day, spans, atMs)) return true;
  }
  return false;
}

function offsetsOf(zone: string, atMs: number): readonly OffsetSpan[] | undefined {
  try {
    return zoneOffsets(zone, atMs);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The windows that begin on a day, counted from 1970-01-01. */
function windowsOf(schedule: AlertSchedule, day: number): readonly DayWindow[] {
  if (schedule.exceptions.length > 0) {
    const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
    const exception = schedule.exceptions.find((one) => one.date === date);
    if (exception) return exception.windows === 'off' ? [] : exception.windows;
  }
  // 1970-01-01 was a Thursday.
  const weekday = WEEKDAYS[(((day + 4) % 7) + 7) % 7] ?? 'sun';
  return schedule.windows.filter(({ days }) => days.includes(weekday));
}

function holds({ from, to }: DayWindow, day: number, spans: readonly OffsetSpan[], atMs: number): boolean {
  const begin = minutesOf(from);
  const end = minutesOf(to);
  const midnightMs = day * DAY_MS;
  const endMs = midnightMs + (end > begin ? end : end + DAY_MINUTES) * MINUTE_MS;
  return atMs >= firstFrom(spans, midnightMs + begin * MINUTE_MS) && atMs < endBefore(spans, endMs);
}

function minutesOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
}

function offsetIn(spans: readonly OffsetSpan[], atMs: number): number {
  return spans.findLast(({ startMs }) => startMs <= atMs)?.offsetMs ?? 0;
}

/** The first moment at which the wall clock shows `wallMs` (a wall time, as if it were UTC) or later. */
function firstFrom(spans: readonly OffsetSpan[], wallMs: number): number {
  for (const [index, { startMs, offsetMs }] of spans.entries()) {
    const moment = Math.max(startMs, wallMs - offsetMs);
    if (moment < (spans[index + 1]?.startMs ?? Number.POSITIVE_INFINITY)) return moment;
  }
  return Number.POSITIVE_INFINITY;
}

/** The moment after the last one at which the wall clock shows earlier than `wallMs`. */
function endBefore(spans: readonly OffsetSpan[], wallMs: number): number {
  for (let index = spans.length - 1; index >= 0; index--) {
    const span = spans[index];
    if (span === undefined || wallMs - span.offsetMs <= span.startMs) continue;
    return Math.min(spans[index + 1]?.startMs ?? Number.POSITIVE_INFINITY, wallMs - span.offsetMs);
  }
  return Number.NEGATIVE_INFINITY;
}

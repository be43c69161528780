/** From `startMs` on the wall clock of a zone is UTC plus `offsetMs`. */
export type OffsetSpan = { startMs: number; offsetMs: number };

const HOUR_MS = 3_600_000;
const SPAN_MS = 96 * HOUR_MS;
const SAMPLE_MS = 12 * HOUR_MS;
const MAX_KEPT = 2_000;

const formats = new Map<string, Intl.DateTimeFormat>();
const spans = new Map<string, readonly OffsetSpan[]>();

/** Keeps a bounded map: what it held is cheap to work out again. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value): Value {
  if (map.size >= MAX_KEPT) map.clear();
  map.set(key, value);
  return value;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  // Zones are known in any case, and none is to be kept twice.
  const key = zone.toLowerCase();
  return (
    formats.get(key) ??
    keep(
      formats,
      key,
      new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        calendar: 'iso8601',
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      }),
    )
  );
}

function offsetAt(zone: string, ms: number): number {
  const wholeMs = Math.floor(ms / 1_000) * 1_000;
  const at: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatOf(zone).formatToParts(wholeMs)) at[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = at;
  return Date.UTC(year, month - 1, day, hour, minute, second) - wholeMs;
}

/** The first whole second from which the later offset holds; it is between the two. */
function changeBetween(zone: string, earlierMs: number, laterMs: number, later: number): number {
  let [low, high] = [earlierMs / 1_000, laterMs / 1_000];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle * 1_000) === later) high = middle;
    else low = middle;
  }
  return high * 1_000;
}

/**
 * The offsets of a zone from four days before `ms` to four days after it, earliest first; the first span has no beginning.
 * Throws a RangeError for a zone that this machine does not know.
 */
export function zoneOffsets(zone: string, ms: number): readonly OffsetSpan[] {
  const hour = Math.floor(ms / HOUR_MS);
  const key = `${zone} ${hour}`;
  const known = spans.get(key);
  if (known) return known;
  const endMs = (hour + 1) * HOUR_MS + SPAN_MS;
  let atMs = hour * HOUR_MS - SPAN_MS;
  let offsetMs = offsetAt(zone, atMs);
  const found: OffsetSpan[] = [{ startMs: Number.NEGATIVE_INFINITY, offsetMs }];
  while (atMs < endMs) {
    const nextMs = Math.min(atMs + SAMPLE_MS, endMs);
    const next = offsetAt(zone, nextMs);
    if (next !== offsetMs) found.push({ startMs: changeBetween(zone, atMs, nextMs, next), offsetMs: next });
    atMs = nextMs;
    offsetMs = next;
  }
  return keep(spans, key, found);
}

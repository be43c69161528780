import { BoundedMap } from '../../support/bounded-map.ts';

// Making a formatter costs more than composing the rest of a message.
const formats = new BoundedMap<string, Intl.DateTimeFormat>(500);

function formatFor(locale: string, timeZone: string): Intl.DateTimeFormat {
  const name = `${locale} ${timeZone}`;
  const known = formats.get(name);
  if (known) return known;
  const made = new Intl.DateTimeFormat(locale, {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
  formats.set(name, made);
  return made;
}

/** `Sat, Nov 21, 2026, 5:08:15 PM CST`, `sam. 21 nov. 2026, 17 h 08 min 15 s HNC`; in UTC where the zone is unknown. */
export function formatTime(locale: string, isoTime: string, timeZone: string | undefined): string {
  const date = new Date(isoTime);
  if (Number.isNaN(date.getTime())) return isoTime;
  return withZone(timeZone, (zone) => formatFor(locale, zone).format(date));
}

function withZone(timeZone: string | undefined, format: (zone: string) => string): string {
  try {
    return format(timeZone ?? 'UTC');
  } catch {
    // A zone this runtime does not know; UTC is always right.
    return format('UTC');
  }
}

/** `45 s`, `4 min 10 s`, `1 h 02 min`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${String(Math.floor((seconds % 3_600) / 60)).padStart(2, '0')} min`;
}

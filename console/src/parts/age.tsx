import { useSyncExternalStore } from 'react';
import { texts } from '../texts/texts.ts';
import { formatMoment } from './moment.tsx';

const SECOND_MS = 1_000;
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let nowMs = Date.now();

function watch(told: () => void): () => void {
  watchers.add(told);
  if (timer === undefined) {
    nowMs = Date.now();
    timer = setInterval(() => {
      nowMs = Date.now();
      for (const each of watchers) each();
    }, SECOND_MS);
  }
  return () => {
    watchers.delete(told);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time as it passes, once a second; one clock for the whole page. */
function useNowMs(): number {
  return useSyncExternalStore(watch, () => nowMs);
}

const MINUTE_MS = 60_000;
const FRESH_MS = 60 * MINUTE_MS;
const notWatched = (): (() => void) => () => undefined;

/** How many minutes a moment is ago while it is fresh; null from an hour on. It changes once a minute, and nothing is drawn in between. */
function useFreshMinutes(at: string): number | null {
  const atMs = Date.parse(at);
  const minutes = (): number | null => {
    const agoMs = Date.now() - atMs;
    // The clock of the platform may go a little before this one.
    return agoMs < -MINUTE_MS || agoMs >= FRESH_MS ? null : Math.max(0, Math.floor(agoMs / MINUTE_MS));
  };
  return useSyncExternalStore(minutes() === null ? notWatched : watch, minutes);
}

/** Beside a moment that is less than an hour ago: how long that is. */
export function Fresh({ at }: { at: string }) {
  const minutes = useFreshMinutes(at);
  if (minutes === null) return null;
  return <span className="fresh"> · {minutes === 0 ? texts.justNow : texts.ago(durationText(minutes * 60))}</span>;
}

/** How long something is ago, or how long it is until then. */
export function Age({ at }: { at: string }) {
  const now = useNowMs();
  const date = new Date(at);
  const seconds = Math.round((now - date.getTime()) / SECOND_MS);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <time dateTime={at} title={formatMoment(date, zone)}>
      {seconds >= 0 ? texts.ago(durationText(seconds)) : texts.inTime(durationText(-seconds))}
    </time>
  );
}

/** `4 s`, `12 min`, `3 h 20 min`, `5 d`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 || minutes >= 10 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d`;
}

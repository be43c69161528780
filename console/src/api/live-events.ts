import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { addressOf } from './client.ts';

/** What happens, as `GET /api/events` names it. */
const TYPES = [
  'call.started',
  'call.routed',
  'call.attempted',
  'call.answered',
  'call.ended',
  'call.flagged',
  'incident.opened',
  'incident.escalated',
  'incident.acknowledged',
  'incident.resolved',
  'incident.reopened',
  'alert.accepted',
  'alert.failed',
  'events.lost',
] as const;
export type LiveEventType = (typeof TYPES)[number];
type Heard = (type: LiveEventType) => void;

const RETRY_MS = 5_000;
/** What happens within a moment is asked for together. */
const GATHER_MS = 150;
/** Events go beside the records, and may be there before them. */
const SETTLE_MS = 1_200;

/** One stream for the whole page, open while somebody listens and the page is seen: browsers allow a server few connections. */
const listeners = new Set<Heard>();
const watchers = new Set<() => void>();
let stream: EventSource | null = null;
let isOpen = false;
let again: ReturnType<typeof setTimeout> | undefined;

function setOpen(next: boolean): void {
  if (isOpen === next) return;
  isOpen = next;
  for (const told of watchers) told();
}

function close(): void {
  clearTimeout(again);
  stream?.close();
  stream = null;
  setOpen(false);
}

function follow(): void {
  if (listeners.size === 0 || document.hidden) return close();
  if (stream !== null) return;
  const opened = new EventSource(addressOf('/api/events'));
  stream = opened;
  opened.addEventListener('open', () => {
    setOpen(true);
    // What happened while nobody listened.
    for (const heard of listeners) heard('events.lost');
  });
  opened.addEventListener('error', () => {
    setOpen(false);
    // A stream that is cut comes back by itself; one that was refused does not.
    if (opened.readyState !== EventSource.CLOSED || stream !== opened) return;
    stream = null;
    clearTimeout(again);
    again = setTimeout(follow, RETRY_MS);
  });
  for (const type of TYPES) {
    opened.addEventListener(type, () => {
      for (const heard of listeners) heard(type);
    });
  }
}

document.addEventListener('visibilitychange', follow);

/** Whether what happens is heard at once; otherwise pages look by themselves from time to time. */
export function useIsLive(): boolean {
  return useSyncExternalStore(
    (told) => {
      watchers.add(told);
      return () => watchers.delete(told);
    },
    () => isOpen,
  );
}

/** Reads these lists anew when something of these kinds happens: `['incident.', 'alert.']`. Both must be constants. */
export function useLiveQueries(kinds: readonly string[], queryKeys: readonly string[]): void {
  const client = useQueryClient();
  useEffect(() => {
    const timers = new Set<ReturnType<typeof setTimeout>>();
    let isGathering = false;
    const later = (delayMs: number, act: () => void): void => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        act();
      }, delayMs);
      timers.add(timer);
    };
    const readAnew = (): void => {
      for (const name of queryKeys) void client.invalidateQueries({ queryKey: [name] });
    };
    const heard: Heard = (type) => {
      if (isGathering || (type !== 'events.lost' && !kinds.some((kind) => type.startsWith(kind)))) return;
      isGathering = true;
      later(GATHER_MS, readAnew);
      later(SETTLE_MS, () => {
        isGathering = false;
        readAnew();
      });
    };
    listeners.add(heard);
    follow();
    return () => {
      listeners.delete(heard);
      for (const timer of timers) clearTimeout(timer);
      follow();
    };
  }, [client, kinds, queryKeys]);
}

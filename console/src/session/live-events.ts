import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { addressOf } from '../api/client.ts';
import { useHasEnded, useMay, useSession } from './session.ts';

/** What the platform tells while it happens, and which lists it makes old. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  call: ['calls', 'alerts', 'incidents', 'elin-bindings'],
  alert: ['alerts', 'calls', 'incidents', 'drills'],
  incident: ['incidents', 'alerts', 'drills'],
};
const TYPES = [
  'call.started',
  'call.routed',
  'call.attempted',
  'call.answered',
  'call.ended',
  'call.flagged',
  'alert.accepted',
  'alert.failed',
  'incident.opened',
  'incident.escalated',
  'incident.acknowledged',
  'incident.resolved',
  'incident.reopened',
  'events.lost',
] as const;
/** Events come in bursts: one look for all of them. */
const GATHER_MS = 150;
/** Events go beside the records, and may be there before them: one more look, a moment later. */
const SETTLE_MS = 1_200;
/** A stream that is cut comes back by itself; one that was refused is asked for again after this. */
const RETRY_MS = 5_000;

const watchers = new Set<() => void>();
let isOpen = false;

function setOpen(next: boolean): void {
  if (isOpen === next) return;
  isOpen = next;
  for (const told of watchers) told();
}

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

/**
 * Lists that stand on the screen are read anew as soon as the platform says that something happened to them; they look by
 * themselves, too, for when the stream is away. A page that nobody sees listens to nothing: browsers allow a server few connections.
 */
export function useLiveEvents(): void {
  const client = useQueryClient();
  const may = useMay();
  const hasEnded = useHasEnded();
  const isAllowed = may('GET /api/events') && !hasEnded;
  const { organization } = useSession();
  // Another organization is another stream.
  const organizationId = organization.id;
  useEffect(() => {
    if (!isAllowed || organizationId === '') return;
    const old = new Set<string>();
    const late = new Set<string>();
    let gathering: ReturnType<typeof setTimeout> | undefined;
    let settling: ReturnType<typeof setTimeout> | undefined;
    let retrying: ReturnType<typeof setTimeout> | undefined;
    let stream: EventSource | undefined;
    const look = (names: Set<string>): void => {
      const lists = new Set(names);
      names.clear();
      void client.invalidateQueries({ predicate: ({ queryKey }) => lists.has(String(queryKey[0])) });
    };
    const hear = ({ type }: { type: string }): void => {
      const lists = LISTS[type.slice(0, type.indexOf('.'))] ?? Object.values(LISTS).flat();
      for (const list of lists) {
        old.add(list);
        late.add(list);
      }
      gathering ??= setTimeout(() => {
        gathering = undefined;
        look(old);
      }, GATHER_MS);
      settling ??= setTimeout(() => {
        settling = undefined;
        look(late);
      }, SETTLE_MS);
    };
    const close = (): void => {
      clearTimeout(retrying);
      stream?.close();
      stream = undefined;
      setOpen(false);
    };
    const open = (): void => {
      close();
      if (document.hidden) return;
      const opened = new EventSource(addressOf('/api/events'));
      stream = opened;
      opened.addEventListener('open', () => {
        setOpen(true);
        // What happened while nobody listened.
        hear({ type: 'events.lost' });
      });
      opened.addEventListener('error', () => {
        setOpen(false);
        if (opened.readyState === EventSource.CLOSED) retrying = setTimeout(open, RETRY_MS);
      });
      for (const type of TYPES) opened.addEventListener(type, hear);
    };
    open();
    document.addEventListener('visibilitychange', open);
    return () => {
      document.removeEventListener('visibilitychange', open);
      close();
      clearTimeout(gathering);
      clearTimeout(settling);
    };
  }, [client, isAllowed, organizationId]);
}

import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { addressOf } from '../api/client.ts';
import { useMay } from './session.ts';

/** What the platform tells while it happens, and which lists it makes old. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  call: ['calls', 'alerts', 'incidents', 'elin-bindings'],
  alert: ['alerts', 'calls', 'incidents'],
  incident: ['incidents'],
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

/**
 * Lists that stand on the screen are read anew as soon as the platform says that something happened to them; they look by
 * themselves, too, for when the stream is away.
 */
export function useLiveEvents(): void {
  const client = useQueryClient();
  const may = useMay();
  const isAllowed = may('GET /api/events');
  useEffect(() => {
    if (!isAllowed) return;
    const old = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      timer = undefined;
      const lists = new Set(old);
      old.clear();
      void client.invalidateQueries({ predicate: ({ queryKey }) => lists.has(String(queryKey[0])) });
    };
    const hear = ({ type }: { type: string }): void => {
      const lists = LISTS[type.slice(0, type.indexOf('.'))] ?? Object.values(LISTS).flat();
      for (const list of lists) old.add(list);
      timer ??= setTimeout(look, GATHER_MS);
    };
    const stream = new EventSource(addressOf('/api/events'));
    for (const type of TYPES) stream.addEventListener(type, hear);
    return () => {
      stream.close();
      clearTimeout(timer);
    };
  }, [client, isAllowed]);
}

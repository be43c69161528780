import { useEffect, useRef } from 'react';

const CHANNEL = 'waymark.signed-in';

/** Where the outside provider leads when one signs in again in a tab of its own. */
export const SIGNED_IN_MARK = '#signed-in';

/** Says in the other tabs of this browser that somebody has signed in. */
export function tellSignedIn(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(null);
  channel.close();
}

/** Told when somebody has signed in in another tab, and whenever one comes back to this one. */
export function useSignedInElsewhere(isAwaited: boolean, told: () => void): void {
  const latest = useRef(told);
  latest.current = told;
  useEffect(() => {
    if (!isAwaited) return;
    const look = (): void => latest.current();
    const channel = new BroadcastChannel(CHANNEL);
    channel.addEventListener('message', look);
    window.addEventListener('focus', look);
    return () => {
      channel.close();
      window.removeEventListener('focus', look);
    };
  }, [isAwaited]);
}

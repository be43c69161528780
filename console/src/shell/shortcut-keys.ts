import { useEffect, useRef, useState } from 'react';
import { keepHere, readKept } from '../parts/kept-here.ts';
import { texts } from '../texts/texts.ts';

const KEY = 'waymark.shortcuts';
const BETWEEN_KEYS_MS = 1_500;
const said = texts.shortcuts.keys;

/** There it is Cmd that does what Ctrl does elsewhere; Ctrl+K cuts the line that one writes. */
export const IS_MAC = /^(Mac|iP)/.test(navigator.platform);

/** Keys that are pressed after `g`, and the page that they open. */
export const GO_KEYS: Readonly<Record<string, { path: string; name: string }>> = {
  h: { path: '/', name: said.home },
  p: { path: '/places', name: said.places },
  c: { path: '/calls', name: said.calls },
  w: { path: '/wire-map', name: said.wireMap },
  m: { path: '/members', name: said.members },
  a: { path: '/alerts', name: said.alerts },
  r: { path: '/routing', name: said.routing },
};

/** Whether keys without Ctrl do something; this browser remembers it (WCAG 2.1.4: they can be turned off). */
export function useSingleKeys(): [boolean, (isOn: boolean) => void] {
  const [isOn, setIsOn] = useState(() => readKept(KEY) !== 'off');
  return [
    isOn,
    (chosen) => {
      keepHere(KEY, chosen ? null : 'off');
      setIsOn(chosen);
    },
  ];
}

/** Whether something is asked that stands over the page. Dialogs of the design system are in the document while they are closed, too. */
const isAsked = (): boolean =>
  document.body.classList.contains('session-over') ||
  [...document.querySelectorAll('[role="dialog"]')].some((dialog) => dialog.getClientRects().length > 0);

/** Whoever writes, chooses, or is asked something, means the field, the list or the dialog. */
const isElsewhere = (target: EventTarget | null): boolean =>
  isAsked() ||
  (target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.closest('form, [role="menu"], [role="listbox"]') !== null ||
      target.matches('input, textarea, select, [role="combobox"], [aria-haspopup="listbox"]')));

/** Does what a key asks for, wherever one is. */
export function useShortcutKeys(
  areSingleOn: boolean,
  does: { find: () => void; list: () => void; go: (path: string) => void },
): void {
  const latest = useRef(does);
  latest.current = does;
  useEffect(() => {
    let goSinceMs = Number.NEGATIVE_INFINITY;
    const onKeyDown = (event: KeyboardEvent): void => {
      const { key, ctrlKey, metaKey, altKey, shiftKey, timeStamp } = event;
      if (event.defaultPrevented || altKey || event.isComposing) return;
      const isGoing = timeStamp - goSinceMs < BETWEEN_KEYS_MS;
      goSinceMs = Number.NEGATIVE_INFINITY;
      if (ctrlKey || metaKey) {
        // A dialog is not left behind with what was written in it.
        if (key.toLowerCase() !== 'k' || shiftKey || isAsked() || (IS_MAC && !metaKey)) return;
        event.preventDefault();
        latest.current.find();
        return;
      }
      if (!areSingleOn || isElsewhere(event.target)) return;
      const to = isGoing ? GO_KEYS[key] : undefined;
      if (to !== undefined) latest.current.go(to.path);
      else if (key === '/') latest.current.find();
      else if (key === '?') latest.current.list();
      else {
        if (key === 'g') goSinceMs = timeStamp;
        return;
      }
      event.preventDefault();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [areSingleOn]);
}

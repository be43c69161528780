import { useEffect, useState } from 'react';
import { useLocation } from 'react-router';

const TYPING_MS = 250;

/** What is being typed, and what takes it; once one pauses, `tell` hears of it, without blanks around it. */
export function useTyped(text: string, tell: (typed: string) => void): [string, (typed: string) => void] {
  const [typed, setTyped] = useState(text);
  const { pathname } = useLocation();
  // A blank at the end is on the way to the next word: it stays while one types.
  useEffect(() => setTyped((before) => (before.trim() === text ? before : text)), [text]);
  useEffect(() => {
    if (typed.trim() === text.trim()) return;
    const timer = setTimeout(() => {
      // Whoever has followed a link meanwhile is on the way to another page, and is not called back.
      if (window.location.pathname === pathname) tell(typed.trim());
    }, TYPING_MS);
    return () => clearTimeout(timer);
  });
  return [typed, setTyped];
}

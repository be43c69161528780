import { applyMode, Mode } from '@cloudscape-design/global-styles';
import { useEffect, useState } from 'react';
import { keepHere, readKept } from '../parts/kept-here.ts';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'waymark.theme';
const prefersDark = window.matchMedia('(prefers-color-scheme: dark)');

function readTheme(): Theme {
  const kept = readKept(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

function apply(theme: Theme): void {
  const isDark = theme === 'dark' || (theme === 'system' && prefersDark.matches);
  applyMode(isDark ? Mode.Dark : Mode.Light);
}

/** Light or dark: as chosen in this browser, else as the system says, also when that changes. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(readTheme);
  useEffect(() => {
    apply(theme);
    const follow = (): void => apply(theme);
    prefersDark.addEventListener('change', follow);
    return () => prefersDark.removeEventListener('change', follow);
  }, [theme]);
  return [
    theme,
    (chosen) => {
      keepHere(KEY, chosen);
      setTheme(chosen);
    },
  ];
}

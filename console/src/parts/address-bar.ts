import { useSearchParams } from 'react-router';

/** What stands in the address bar, with changes; an empty value takes its parameter out. */
export function withChanges(before: URLSearchParams, changes: Readonly<Record<string, string>>): URLSearchParams {
  const next = new URLSearchParams(before);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') next.delete(name);
    else next.set(name, value);
  }
  return next;
}

/** `isStep`: the way back leads to what stood there before. */
export type ChangeAddress = (changes: Readonly<Record<string, string>>, isStep?: boolean) => void;

/** The parameters of the address bar, and how one changes some of them. */
export function useAddressBar(): [URLSearchParams, ChangeAddress] {
  const [search, setSearch] = useSearchParams();
  return [
    search,
    (changes, isStep = false) => setSearch((before) => withChanges(before, changes), { replace: !isStep }),
  ];
}

/** What one list calls its parameters where several stand on a page: `rooms.page`. Without a name, as they are. */
export function parameterOf(list: string | null): (name: string) => string {
  return (name) => (list === null ? name : `${list}.${name}`);
}

/** The same changes, by the names that they have in the address bar. */
export function changesOf(list: string | null, changes: Readonly<Record<string, string>>): Record<string, string> {
  const named = parameterOf(list);
  return Object.fromEntries(Object.entries(changes).map(([name, value]) => [named(name), value]));
}

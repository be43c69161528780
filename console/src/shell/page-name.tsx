import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';

const NameContext = createContext<string | undefined>(undefined);
const SetNameContext = createContext<(name: string | undefined) => void>(() => undefined);

export function PageNameProvider({ children }: { children: ReactNode }) {
  const [name, setName] = useState<string>();
  return (
    <SetNameContext.Provider value={setName}>
      <NameContext.Provider value={name}>{children}</NameContext.Provider>
    </SetNameContext.Provider>
  );
}

/** What a page that is about one thing calls it, as soon as it knows: the title of the window and the crumbs say it. */
export function usePageName(name: string | undefined): void {
  const setName = useContext(SetNameContext);
  useEffect(() => {
    setName(name);
    return () => setName(undefined);
  }, [name, setName]);
}

export const useShownPageName = (): string | undefined => useContext(NameContext);

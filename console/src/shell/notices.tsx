import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';

type Notice = { type: 'success' | 'info' | 'warning' | 'error'; content: ReactNode; action?: ReactNode };

let made = 0;

const NoticeContext = createContext<(notice: Notice) => void>(() => undefined);
const ItemsContext = createContext<readonly FlashbarProps.MessageDefinition[]>([]);

/** Says what happened at the top of the page, to screen readers too, until it is dismissed. */
export const useNotify = (): ((notice: Notice) => void) => useContext(NoticeContext);

export function NoticeProvider({ children }: { children: ReactNode }) {
  const [items, setItems] = useState<FlashbarProps.MessageDefinition[]>([]);
  const notify = useCallback((notice: Notice) => {
    // `crypto.randomUUID` is there over https alone.
    made += 1;
    const id = String(made);
    const dismiss = (): void => setItems((all) => all.filter((item) => item.id !== id));
    // The latest stands in front of the others.
    setItems((all) => [{ ...notice, id, dismissible: true, onDismiss: dismiss }, ...all.slice(0, 4)]);
  }, []);
  const shown = useMemo(() => items, [items]);
  return (
    <NoticeContext.Provider value={notify}>
      <ItemsContext.Provider value={shown}>{children}</ItemsContext.Provider>
    </NoticeContext.Provider>
  );
}

export function Notices() {
  return <Flashbar stackItems items={[...useContext(ItemsContext)]} />;
}

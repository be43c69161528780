import { createContext, useContext } from 'react';

/** What stands there, its version, and where it is changed. */
export type Standing<Value> = { value: Value; version: string | null; address: string };

/** How a form goes on when somebody else has changed meanwhile what it changes. */
export type Editing = {
  /** What the form began with. */
  first: unknown;
  /** The same or, once its user went on knowing what others changed, what stood there then. */
  known: unknown;
  /** What stands there now. */
  look: () => Promise<Standing<unknown>>;
  /** The form begins again with what stands there. */
  takeTheirs: () => void;
  /** What is typed replaces that version. */
  goOn: (from: Standing<unknown>) => void;
};

export const EditingContext = createContext<Editing | null>(null);

/** What a form that sends only what it changes compares with: what its user knows to stand there. */
export function useKnown<Value>(began: Value): Value {
  const editing = useContext(EditingContext);
  return editing === null || began === undefined || began === null ? began : (editing.known as Value);
}

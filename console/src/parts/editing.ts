import { createContext } from 'react';

/** What stands there, its version, and where it is changed. */
export type Standing<Value> = { value: Value; version: string | null; address: string };

/** How a form goes on when somebody else has changed meanwhile what it changes. */
export type Editing = {
  /** What the form began with. */
  first: unknown;
  /** What stands there now. */
  look: () => Promise<Standing<unknown>>;
  /** The form begins again with what stands there. */
  takeTheirs: () => void;
  /** What is typed replaces that version. */
  goOn: (from: Standing<unknown>) => void;
};

export const EditingContext = createContext<Editing | null>(null);

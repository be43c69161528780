import { createContext, type ReactNode, useContext } from 'react';

type Parts = Readonly<Record<'header' | 'filter' | 'pagination' | 'preferences' | 'empty', ReactNode>>;

const PartsContext = createContext<Parts | null>(null);

/** What stands around the rows of a table: it changes without the rows being drawn anew. */
export const PartsProvider = PartsContext.Provider;

export function Part({ name }: { name: keyof Parts }) {
  return useContext(PartsContext)?.[name];
}

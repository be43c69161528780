/** What a page of a list is asked by; the platform finds, sorts and cuts. */
export type ListRequest = {
  start: number;
  max: number;
  /** Where the page before ended, for lists that grow while one reads them. */
  before: string | undefined;
  text: string;
  filters: Readonly<Record<string, string>>;
  /** The word of a column, with a minus before it downwards; undefined: in the list's own order. */
  sort: string | undefined;
};

/** `nextBefore`: where the next page begins, in lists that are read that way. */
export type ListPage<Item> = { items: readonly Item[]; hasMore: boolean; nextBefore?: string | undefined };

import type { Queryable } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import { createMemberBook, type MemberBook, type MemberRows } from './member-book.ts';
import { selectAllMemberRows, selectMemberRows } from './member-records.ts';

export type MembersIndex = {
  books: ReadonlyMap<string, MemberBook>;
  /** Number to the organization that holds it. */
  holders: ReadonlyMap<string, string>;
};

/** Members and numbers in memory, for calls. */
export function membersSnapshot(db: Queryable): SnapshotDefinition<MemberRows, MembersIndex> {
  return {
    name: 'members',
    version: 1,
    kinds: ['members'],
    loadAll: () => selectAllMemberRows(db),
    loadOne: (organizationId) => selectMemberRows(db, organizationId),
    build(rows, previous, changed) {
      if (!previous || !changed) {
        const books = new Map([...rows].map(([organizationId, row]) => [organizationId, createMemberBook(row)]));
        const holders = new Map<string, string>();
        for (const [organizationId, book] of books) {
          for (const number of book.numbers.keys()) holders.set(number, organizationId);
        }
        return { books, holders };
      }
      const books = new Map(previous.books);
      const holders = new Map(previous.holders);
      // All that went goes first: a number can move between two organizations that changed together.
      for (const organizationId of changed) {
        for (const number of books.get(organizationId)?.numbers.keys() ?? []) holders.delete(number);
        books.delete(organizationId);
      }
      for (const organizationId of changed) {
        const row = rows.get(organizationId);
        if (!row) continue;
        const book = createMemberBook(row);
        books.set(organizationId, book);
        for (const number of book.numbers.keys()) holders.set(number, organizationId);
      }
      return { books, holders };
    },
  };
}

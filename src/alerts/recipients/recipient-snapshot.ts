import type { Database } from '../../storage/database.ts';
import type { SnapshotDefinition } from '../../storage/snapshot.ts';
import type { AlertGroup, AlertRecipient } from './alert-recipient.ts';
import type { AlertRule } from './alert-rule.ts';
import { selectGroups } from './group-records.ts';
import { selectRecipients } from './recipient-records.ts';
import { selectRules } from './rule-records.ts';

type Rows = { recipients: AlertRecipient[]; groups: AlertGroup[]; rules: AlertRule[] };

/** What one organization set up, by id; rules in the order of their names. */
export type RecipientBook = {
  recipients: ReadonlyMap<string, AlertRecipient>;
  groups: ReadonlyMap<string, AlertGroup>;
  rules: readonly AlertRule[];
  /** By the id of their place; null: those of the organization. */
  rulesByPlace: ReadonlyMap<string | null, readonly AlertRule[]>;
};

/** By organization. */
export type RecipientIndex = ReadonlyMap<string, RecipientBook>;

/** Finds what was set up by id and by place. */
export function bookOf({ recipients, groups, rules }: Rows): RecipientBook {
  return {
    recipients: new Map(recipients.map((recipient) => [recipient.id, recipient])),
    groups: new Map(groups.map((group) => [group.id, group])),
    rules,
    rulesByPlace: Map.groupBy(rules, ({ place }) => place.id),
  };
}

/** Recipients, groups and rules in memory and on disk: who is told is found without the database. */
export function recipientSnapshotDefinition(database: Database): SnapshotDefinition<Rows, RecipientIndex> {
  async function load(organizationId?: string): Promise<Map<string, Rows>> {
    // One moment of all tables: a rule never names a recipient that is not there.
    return database.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (tx) => {
        const rows = new Map<string, Rows>();
        const rowsOf = (id: string): Rows => {
          const known = rows.get(id);
          if (known) return known;
          const added: Rows = { recipients: [], groups: [], rules: [] };
          rows.set(id, added);
          return added;
        };
        for (const { organizationId: id, ...recipient } of await selectRecipients(tx, { organizationId })) {
          rowsOf(id).recipients.push(recipient);
        }
        for (const { organizationId: id, ...group } of await selectGroups(tx, { organizationId })) {
          rowsOf(id).groups.push(group);
        }
        for (const { organizationId: id, ...rule } of await selectRules(tx, { organizationId })) {
          rowsOf(id).rules.push(rule);
        }
        return rows;
      });
  }

  return {
    name: 'alert-recipients',
    version: 1,
    kinds: ['alert-recipients'],
    loadAll: () => load(),
    loadOne: async (key) => (await load(key)).get(key) ?? null,
    build(rows, previous, changed) {
      const books = new Map<string, RecipientBook>();
      for (const [id, stored] of rows) {
        const kept = changed?.has(id) === false ? previous?.get(id) : undefined;
        books.set(id, kept ?? bookOf(stored));
      }
      return books;
    },
  };
}

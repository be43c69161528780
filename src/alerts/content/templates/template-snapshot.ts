import type { Database } from '../../../storage/database.ts';
import type { SnapshotDefinition } from '../../../storage/snapshot.ts';
import { compileTemplate } from './compile-template.ts';
import { type CompiledTemplate, type TemplateKey, type TemplateText, templateName } from './template.ts';
import { type StoredTemplate, selectNewestTemplates } from './template-records.ts';

type Row = { key: TemplateKey; text: TemplateText };

/** The words of every organization, in memory and on disk, so that they are used without the database. */
export type TemplateIndex = {
  /** Undefined where the organization wrote nothing. Throws where what it wrote cannot be parsed. */
  find(organizationId: string, key: TemplateKey): CompiledTemplate | undefined;
  hasAny(organizationId: string): boolean;
};

export function templateSnapshotDefinition(database: Database): SnapshotDefinition<Row[], TemplateIndex> {
  return {
    name: 'alert-templates',
    version: 1,
    kinds: ['alert-templates'],
    async loadAll() {
      const rows = new Map<string, Row[]>();
      for (const [organizationId, stored] of Map.groupBy(
        await selectNewestTemplates(database.db),
        (one) => one.organizationId,
      )) {
        const own = ownRows(stored);
        if (own.length > 0) rows.set(organizationId, own);
      }
      return rows;
    },
    async loadOne(organizationId) {
      const own = ownRows(await selectNewestTemplates(database.db, organizationId));
      return own.length === 0 ? null : own;
    },
    build: (rows) => buildIndex(rows),
  };
}

function ownRows(stored: readonly StoredTemplate[]): Row[] {
  return stored.flatMap(({ key, newest: { text } }) => (text === null ? [] : [{ key, text }]));
}

function buildIndex(rows: ReadonlyMap<string, readonly Row[]>): TemplateIndex {
  // Of most organizations no call ever comes: templates are compiled when they are first wanted.
  const books = new Map<string, Map<string, { row: Row; compiled?: CompiledTemplate }>>();
  return {
    hasAny: (organizationId) => rows.has(organizationId),
    find(organizationId, key) {
      let book = books.get(organizationId);
      if (!book) {
        book = new Map((rows.get(organizationId) ?? []).map((row) => [templateName(row.key), { row }]));
        books.set(organizationId, book);
      }
      const entry = book.get(templateName(key));
      if (!entry) return undefined;
      entry.compiled ??= compileTemplate(entry.row.key.channel, entry.row.text);
      return entry.compiled;
    },
  };
}

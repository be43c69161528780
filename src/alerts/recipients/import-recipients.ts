import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { AlertLanguage } from '../../domain/alert-trigger.ts';
import type { FieldFaults } from '../../domain/field-faults.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import { newId } from '../../support/ids.ts';
import type { AlertRecipient } from './alert-recipient.ts';
import { changeRecipients, type ManagementDeps } from './change-recipients.ts';
import { createEndpointCheck } from './check-endpoints.ts';
import { nameKey } from './name-key.ts';
import { type NewRecipient, readRecipientFields } from './read-recipient.ts';
import {
  RECIPIENT_COLUMNS,
  type RecipientCells,
  type RowFault,
  readEndpointCell,
  readRecipientFile,
  readScheduleCell,
  writeRecipientRow,
} from './recipient-csv.ts';
import type { RecipientFilter } from './recipient-records.ts';
import {
  insertRecipients,
  selectFoundRecipientIds,
  selectRecipients,
  updateRecipientRow,
} from './recipient-records.ts';

export type ImportedRecipient = { id: string; name: string };

/** What an import changed, or would change; of each list the first 1,000. */
export type RecipientImport = {
  dryRun: boolean;
  counts: { added: number; changed: number; unchanged: number; errors: number };
  added: ImportedRecipient[];
  /** `fields` are what differs. */
  changed: (ImportedRecipient & { fields: string[] })[];
  errors: RowFault[];
};

type Planned = { line: number; recipient: AlertRecipient; before: AlertRecipient | undefined; fields: string[] };

const MAX_LISTED = 1_000;
const ROWS_PER_TURN = 200;
const PAGE = 1_000;

/** Recipients from CSV, all rows or none, and as CSV again; importing what was exported changes nothing. */
export function createRecipientFiles(deps: ManagementDeps) {
  return {
    /** Rows are matched by id, else by name. Throws `malformed`, `too-large` or `invalid` (`fields` are line and column). */
    async importRecipients(
      scope: Scope,
      csvText: string,
      { dryRun = false }: { dryRun?: boolean | undefined } = {},
    ): Promise<RecipientImport> {
      const { organizationId } = scope;
      const errors: RowFault[] = [];
      let errorCount = 0;
      const fault = (one: RowFault): void => {
        errorCount += 1;
        if (errors.length < MAX_LISTED) errors.push(one);
      };
      const file = await readRecipientFile(csvText, fault);
      const work = async (tx: Parameters<Parameters<typeof changeRecipients>[3]>[0], now: Date) => {
        const present = await selectRecipients(tx, { organizationId });
        const known = new Map(present.map(({ organizationId: _own, ...one }) => [one.id, one]));
        const byName = new Map(present.map(({ id, name }) => [nameKey(name), id]));
        const checkEndpoints = createEndpointCheck(tx, organizationId);
        const plans: Planned[] = [];
        const lineOfId = new Map<string, number>();
        const lineOfName = new Map<string, number>();
        for (const [place, row] of file.entries()) {
          const { line } = row;
          if (place % ROWS_PER_TURN === 0) await nextTurn();
          const faults = faultsOfRow(line, fault);
          const plan = planRow(row, known, byName, faults);
          if (plan === undefined) continue;
          if (plan.before === undefined || plan.fields.includes('endpoints')) {
            await checkEndpoints(plan.recipient.endpoints, faults);
          }
          once(lineOfId, plan.recipient.id, line, (earlier) => faults.add('id', `is the same as in line ${earlier}`));
          once(lineOfName, nameKey(plan.recipient.name), line, (earlier) =>
            faults.add('name', `is the same as in line ${earlier}`),
          );
          plans.push(plan);
        }
        // A name that a row gives up, another may take.
        for (const { line, recipient } of plans) {
          const holder = byName.get(nameKey(recipient.name));
          if (holder !== undefined && holder !== recipient.id && !lineOfId.has(holder)) {
            fault({ line, column: 'name', message: `another recipient has it: ${holder}` });
          }
        }
        const added = plans.filter(({ before }) => before === undefined);
        const changed = plans.filter(({ fields }) => fields.length > 0);
        const result: RecipientImport = {
          dryRun,
          counts: {
            added: added.length,
            changed: changed.length,
            unchanged: plans.length - added.length - changed.length,
            errors: errorCount,
          },
          added: added.slice(0, MAX_LISTED).map(({ recipient }) => briefOf(recipient)),
          changed: changed.slice(0, MAX_LISTED).map(({ recipient, fields }) => ({ ...briefOf(recipient), fields })),
          errors,
        };
        if (errorCount > 0) {
          if (dryRun) return { result, entry: null };
          throw new ProblemError('invalid', `${errorCount} faults in the file; nothing was changed`, {
            fields: errors.map(({ line, column, message }) => ({ path: `${line}:${column}`, message })),
          });
        }
        const renamed = changed.filter(({ fields }) => fields.includes('name'));
        // Names are given up before others take them.
        for (const { recipient } of renamed) {
          await updateRecipientRow(tx, organizationId, { ...recipient, name: recipient.id }, now);
        }
        for (const { recipient } of changed) await updateRecipientRow(tx, organizationId, recipient, now);
        await insertRecipients(
          tx,
          organizationId,
          added.map(({ recipient }) => recipient),
          now,
        );
        const { counts } = result;
        const entry = {
          action: 'alert-recipient.imported',
          subject: 'alert recipients',
          detail: { counts, added: result.added, changed: result.changed },
        };
        return { result, entry: added.length + changed.length > 0 ? entry : null };
      };
      return changeRecipients(deps, scope, 'recipient', work, { dryRun });
    },

    /** Those that the filter leaves, in its order. */
    async exportRecipients(scope: Scope, filter: RecipientFilter = {}): Promise<string> {
      const lines = [RECIPIENT_COLUMNS.join(',')];
      const { organizationId } = scope;
      const { db } = deps.database;
      // Who they are is read at once: whoever is renamed or removed meanwhile moves nobody else out of the page that comes next.
      const all = await selectFoundRecipientIds(db, organizationId, filter);
      for (let start = 0; start < all.length; start += PAGE) {
        const ids = all.slice(start, start + PAGE);
        const found = new Map((await selectRecipients(db, { organizationId, ids })).map((one) => [one.id, one]));
        for (const one of ids.flatMap((id) => found.get(id) ?? [])) lines.push(writeRecipientRow(one));
      }
      return `${lines.join('\r\n')}\r\n`;
    },
  };
}

type RowFaults = FieldFaults & { readonly isFaulty: boolean };

/** Faults of fields as faults of a row: the column is what the path begins with. */
function faultsOfRow(line: number, fault: (one: RowFault) => void): RowFaults {
  let isFaulty = false;
  return {
    add(path, message) {
      isFaulty = true;
      const [column = '', ...inside] = path.split('.');
      fault({ line, column, message: inside.length > 0 ? `${inside.join('.')} ${message}` : message });
    },
    throwIfAny: () => undefined,
    get isFaulty() {
      return isFaulty;
    },
  };
}

/** Reads one row against what is there; undefined after a fault. */
function planRow(
  { line, cells }: RecipientCells,
  known: ReadonlyMap<string, AlertRecipient>,
  byName: ReadonlyMap<string, string>,
  faults: RowFaults,
): Planned | undefined {
  const id = cells.id?.toLowerCase() ?? '';
  const before = known.get(id === '' ? (byName.get(nameKey(cells.name ?? '')) ?? '') : id);
  if (id !== '' && before === undefined) faults.add('id', `there is no alert recipient ${id.slice(0, 64)}`);
  const given: NewRecipient = {
    ...(before ?? { name: '', endpoints: [] }),
    ...(cells.name !== undefined && { name: cells.name }),
    ...(cells.language !== undefined && { language: (cells.language || 'en') as AlertLanguage }),
    ...(cells.timeZone !== undefined && { timeZone: cells.timeZone }),
    ...(cells.endpoints !== undefined && { endpoints: readEndpointCell(cells.endpoints) }),
    ...(cells.schedule !== undefined && {
      schedule: readScheduleCell(cells.schedule, (message) => faults.add('schedule', message)),
    }),
  };
  const recipient = readRecipientFields(before?.id ?? newId(), given, faults);
  if (faults.isFaulty) return undefined;
  const fields = (['name', 'language', 'timeZone', 'endpoints', 'schedule'] as const).filter(
    (field) => before !== undefined && !isDeepStrictEqual(recipient[field], before[field]),
  );
  return { line, recipient, before, fields };
}

function once(known: Map<string, number>, key: string, line: number, tell: (earlier: number) => void): void {
  const earlier = known.get(key);
  if (earlier === undefined) known.set(key, line);
  else tell(earlier);
}

function briefOf({ id, name }: AlertRecipient): ImportedRecipient {
  return { id, name };
}

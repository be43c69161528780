import { ProblemError } from '../domain/problem.ts';
import { type Edit, type Scope, shownOutsider } from '../domain/scope.ts';
import type { Database, Queryable, Transaction } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import {
  type AuditFilter,
  type AuditRow,
  insertAuditRow,
  selectAuditRows,
  selectNewestAbout,
  type VersionOf,
} from './audit-records.ts';
import { type ExportFormat, exportEntries } from './export-entries.ts';
import { omitSecrets } from './omit-secrets.ts';

export type { AuditFilter, VersionOf } from './audit-records.ts';
export type { ExportFormat } from './export-entries.ts';

/** Who acts: a request's scope, or a name for what the platform does by itself. */
export type Actor = Pick<Scope, 'tokenId' | 'trackingId' | 'remoteAddress'> &
  Partial<Pick<Scope, 'role' | 'homeOrganizationId' | 'label' | 'edit'>> & { organizationId: string | null };

export type AuditEntry = {
  /** `account.created`, `location.stage-completed` … */
  action: string;
  /** What was changed: `location <uuid>`. */
  subject: string;
  /** The values that the change touches, as they were; null or absent = there was nothing. */
  before?: object | null | undefined;
  /** The same values as they are now; null or absent = there is nothing any more. */
  after?: object | null | undefined;
  /** What else is worth knowing: counts, reasons. Never a secret, as before and after. */
  detail?: object | undefined;
};

/** An entry as it is shown: dates as ISO 8601. */
export type AuditEntryView = Omit<AuditRow, 'at' | 'organizationId'> & { at: string };

/** The append-only trail: who changed what, before and after, when, from where; written in the transaction of the change. */
export type Audit = {
  /**
   * Throws `changed-meanwhile` where the actor brings an edit (`Scope.edit`) of a version that is not the newest: who was before and
   * when. Whoever changes something that has versions locks it before it is recorded, so that nobody comes in between.
   */
  record(tx: Transaction, actor: Actor, entry: AuditEntry): Promise<void>;
  /** The newest entry about something, which stands for how it is now; `0`: there is none. */
  versionOf(organizationId: string | null, about: VersionOf): Promise<string>;
  /** Throws `changed-meanwhile` as `record` does, of a change that was refused for another reason; not of what has no entry. */
  requireNewest(organizationId: string | null, edit: Edit): Promise<void>;
  /** Newest first unless told, at most `max`. `organizationId` null = what belongs to the platform. */
  list(organizationId: string | null, options: AuditFilter & { max: number }): Promise<AuditEntryView[]>;
  /** Everything the filter finds, newest first unless told, as text that is made as it is read; so it ends with what was there at the start. */
  export(organizationId: string | null, filter: AuditFilter, format: ExportFormat): AsyncIterable<string>;
};

const EXPORT_PAGE = 1_000;
/** The version of what was never changed. */
const NEVER_CHANGED = '0';

function isAbout({ actions, subjects }: Edit, { action, subject }: AuditEntry): boolean {
  return subjects.includes(subject) && (actions === undefined || actions.includes(action));
}

/** Who did that, as far as those of the organization may know. */
function whoDid({ actor, actorLabel, actorRole }: AuditRow): string {
  if (actorLabel !== null) return actorLabel;
  return shownOutsider(actorRole) ?? actor;
}

async function requireNewest(db: Queryable, organizationId: string | null, edit: Edit): Promise<void> {
  if (edit.expected === undefined) return;
  const newest = await selectNewestAbout(db, organizationId, edit);
  if (edit.expected.has(newest?.sequence ?? NEVER_CHANGED)) return;
  const who = newest ? whoDid(newest) : 'somebody';
  const when = newest?.at.toISOString() ?? '';
  throw new ProblemError(
    'changed-meanwhile',
    `${who} changed this ${when === '' ? 'meanwhile' : `at ${when}`}: read it again, or change it whatever stands there with If-Match: *`,
    {
      fields: [
        { path: 'changedBy', message: who },
        { path: 'changedAt', message: when },
        { path: 'action', message: newest?.action ?? '' },
      ],
    },
  );
}

function toView({ organizationId: _own, at, ...row }: AuditRow): AuditEntryView {
  return { ...row, at: at.toISOString() };
}

export function createAudit(deps: { database: Database; clock: Clock }): Audit {
  const list: Audit['list'] = async (organizationId, { max, ...filter }) =>
    (await selectAuditRows(deps.database.db, organizationId, filter, max)).map(toView);

  // Page after page: from the newest to the oldest, what is written meanwhile does not prolong it.
  async function* pages(organizationId: string | null, filter: AuditFilter): AsyncGenerator<readonly AuditEntryView[]> {
    let { beforeSequence, afterSequence } = filter;
    for (;;) {
      const page = await list(organizationId, { ...filter, beforeSequence, afterSequence, max: EXPORT_PAGE });
      if (page.length > 0) yield page;
      if (page.length < EXPORT_PAGE) return;
      if (filter.sort === 'at') afterSequence = page.at(-1)?.sequence;
      else beforeSequence = page.at(-1)?.sequence;
    }
  }

  return {
    async record(tx, actor, entry) {
      const { edit } = actor;
      const isEdit = edit !== undefined && isAbout(edit, entry);
      if (isEdit && edit.written === undefined) await requireNewest(tx, actor.organizationId, edit);
      const sequence = await insertAuditRow(tx, {
        organizationId: actor.organizationId,
        at: new Date(deps.clock.nowMs()),
        actor: actor.tokenId,
        actorLabel: actor.homeOrganizationId === actor.organizationId ? (actor.label ?? null) : null,
        actorRole: actor.role ?? null,
        actorOrganizationId: actor.homeOrganizationId ?? null,
        remoteAddress: actor.remoteAddress ?? null,
        action: entry.action,
        subject: entry.subject,
        before: omitSecrets(entry.before ?? null) as AuditRow['before'],
        after: omitSecrets(entry.after ?? null) as AuditRow['after'],
        detail: omitSecrets(entry.detail ?? {}) as AuditRow['detail'],
        trackingId: actor.trackingId,
      });
      if (isEdit) edit.written = sequence;
    },
    versionOf: async (organizationId, about) =>
      (await selectNewestAbout(deps.database.db, organizationId, about))?.sequence ?? NEVER_CHANGED,
    async requireNewest(organizationId, edit) {
      const { db } = deps.database;
      if (await selectNewestAbout(db, organizationId, edit)) await requireNewest(db, organizationId, edit);
    },
    list,
    export: (organizationId, filter, format) => exportEntries(pages(organizationId, filter), format),
  };
}

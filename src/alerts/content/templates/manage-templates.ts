import type { Audit } from '../../../audit/audit.ts';
import { ProblemError } from '../../../domain/problem.ts';
import { type Scope, shownActor } from '../../../domain/scope.ts';
import { announceChange } from '../../../storage/change-feed.ts';
import { isUniqueViolation } from '../../../storage/constraint-violation.ts';
import type { Database, Transaction } from '../../../storage/database.ts';
import type { Clock } from '../../../support/clock.ts';
import type { AlertContext } from '../alert-context.ts';
import { defaultTemplate } from './default-template.ts';
import { previewTemplate } from './preview-template.ts';
import { TEMPLATE_KEYS, type TemplateKey, type TemplateText, type TemplateVersion, templateName } from './template.ts';
import {
  deleteVersionsBefore,
  insertVersion,
  selectNewestTemplates,
  selectVersion,
  selectVersions,
} from './template-records.ts';

/** Versions of one template that are kept. */
const MAX_VERSIONS = 50;

/** One template in a list. */
export type TemplateItem = TemplateKey & {
  isDefault: boolean;
  /** 0: never changed. */
  version: number;
  changedBy: string | null;
  changedAt: string | null;
  /** Why ours went out instead, since this node started; null: it never did. */
  lastFault: TemplateFault | null;
};

export type TemplateFault = { at: string; fault: string };

/** One template with what it says. */
export type TemplateView = TemplateItem & {
  text: TemplateText;
  /** What ours says, to start from. */
  defaultText: TemplateText;
  warnings: readonly string[];
};

export type ManageTemplatesDeps = {
  database: Database;
  audit: Audit;
  clock: Pick<Clock, 'nowMs'>;
  sampleContext(): AlertContext;
  lastFault(organizationId: string, key: TemplateKey): TemplateFault | null;
};

/** The words of an organization: read, changed, put back. */
export function createTemplateManagement(deps: ManageTemplatesDeps) {
  const { database, audit, clock } = deps;

  function itemOf(scope: Scope, key: TemplateKey, newest: TemplateVersion | undefined): TemplateItem {
    return {
      ...key,
      isDefault: !newest?.text,
      version: newest?.version ?? 0,
      changedBy: newest?.changedBy ?? null,
      changedAt: newest?.changedAt ?? null,
      lastFault: deps.lastFault(scope.organizationId, key),
    };
  }

  function viewOf(scope: Scope, key: TemplateKey, newest: TemplateVersion | undefined): TemplateView {
    const defaultText = defaultTemplate(key);
    const text = newest?.text ?? null;
    return {
      ...itemOf(scope, key, newest),
      text: text ?? defaultText,
      defaultText,
      warnings: text === null ? [] : previewTemplate(key, text, deps.sampleContext()).warnings,
    };
  }

  function requireFaultless(key: TemplateKey, text: TemplateText): void {
    const { faults } = previewTemplate(key, text, deps.sampleContext());
    if (faults.length > 0) throw new ProblemError('invalid', 'the template cannot be used', { fields: faults });
  }

  /** Writes a version after the newest, where `textOf` tells one. */
  async function write(
    scope: Scope,
    key: TemplateKey,
    action: string,
    textOf: (tx: Transaction, newest: TemplateVersion | undefined) => Promise<TemplateText | null>,
  ): Promise<TemplateView> {
    const { organizationId } = scope;
    try {
      return await database.db.transaction().execute(async (tx) => {
        const [newest] = await selectVersions(tx, organizationId, key, 1);
        const text = await textOf(tx, newest);
        if (isSame(text, newest?.text ?? null)) return viewOf(scope, key, newest);
        const next: TemplateVersion = {
          version: (newest?.version ?? 0) + 1,
          text,
          changedBy: scope.personId ?? shownActor(scope),
          changedAt: new Date(clock.nowMs()).toISOString(),
        };
        await insertVersion(tx, organizationId, key, next);
        await deleteVersionsBefore(tx, organizationId, key, next.version - MAX_VERSIONS + 1);
        await audit.record(tx, scope, {
          action,
          subject: `alert template ${templateName(key)}`,
          before: newest?.text ?? null,
          after: text,
        });
        await announceChange(tx, 'alert-templates', organizationId);
        return viewOf(scope, key, next);
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new ProblemError('conflict', 'somebody else changed the template at this moment', { cause: error });
    }
  }

  return {
    /** Every template that there can be, changed or not. */
    async list(scope: Scope): Promise<TemplateItem[]> {
      const stored = await selectNewestTemplates(database.db, scope.organizationId);
      const newest = new Map(stored.map((one) => [templateName(one.key), one.newest]));
      return TEMPLATE_KEYS.map((key) => itemOf(scope, key, newest.get(templateName(key))));
    },
    async read(scope: Scope, key: TemplateKey): Promise<TemplateView> {
      const [newest] = await selectVersions(database.db, scope.organizationId, key, 1);
      return viewOf(scope, key, newest);
    },
    /** Newest first; the last 50. */
    versions: (scope: Scope, key: TemplateKey): Promise<TemplateVersion[]> =>
      selectVersions(database.db, scope.organizationId, key, MAX_VERSIONS),
    /** Problems: `invalid` (with line and column), `conflict`. */
    async save(scope: Scope, key: TemplateKey, text: TemplateText): Promise<TemplateView> {
      requireFaultless(key, text);
      return write(scope, key, 'alert-template.saved', () => Promise.resolve(text));
    },
    /** Back to the words of ours. Problems: `conflict`. */
    reset: (scope: Scope, key: TemplateKey): Promise<TemplateView> =>
      write(scope, key, 'alert-template.reset', () => Promise.resolve(null)),
    /**
     * Back to `version`, or to what was said before the newest. Problems: `not-found` (no such version), `invalid` (what it says
     * cannot be used any more), `conflict`.
     */
    undo: (scope: Scope, key: TemplateKey, version?: number): Promise<TemplateView> =>
      write(scope, key, 'alert-template.undone', async (tx, newest) => {
        if (newest === undefined) throw new ProblemError('not-found', 'this template was never changed');
        const wanted = version ?? newest.version - 1;
        // Before the first version the words of ours counted.
        if (wanted === 0) return null;
        const found = await selectVersion(tx, scope.organizationId, key, wanted);
        if (!found) throw new ProblemError('not-found', `there is no version ${wanted} of this template`);
        if (found.text !== null) requireFaultless(key, found.text);
        return found.text;
      }),
  };
}

export type TemplateManagement = ReturnType<typeof createTemplateManagement>;

function isSame(some: TemplateText | null, other: TemplateText | null): boolean {
  return (
    some === other ||
    (some !== null &&
      other !== null &&
      some.title === other.title &&
      some.body === other.body &&
      some.html === other.html)
  );
}

import type { Actor, Audit } from '../audit/audit.ts';
import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database, Queryable } from '../storage/database.ts';
import { isUuid, newId } from '../support/ids.ts';
import {
  countOrganizations,
  insertOrganization,
  insertPartner,
  type OrganizationRow,
  type PartnerRow,
  selectOrganization,
  selectOrganizations,
  selectOrganizationsOfPartner,
  selectPartners,
} from './organization-records.ts';

const MAX_NAME = 256;

type ListFilter = { start?: number | undefined; max?: number | undefined };

function requireName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '' || trimmed.length > MAX_NAME) {
    throw invalidField('name', `expected 1 to ${MAX_NAME} characters`);
  }
  return trimmed;
}

/** Organizations and the partners they stand under; the operator's business. */
export function createOrganizationManagement(deps: { database: Database; audit: Audit }) {
  const { database, audit } = deps;

  async function requirePartner(partnerId: string): Promise<void> {
    if ((await selectPartners(database.db)).some(({ id }) => id === partnerId)) return;
    throw invalidField('partnerId', 'unknown partner');
  }

  /** Inside a transaction, pass it. */
  const organization = async (
    organizationId: string,
    db: Queryable = database.db,
  ): Promise<OrganizationRow | undefined> =>
    isUuid(organizationId) ? selectOrganization(db, organizationId) : undefined;

  return {
    /** Throws `invalid` (name, partnerId). */
    async createOrganization(
      actor: Actor,
      wanted: { name: string; id?: string | undefined; partnerId?: string | undefined },
    ): Promise<{ id: string }> {
      const id = wanted.id ?? newId();
      const name = requireName(wanted.name);
      if (wanted.partnerId !== undefined) await requirePartner(wanted.partnerId);
      await database.db.transaction().execute(async (tx) => {
        await insertOrganization(tx, { id, name, partnerId: wanted.partnerId ?? null });
        await audit.record(
          tx,
          { ...actor, organizationId: id },
          {
            action: 'organization.created',
            subject: `organization ${id}`,
            after: { name, partnerId: wanted.partnerId ?? null },
          },
        );
        await announceChange(tx, 'accounts', id);
      });
      return { id };
    },
    async createPartner(actor: Actor, wanted: { name: string; isDefault: boolean }): Promise<PartnerRow> {
      const row: PartnerRow = {
        id: newId(),
        name: requireName(wanted.name),
        redskyOrgId: newId(),
        isDefault: wanted.isDefault,
      };
      await database.db.transaction().execute(async (tx) => {
        await insertPartner(tx, row);
        await audit.record(tx, actor, {
          action: 'partner.created',
          subject: `partner ${row.id}`,
          after: { name: row.name, isDefault: row.isDefault },
        });
      });
      return row;
    },
    /** By name; without `start` and `max` all. */
    listOrganizations: (filter: ListFilter & { name?: string } = {}): Promise<OrganizationRow[]> =>
      selectOrganizations(database.db, filter),
    /**
     * Whom the asker may name as `orgId`, by name: a partner its customers, the operator everybody. Throws `forbidden`.
     */
    async listCustomers(scope: Scope, filter: ListFilter & { text?: string | undefined }): Promise<OrganizationRow[]> {
      const { partnerId, role } = scope;
      if (role === 'operator') return selectOrganizationsOfPartner(database.db, null, filter);
      if (role === 'partnerAdmin' && partnerId !== undefined) {
        return selectOrganizationsOfPartner(database.db, partnerId, filter);
      }
      throw new ProblemError('forbidden', 'only partners and the operator act for other organizations');
    },
    /** Undefined when there is none, also for an id that cannot be one. */
    organization,
    countOrganizations: (): Promise<number> => countOrganizations(database.db),
    listPartners: (page: ListFilter = {}): Promise<PartnerRow[]> => selectPartners(database.db, page),
  };
}

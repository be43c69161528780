import type { Audit, AuditEntry } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange, type ChangeKind } from '../storage/change-feed.ts';
import { isForeignKeyViolation, isUniqueViolation, violatedConstraint } from '../storage/constraint-violation.ts';
import type { Database, Transaction } from '../storage/database.ts';
import { type KeptRemoval, lockKeptRemoval, putBackRows, type RestorableKind } from '../storage/kept-removals.ts';
import type { Clock } from '../support/clock.ts';
import { type RemovedThing, viewOf } from './list-removed.ts';

/** How a room takes back what it removed: `putBack` inserts the rows; around it the room keeps its own rules. */
export type BringBack = (tx: Transaction, removal: KeptRemoval, putBack: () => Promise<void>) => Promise<void>;

export type RemovalsDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  bringBack: Readonly<Record<RestorableKind, BringBack>>;
};

/** Which snapshots follow each table that can come back. */
export const FOLLOWERS: Readonly<Record<string, ChangeKind>> = {
  locations: 'locations',
  buildings: 'places',
  merged_buildings: 'places',
  response_locations: 'places',
  elins: 'places',
  location_emergency_addresses: 'emergency-addresses',
  compliance_locations: 'compliance',
  location_notifications: 'notifications',
  location_callbacks: 'members',
  members: 'members',
  member_numbers: 'members',
  number_emergency_addresses: 'members',
  hunt_group_agents: 'members',
  alert_recipients: 'alert-recipients',
  alert_groups: 'alert-recipients',
  alert_group_members: 'alert-recipients',
  alert_rules: 'alert-recipients',
  alert_rule_targets: 'alert-recipients',
  alert_connections: 'alert-connections',
  trunks: 'trunks',
  trunk_addresses: 'trunks',
  trunk_tls_names: 'trunks',
};

/** What many others have of it, by the table that comes back with it. */
const AMONG: Readonly<
  Record<string, { kinds: readonly RestorableKind[]; entry: Pick<AuditEntry, 'action' | 'subject'> }>
> = {
  alert_group_members: {
    kinds: ['alert-recipient'],
    entry: { action: 'alert-group.updated', subject: 'alert groups' },
  },
  alert_rule_targets: {
    kinds: ['alert-recipient', 'alert-group'],
    entry: { action: 'alert-rule.updated', subject: 'alert rules' },
  },
  hunt_group_agents: {
    kinds: ['person', 'workspace', 'virtual-line'],
    entry: { action: 'member.updated', subject: 'hunt groups' },
  },
};

/** What has been given to something else meanwhile, by the constraint that tells. */
const TAKEN: Readonly<Record<string, string>> = {
  locations_by_name: 'another location has its name; rename that one first',
  locations_by_routing_prefix: 'another location has its routing prefix; change that one first',
  one_building_per_location: 'its location has another building; move or remove that one first',
  response_locations_by_name: 'its building has another place of that name; rename that one first',
  elins_by_number: 'one of its ELINs leads somewhere else; take it from there first',
  member_numbers_pkey: 'it is in use',
  members_by_extension: 'its extension is in use at the location; change that one first',
  members_by_email: 'its e-mail address is in use; change that one first',
  alert_recipients_by_name: 'another recipient has its name; rename that one first',
  alert_connections_organization_id_name_key: 'another connection has its name; rename that one first',
  alert_groups_by_name: 'another group has its name; rename that one first',
  alert_rules_by_name: 'another rule has its name; rename that one first',
  alert_rule_targets_pkey: 'a rule that told it has been changed; create it anew and name it in the rule',
  trunks_organization_id_name_key: 'another trunk has its name; rename that one first',
  trunk_addresses_pkey: 'its address belongs to another trunk',
  trunk_tls_names_pkey: 'its TLS name belongs to another trunk',
};

const GONE: Readonly<Record<string, string>> = {
  buildings_location: 'its location is gone; bring that back first',
  response_locations_building: 'its building is gone; bring that back first',
  members_location: 'its location is gone; bring that back first',
  member_numbers_location: 'its location is gone; bring that back first',
  members_ecbn_member_id_fkey: 'the one on whose number it was called back is gone; bring that one back first',
  alert_rules_location: 'the location it is about is gone; bring that back first',
  alert_rules_building: 'the building it is about is gone; bring that back first',
  alert_rules_response_location: 'the place it is about is gone; bring that back first',
};

function wayBlocked({ name }: KeptRemoval, error: unknown): ProblemError | undefined {
  const constraint = violatedConstraint(error) ?? '';
  if (isUniqueViolation(error)) {
    const why = TAKEN[constraint] ?? 'something else has taken its place';
    return new ProblemError('conflict', `${name} cannot be brought back: ${why}`, { cause: error });
  }
  if (!isForeignKeyViolation(error)) return undefined;
  const why = GONE[constraint] ?? 'what it belongs to is gone; bring that back first';
  return new ProblemError('conflict', `${name} cannot be brought back: ${why}`, { cause: error });
}

/** Brings a removed thing back: rows, audit entry and announcements in one transaction. */
export function createRestoreRemoved({ database, audit, clock, bringBack }: RemovalsDeps) {
  async function restore(tx: Transaction, scope: Scope, removal: KeptRemoval): Promise<void> {
    const { organizationId, kind, id, summary, removedAt } = removal;
    let tables: string[] = [];
    await bringBack[kind](tx, removal, async () => {
      tables = await putBackRows(tx, removal);
    });
    await audit.record(tx, scope, {
      action: `${kind}.restored`,
      subject: `${SUBJECTS[kind]} ${id}`,
      after: summary,
      detail: { removedAt: removedAt.toISOString() },
    });
    // Those in which it stands again are not any more as somebody may have read them.
    for (const table of new Set(tables)) {
      const among = AMONG[table];
      if (among?.kinds.includes(kind) !== true) continue;
      await audit.record(tx, scope, { ...among.entry, detail: { with: `${SUBJECTS[kind]} ${id}` } });
    }
    const changed = new Set(tables.map((table) => FOLLOWERS[table]).filter((one) => one !== undefined));
    for (const one of changed) await announceChange(tx, one, organizationId);
  }

  return async function restoreRemoved(scope: Scope, id: string): Promise<RemovedThing> {
    const { organizationId } = scope;
    let removal: KeptRemoval | undefined;
    try {
      return await database.db.transaction().execute(async (tx) => {
        removal = await lockKeptRemoval(tx, organizationId, id.toLowerCase(), new Date(clock.nowMs()));
        if (!removal) throw new ProblemError('not-found', `nothing that was removed of late has the id ${id}`);
        await restore(tx, scope, removal);
        return viewOf(removal);
      });
    } catch (error) {
      throw (removal && wayBlocked(removal, error)) ?? error;
    }
  };
}

/** What the trail calls it, as the room that removes it does. */
const SUBJECTS: Readonly<Record<RestorableKind, string>> = {
  location: 'location',
  building: 'building',
  'response-location': 'response location',
  person: 'member',
  workspace: 'member',
  'virtual-line': 'member',
  'hunt-group': 'member',
  'alert-recipient': 'alert recipient',
  'alert-group': 'alert group',
  'alert-rule': 'alert rule',
  'alert-connection': 'alert-connection',
  number: 'number',
  trunk: 'trunk',
};

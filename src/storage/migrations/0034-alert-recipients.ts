import { type Kysely, sql } from 'kysely';

/** Recipients of alerts, their groups, and the rules that say who is told of what happens where. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table alert_recipients (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      name text not null,
      name_key text not null,
      language text not null,
      time_zone text,
      schedule jsonb,
      endpoints jsonb not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      constraint alert_recipients_of_organization unique (organization_id, id),
      constraint alert_recipients_by_name unique (organization_id, name_key)
    )`,
    'create index alert_recipients_by_endpoint on alert_recipients using gin (endpoints jsonb_path_ops)',
    `create table alert_groups (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      name text not null,
      name_key text not null,
      schedule jsonb,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      constraint alert_groups_of_organization unique (organization_id, id),
      constraint alert_groups_by_name unique (organization_id, name_key)
    )`,
    `create table alert_group_members (
      organization_id uuid not null,
      group_id uuid not null,
      recipient_id uuid not null,
      position integer not null,
      primary key (group_id, recipient_id),
      constraint alert_group_members_group
        foreign key (organization_id, group_id) references alert_groups (organization_id, id) on delete cascade,
      constraint alert_group_members_recipient
        foreign key (organization_id, recipient_id) references alert_recipients (organization_id, id)
    )`,
    'create index alert_group_members_by_recipient on alert_group_members (organization_id, recipient_id)',
    `create table alert_rules (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      name text not null,
      name_key text not null,
      is_enabled boolean not null,
      location_id uuid,
      building_id uuid,
      response_location_id uuid,
      triggers text[] not null,
      severity text,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      constraint alert_rules_of_organization unique (organization_id, id),
      constraint alert_rules_by_name unique (organization_id, name_key),
      constraint alert_rules_of_one_place check (num_nonnulls(location_id, building_id, response_location_id) <= 1),
      constraint alert_rules_location
        foreign key (organization_id, location_id) references locations (organization_id, id),
      constraint alert_rules_building
        foreign key (organization_id, building_id) references buildings (organization_id, id),
      constraint alert_rules_response_location
        foreign key (organization_id, response_location_id) references response_locations (organization_id, id)
    )`,
    'create index alert_rules_by_location on alert_rules (organization_id, location_id) where location_id is not null',
    'create index alert_rules_by_building on alert_rules (organization_id, building_id) where building_id is not null',
    `create index alert_rules_by_response_location on alert_rules (organization_id, response_location_id)
      where response_location_id is not null`,
    `create table alert_rule_targets (
      organization_id uuid not null,
      rule_id uuid not null,
      after_seconds integer not null check (after_seconds between 0 and 86400),
      position integer not null,
      recipient_id uuid,
      group_id uuid,
      primary key (rule_id, after_seconds, position),
      constraint alert_rule_targets_one check (num_nonnulls(recipient_id, group_id) = 1),
      constraint alert_rule_targets_rule
        foreign key (organization_id, rule_id) references alert_rules (organization_id, id) on delete cascade,
      constraint alert_rule_targets_recipient
        foreign key (organization_id, recipient_id) references alert_recipients (organization_id, id),
      constraint alert_rule_targets_group
        foreign key (organization_id, group_id) references alert_groups (organization_id, id)
    )`,
    'create index alert_rule_targets_by_recipient on alert_rule_targets (organization_id, recipient_id) where recipient_id is not null',
    'create index alert_rule_targets_by_group on alert_rule_targets (organization_id, group_id) where group_id is not null',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

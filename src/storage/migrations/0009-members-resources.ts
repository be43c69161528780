import { type Kysely, sql } from 'kysely';

/** What members and numbers are beside their callback: roles, devices, agents, kinds of numbers; whose token it is. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `alter table members
      add column roles text[] not null default '{}',
      add column supported_devices text check (supported_devices in ('phones', 'collaborationDevices')),
      add column calling_type text check (calling_type in ('webexCalling', 'none')),
      add column enabled boolean not null default true,
      add column call_policies jsonb,
      add column updated_at timestamptz not null default now()`,
    `update members set calling_type = 'webexCalling' where kind = 'PLACE'`,
    'create index members_by_name on members (organization_id, kind, display_name, id)',
    `create table hunt_group_agents (
      organization_id uuid not null,
      hunt_group_id uuid not null,
      position integer not null,
      member_id uuid not null,
      weight text,
      primary key (hunt_group_id, member_id),
      foreign key (organization_id, hunt_group_id) references members (organization_id, id) on delete cascade,
      foreign key (organization_id, member_id) references members (organization_id, id) on delete cascade
    )`,
    'create index hunt_group_agents_by_member on hunt_group_agents (member_id)',
    `alter table member_numbers
      add column is_toll_free boolean not null default false,
      add column is_service_number boolean not null default false`,
    String.raw`update member_numbers set is_toll_free = true where number ~ '^\+18(00|33|44|55|66|77|88)[0-9]{7}$'`,
    'drop index member_numbers_by_organization',
    'create index member_numbers_by_organization on member_numbers (organization_id, number)',
    'create index member_numbers_by_member on member_numbers (member_id) where member_id is not null',
    `alter table access_tokens
      add column person_id uuid,
      add constraint access_tokens_person foreign key (organization_id, person_id)
        references members (organization_id, id) on delete set null (person_id)`,
    'create index access_tokens_by_person on access_tokens (person_id) where person_id is not null',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

import { type Kysely, sql } from 'kysely';

/**
 * Members, numbers and callback settings stand at locations that exist. What stands nowhere could not be shown, called back
 * or located any more: it goes first, and a number whose owner goes stays with its location.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const nowhere = (table: string) =>
    `not exists (select from locations where organization_id = ${table}.organization_id and id = ${table}.location_id)`;
  const statements = [
    `delete from location_callbacks where ${nowhere('location_callbacks')}`,
    `delete from member_numbers where ${nowhere('member_numbers')}`,
    `update member_numbers set member_id = null, is_primary = false
      where member_id in (select id from members where ${nowhere('members')})`,
    `delete from members where ${nowhere('members')}`,
    `alter table members add constraint members_location
      foreign key (organization_id, location_id) references locations (organization_id, id)`,
    `alter table member_numbers add constraint member_numbers_location
      foreign key (organization_id, location_id) references locations (organization_id, id)`,
    // A setting is of its location and goes with it.
    `alter table location_callbacks add constraint location_callbacks_location
      foreign key (organization_id, location_id) references locations (organization_id, id) on delete cascade`,
    // What the telephone system shows of a location (contract section 8, telephony locations).
    `alter table locations
      add column routing_prefix text,
      add column calling_line_name text,
      add constraint locations_by_routing_prefix unique (organization_id, routing_prefix)`,
    'create index member_numbers_by_location on member_numbers (organization_id, location_id)',
    'create index location_callbacks_by_member on location_callbacks (member_id) where member_id is not null',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

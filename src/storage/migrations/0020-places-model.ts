import { type Kysely, sql } from 'kysely';

/**
 * ELINs of emergency response locations, and what became of places that were merged: a response location that was merged
 * stays as a row that names its survivor, so that whatever names it leads there.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'alter table response_locations add column merged_into uuid',
    `alter table response_locations add constraint response_locations_survivor
      foreign key (organization_id, merged_into) references response_locations (organization_id, id)`,
    `alter table response_locations add constraint response_locations_not_into_itself check (merged_into <> id)`,
    `create index response_locations_by_survivor on response_locations (organization_id, merged_into)
      where merged_into is not null`,
    `create table merged_buildings (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      survivor_id uuid not null,
      merged_at timestamptz not null,
      constraint merged_buildings_survivor
        foreign key (organization_id, survivor_id) references buildings (organization_id, id) on delete cascade
    )`,
    'create index merged_buildings_by_survivor on merged_buildings (organization_id, survivor_id)',
    `create table elins (
      number text not null,
      organization_id uuid not null references organizations (id),
      response_location_id uuid not null,
      created_at timestamptz not null,
      constraint elins_by_number primary key (number),
      constraint elins_response_location
        foreign key (organization_id, response_location_id) references response_locations (organization_id, id) on delete cascade
    )`,
    'create index elins_by_response_location on elins (organization_id, response_location_id)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

import { sql } from 'kysely';
import { anyId, anyText, literalPattern, partPattern } from '../storage/conditions.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import { jsonOrNull } from '../storage/json-columns.ts';
import { byName, type SortedBy, sorted } from '../storage/sorted.ts';
import type { SortWord } from '../support/sort-order.ts';
import type { MemberKind } from './caller.ts';
import type { Member, MemberNumber } from './member-book.ts';
import type { MemberFields } from './member-fields.ts';
import { MEMBER_COLUMNS, NUMBER_COLUMNS, toMember } from './member-records.ts';
import type {
  CallingType,
  HuntGroupAgent,
  MemberDetail,
  MemberExtras,
  MemberResource,
  SupportedDevices,
} from './member-resource.ts';

const RESOURCE_COLUMNS = [...MEMBER_COLUMNS, 'roles', 'supportedDevices', 'callingType', 'enabled'] as const;

/** A member as stored, its numbers aside. */
export type StoredMember = Member & MemberExtras;

type ListedMember = Omit<MemberResource, 'numbers'>;

type ListedRow = Omit<ListedMember, 'kind' | 'ecbnSelected' | 'supportedDevices' | 'callingType'> & {
  kind: string;
  ecbnSelected: string;
  supportedDevices: string | null;
  callingType: string | null;
};

// The columns hold nothing else: the migrations check all four enumerations.
const toListed = (row: ListedRow): ListedMember => ({
  ...row,
  ...toMember(row),
  supportedDevices: row.supportedDevices as SupportedDevices | null,
  callingType: row.callingType as CallingType | null,
});

export type MemberFilter = {
  /** Only these locations; undefined = all. */
  locationIds: readonly string[] | undefined;
  ids: readonly string[] | undefined;
  kind: MemberKind | undefined;
  /** In any case. */
  email: string | undefined;
  /** In any case, as the next two. */
  name: string | undefined;
  nameBegin: string | undefined;
  namePart: string | undefined;
  /** E.164; members whose first number is one of these. */
  phoneNumbers: readonly string[] | undefined;
  extension: string | undefined;
  callingType: string | undefined;
  /** Part of the name, the e-mail address or a number, in any case; or an extension. */
  text: string | undefined;
  sort?: SortWord<MemberColumn> | undefined;
  start: number;
  max: number;
};

export type MemberColumn = 'displayName' | 'kind' | 'extension' | 'location';

const ORDERS: Readonly<Record<MemberColumn, readonly SortedBy[]>> = {
  displayName: [],
  kind: ['kind'],
  // As numbers, where they are ones: they have up to ten digits.
  extension: [sql`coalesce(lpad(extension, 16, '0'), '')`],
  location: [sql`(select sort_key(l.name_key) from locations l where l.id = members.location_id) collate "C"`],
};

/** One page, by display name unless told. */
export async function selectMemberPage(
  db: Queryable,
  organizationId: string,
  filter: MemberFilter,
): Promise<ListedMember[]> {
  let query = db
    .selectFrom('members')
    .select(RESOURCE_COLUMNS)
    .where('organizationId', '=', organizationId)
    .limit(filter.max)
    .offset(filter.start);
  if (filter.kind) query = query.where('kind', '=', filter.kind);
  if (filter.locationIds) query = query.where('locationId', '=', anyId(filter.locationIds));
  if (filter.ids) query = query.where('id', '=', anyId(filter.ids));
  if (filter.email !== undefined) query = query.where(sql<boolean>`lower(email) = lower(${filter.email})`);
  if (filter.name !== undefined) query = query.where('displayName', 'ilike', literalPattern(filter.name));
  if (filter.nameBegin !== undefined)
    query = query.where('displayName', 'ilike', `${literalPattern(filter.nameBegin)}%`);
  if (filter.namePart !== undefined) query = query.where('displayName', 'ilike', partPattern(filter.namePart));
  if (filter.extension !== undefined) query = query.where('extension', '=', filter.extension);
  if (filter.callingType !== undefined) query = query.where('callingType', '=', filter.callingType);
  const { text } = filter;
  if (text !== undefined) {
    const part = partPattern(text);
    query = query.where((eb) =>
      eb.or([
        eb('displayName', 'ilike', part),
        eb('email', 'ilike', part),
        eb('extension', '=', text),
        eb.exists(
          eb
            .selectFrom('memberNumbers')
            .select('memberNumbers.number')
            .whereRef('memberNumbers.memberId', '=', 'members.id')
            .where('memberNumbers.number', 'like', part),
        ),
      ]),
    );
  }
  const { phoneNumbers } = filter;
  if (phoneNumbers) {
    query = query.where('id', 'in', (eb) =>
      eb
        .selectFrom('memberNumbers')
        .select((inner) => inner.ref('memberId').$notNull().as('memberId'))
        .where('organizationId', '=', organizationId)
        .where('isPrimary', '=', true)
        .where('number', '=', anyText(phoneNumbers)),
    );
  }
  const ordered = sorted(query, filter.sort ?? 'displayName', ORDERS, [...byName('displayName'), 'id']);
  return (await ordered.execute()).map(toListed);
}

/** The member; with `lock`, kept from changing until the transaction ends. */
export async function selectStoredMember(
  db: Queryable,
  organizationId: string,
  id: string,
  lock = false,
): Promise<StoredMember | undefined> {
  const query = db
    .selectFrom('members')
    .select([...RESOURCE_COLUMNS, 'callPolicies'])
    .where('organizationId', '=', organizationId)
    .where('id', '=', id);
  const row = await (lock ? query.forUpdate() : query).executeTakeFirst();
  return row && { ...toListed(row), callPolicies: row.callPolicies };
}

/** The numbers of these members, first numbers in front. */
export async function selectNumbersOf(
  db: Queryable,
  organizationId: string,
  memberIds: readonly string[],
): Promise<MemberNumber[]> {
  if (memberIds.length === 0) return [];
  return db
    .selectFrom('memberNumbers')
    .select(NUMBER_COLUMNS)
    .where('organizationId', '=', organizationId)
    .where('memberId', '=', anyId(memberIds))
    .orderBy('isPrimary', 'desc')
    .orderBy('number')
    .execute();
}

/** Throws a unique violation when the extension or the e-mail address is taken. */
export async function insertMember(
  tx: Transaction,
  organizationId: string,
  member: Member & MemberExtras,
): Promise<void> {
  await tx
    .insertInto('members')
    .values({ ...member, organizationId, callPolicies: jsonOrNull(member.callPolicies) })
    .execute();
}

export type MemberValues = MemberFields & Pick<Member, 'locationId' | 'ecbnSelected' | 'ecbnMemberId'>;

/** Throws a unique violation when the extension or the e-mail address is taken. */
export async function updateMemberRow(
  tx: Transaction,
  organizationId: string,
  id: string,
  values: MemberValues,
): Promise<void> {
  await tx
    .updateTable('members')
    .set({ ...values, callPolicies: jsonOrNull(values.callPolicies), updatedAt: sql<Date>`now()` })
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

export async function deleteMemberRow(tx: Transaction, organizationId: string, id: string): Promise<void> {
  await tx.deleteFrom('members').where('organizationId', '=', organizationId).where('id', '=', id).execute();
}

/** Puts the agents of a hunt group in place of those it had. */
export async function replaceAgents(
  tx: Transaction,
  organizationId: string,
  huntGroupId: string,
  agents: readonly HuntGroupAgent[],
): Promise<void> {
  await tx
    .deleteFrom('huntGroupAgents')
    .where('organizationId', '=', organizationId)
    .where('huntGroupId', '=', huntGroupId)
    .execute();
  if (agents.length === 0) return;
  await tx
    .insertInto('huntGroupAgents')
    .values(agents.map((agent, position) => ({ organizationId, huntGroupId, position, ...agent })))
    .execute();
}

/** Whom a hunt group rings, in order; of those who are elsewhere than `locationIds`, where these are told, nothing. */
export async function selectAgents(
  db: Queryable,
  organizationId: string,
  huntGroupId: string,
  locationIds?: ReadonlySet<string>,
): Promise<MemberDetail['agents']> {
  let query = db
    .selectFrom('huntGroupAgents as agent')
    .innerJoin('members as member', 'member.id', 'agent.memberId')
    .select([
      'agent.memberId',
      'agent.weight',
      'member.kind',
      'member.firstName',
      'member.lastName',
      'member.extension',
    ])
    .where('agent.organizationId', '=', organizationId)
    .where('agent.huntGroupId', '=', huntGroupId)
    .orderBy('agent.position');
  if (locationIds) query = query.where('member.locationId', '=', anyId(locationIds));
  const rows = await query.execute();
  return rows.map((row) => ({ ...row, kind: row.kind as MemberKind }));
}

/** Which of these can be agents: people, workspaces and virtual lines of the organization, or of the locations that are told. */
export async function selectPossibleAgents(
  db: Queryable,
  organizationId: string,
  ids: readonly string[],
  locationIds?: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  let query = db
    .selectFrom('members')
    .select('id')
    .where('organizationId', '=', organizationId)
    .where('kind', '!=', 'HUNT_GROUP')
    .where('id', '=', anyId(ids));
  if (locationIds) query = query.where('locationId', '=', anyId(locationIds));
  const rows = await query.execute();
  return new Set(rows.map((row) => row.id));
}

/** Who is called back on this member's number. */
export type CallbackUse = {
  /** Names of members that chose it, the first few; `memberCount` counts all. */
  memberNames: string[];
  memberCount: number;
  /** Locations that chose it. */
  locationIds: string[];
};

const MOST_NAMES = 5;

export async function selectCallbackUse(db: Queryable, organizationId: string, memberId: string): Promise<CallbackUse> {
  const dependents = db
    .selectFrom('members')
    .where('organizationId', '=', organizationId)
    .where('ecbnSelected', '=', 'LOCATION_MEMBER_NUMBER')
    .where('ecbnMemberId', '=', memberId)
    .where('id', '!=', memberId);
  const names = await dependents.select('displayName').orderBy('displayName').limit(MOST_NAMES).execute();
  const { count } = await dependents.select((eb) => eb.fn.countAll<string>().as('count')).executeTakeFirstOrThrow();
  const locations = await db
    .selectFrom('locationCallbacks')
    .select('locationId')
    .where('organizationId', '=', organizationId)
    .where('selected', '=', 'LOCATION_MEMBER_NUMBER')
    .where('memberId', '=', memberId)
    .execute();
  return {
    memberNames: names.map((row) => row.displayName),
    memberCount: Number(count),
    locationIds: locations.map((row) => row.locationId),
  };
}

import {
  type Item,
  KINDS,
  type Kind,
  MEMBER_KINDS,
  nameKey,
  type OrganizationContent,
} from './organization-content.ts';

export type Difference = { field: string; before: string | null; after: string | null };

export type PlanItem = {
  kind: Kind;
  /** `blocked`: differs, and the contract has no way to change that. */
  change: 'create' | 'change' | 'unchanged' | 'onlyHere' | 'blocked';
  title: string;
  wanted?: Item;
  current?: Item;
  differences: Difference[];
  reason?: string;
};

export type Plan = {
  items: PlanItem[];
  /** `kind/key` of what is wanted -> key of what it is here, as far as it is here already. */
  here: Map<string, string>;
};

export type CompareOptions = {
  /** `kind/sourceId` -> our key, from earlier imports. */
  remembered?: ReadonlyMap<string, string>;
  /** What is only here goes; so lines and groups can move. */
  removeMissing?: boolean;
};

const HERE = 'here:';

/** As `at` of a wanted item: a location that the source does not describe and that is here. */
export function locationHere(key: string): string {
  return `${HERE}${key}`;
}

/** Our key of the location that a wanted item names; undefined while it is not made. */
export function resolveLocation(here: Plan['here'], at: string): string | undefined {
  return at.startsWith(HERE) ? at.slice(HERE.length) : here.get(`location/${at}`);
}

/** Names under which an item is found when nobody remembers it, the surest first. `at` tells locations of both sides apart. */
function naturalKeys({ kind, key, fields }: Item, at: string): string[] {
  const { phoneNumber, extension } = fields;
  switch (kind) {
    case 'location':
      return [nameKey(fields['name'] ?? '')];
    case 'number':
      return [key];
    case 'mainNumber':
      return [at];
    case 'person':
      return [(fields['email'] ?? '').toLowerCase()];
    case 'workspace':
      return [`${at} ${nameKey(fields['displayName'] ?? '')}`];
    case 'virtualLine':
      return [...(phoneNumber ? [phoneNumber] : []), ...(extension ? [`${at} ${extension}`] : [])];
    case 'huntGroup':
      return [`${at} ${nameKey(fields['name'] ?? '')}`];
    case 'callback':
      return [];
  }
}

/** Pairs of what is wanted and what is here: by what is remembered, then by natural keys; nothing twice. */
function pair(
  wanted: readonly Item[],
  current: readonly Item[],
  atOf: (item: Item) => string,
  remembered: ReadonlyMap<string, string>,
): Map<Item, Item> {
  const pairs = new Map<Item, Item>();
  const free = new Map(current.map((item) => [item.key, item]));
  const take = (item: Item, found: Item): void => {
    pairs.set(item, found);
    free.delete(found.key);
  };
  for (const item of wanted) {
    const key = item.sourceId === undefined ? undefined : remembered.get(`${item.kind}/${item.sourceId}`);
    const found = key === undefined ? undefined : free.get(key);
    if (found) take(item, found);
  }
  const byKey = new Map<string, Item[]>();
  for (const item of free.values()) {
    for (const key of naturalKeys(item, item.at ?? '')) {
      const known = byKey.get(key);
      if (known) known.push(item);
      else byKey.set(key, [item]);
    }
  }
  for (const item of wanted) {
    if (pairs.has(item)) continue;
    const found = naturalKeys(item, atOf(item))
      .flatMap((key) => byKey.get(key) ?? [])
      .find((one) => free.has(one.key));
    if (found) take(item, found);
  }
  return pairs;
}

function differencesOf(wanted: Item, current: Item | undefined): Difference[] {
  const differences: Difference[] = [];
  for (const [field, after] of Object.entries(wanted.fields)) {
    if (after === undefined) continue;
    const before = current?.fields[field] ?? null;
    if (before !== after) differences.push({ field, before, after });
  }
  return differences;
}

/** Fields of a location that mean something only where calling is. */
const CALLING_FIELDS: ReadonlySet<string> = new Set(['announcementLanguage', 'routingPrefix', 'callingLine']);

function isMeant({ field, after }: Difference, wanted: Item): boolean {
  if (wanted.kind !== 'location' || wanted.fields['calling'] === 'yes') return true;
  // Calling is never switched off by an import: whoever has it there has emergency calls there.
  return !(CALLING_FIELDS.has(field) || (field === 'calling' && after === 'no'));
}

/** The contract has no way to move them. */
const UNMOVABLE: ReadonlySet<Kind> = new Set(['virtualLine', 'huntGroup']);

const NO_SELECTION_YET = 'as new';

/**
 * What would have to be done here so that everything that the source says is so. Pure. Nothing is removed for being only here;
 * such items are listed.
 */
export function compareOrganizations(
  wanted: OrganizationContent,
  current: OrganizationContent,
  { remembered = new Map(), removeMissing = false }: CompareOptions = {},
): Plan {
  const here: Plan['here'] = new Map();
  const items: PlanItem[] = [];
  const pairsOf = new Map<Kind, Map<Item, Item>>();
  const resolve = (at: string | undefined): string | undefined =>
    at === undefined ? undefined : resolveLocation(here, at);
  const atOf = (item: Item): string => resolve(item.at) ?? `new ${item.at ?? ''}`;

  // Locations first: the others are found at theirs.
  for (const kind of KINDS) {
    if (kind === 'callback') continue;
    const pairs = pair(wanted.items[kind], current.items[kind], atOf, remembered);
    pairsOf.set(kind, pairs);
    for (const [item, found] of pairs) here.set(`${kind}/${item.key}`, found.key);
  }

  const currentTitles = new Map(current.items.location.map(({ key, title }) => [key, title]));
  const wantedTitles = new Map(wanted.items.location.map(({ key, title }) => [key, title]));
  const titleAt = (at: string | undefined): string | null =>
    at === undefined ? null : (wantedTitles.get(at) ?? currentTitles.get(resolve(at) ?? '') ?? at);

  // A number is where its owner is (decision 35).
  const holders = new Map<string, Item>();
  for (const kind of MEMBER_KINDS) {
    for (const member of wanted.items[kind]) {
      const { phoneNumber } = member.fields;
      if (phoneNumber) holders.set(phoneNumber, member);
    }
  }
  const placed = (item: Item): Item =>
    item.kind === 'number' ? { ...item, at: holders.get(item.key)?.at ?? item.at } : item;

  const cannotMove = (item: Item, found: Item | undefined): boolean =>
    !removeMissing && found !== undefined && UNMOVABLE.has(item.kind) && resolve(item.at) !== found.at;

  /** A number that its owner brings along needs no change of its own, and one whose owner cannot move stays with it. */
  function staysWithOwner(number: Item, found: Item): boolean {
    const holder = holders.get(number.key);
    if (!holder) return false;
    if (cannotMove(holder, pairsOf.get(holder.kind)?.get(holder))) return true;
    return found.owner !== undefined && here.get(`${holder.kind}/${holder.key}`) === found.owner;
  }

  for (const kind of KINDS) {
    if (kind === 'callback') continue;
    const pairs = pairsOf.get(kind) ?? new Map<Item, Item>();
    const onlyHere = new Set(current.items[kind]);
    for (const original of wanted.items[kind]) {
      const item = placed(original);
      const found = pairs.get(original);
      const { title } = item;
      if (!found) {
        items.push({ kind, change: 'create', title, wanted: item, differences: differencesOf(item, undefined) });
        continue;
      }
      onlyHere.delete(found);
      const differences = differencesOf(item, found).filter((difference) => isMeant(difference, item));
      const moves = kind !== 'location' && kind !== 'mainNumber' && resolve(item.at) !== found.at;
      if (moves && !(kind === 'number' && staysWithOwner(original, found))) {
        differences.push({
          field: 'location',
          before: currentTitles.get(found.at ?? '') ?? null,
          after: titleAt(item.at),
        });
        if (UNMOVABLE.has(kind)) {
          if (removeMissing) {
            here.delete(`${kind}/${item.key}`);
            items.push({ kind, change: 'onlyHere', title: found.title, current: found, differences: [] });
            items.push({ kind, change: 'create', title, wanted: item, differences: differencesOf(item, undefined) });
          } else {
            const reason = 'cannot move to another location; --remove-missing removes it and makes it there';
            items.push({ kind, change: 'blocked', title, wanted: item, current: found, differences, reason });
          }
          continue;
        }
      }
      const change = differences.length === 0 ? 'unchanged' : 'change';
      items.push({ kind, change, title, wanted: item, current: found, differences });
    }
    if (!wanted.given.has(kind) || kind === 'mainNumber') continue;
    for (const found of onlyHere) {
      if (kind === 'number' && holders.has(found.key)) continue;
      items.push({ kind, change: 'onlyHere', title: found.title, current: found, differences: [] });
    }
  }
  items.push(...compareCallbacks(wanted.items.callback, current.items.callback, here));
  return { items, here };
}

/** Callback settings of whoever is on both sides, and of whoever is new here. */
function compareCallbacks(wanted: readonly Item[], current: readonly Item[], here: Plan['here']): PlanItem[] {
  const found = new Map(current.map((item) => [item.owner ?? '', item]));
  return wanted.map((item) => {
    const [kind = ''] = (item.owner ?? '').split('/');
    const ours = here.get(item.owner ?? '');
    const known = ours === undefined ? undefined : found.get(`${kind}/${ours}`);
    const { title } = item;
    const after = item.fields['member'] ?? null;
    const before = known?.fields['member'] ?? null;
    const isSameMember = (after === null ? null : hereMember(here, after)) === before;
    const differences = differencesOf(item, known)
      .filter(({ field }) => field !== 'member' || !isSameMember)
      .map((one) => (known ? one : { ...one, before: NO_SELECTION_YET }));
    const change = differences.length === 0 ? 'unchanged' : 'change';
    return { kind: 'callback', change, title, wanted: item, ...(known && { current: known }), differences };
  });
}

/** Our key of a member that the source names by its id, of whatever kind it is. */
export function hereMember(here: Plan['here'], sourceKey: string): string | undefined {
  for (const kind of MEMBER_KINDS) {
    const found = here.get(`${kind}/${sourceKey}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

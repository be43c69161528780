import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareOrganizations, locationHere, type Plan, resolveLocation } from './compare-organizations.ts';
import {
  type Item,
  KINDS,
  type Kind,
  MEMBER_KINDS,
  noItems,
  type OrganizationContent,
} from './organization-content.ts';

const GIVEN: ReadonlySet<Kind> = new Set(KINDS.filter((kind) => kind !== 'callback'));

function content(items: readonly Item[]): OrganizationContent {
  const all = noItems();
  for (const item of items) all[item.kind].push(item);
  return { items: all, given: GIVEN };
}

const allOf = ({ items }: OrganizationContent): Item[] => KINDS.flatMap((kind) => items[kind]);

/** What the platform would have after a plan; `remembered` learns what an import would. */
function afterPlan(
  current: OrganizationContent,
  plan: Plan,
  remembered: Map<string, string>,
  removeMissing: boolean,
): OrganizationContent {
  const here = new Map(plan.here);
  const stored = new Map(allOf(current).map((item) => [`${item.kind}/${item.key}`, item]));
  const isMade = (change: string): boolean => change === 'create' || change === 'change';
  for (const { kind, change, current: found } of plan.items) {
    if (removeMissing && change === 'onlyHere' && found) stored.delete(`${kind}/${found.key}`);
  }
  for (const { kind, change, wanted, current: found } of plan.items) {
    if (!wanted) continue;
    const at = wanted.at === undefined ? undefined : resolveLocation(here, wanted.at);
    const key = found?.key ?? (kind === 'mainNumber' ? at : kind === 'number' ? wanted.key : `new-${wanted.key}`) ?? '';
    here.set(`${kind}/${wanted.key}`, key);
    if (wanted.sourceId !== undefined && change !== 'blocked') remembered.set(`${kind}/${wanted.sourceId}`, key);
    if (!isMade(change)) continue;
    const fields = Object.fromEntries(Object.entries(wanted.fields).filter(([, value]) => value !== undefined));
    // Calling is never switched off.
    if (kind === 'location' && found?.fields['calling'] === 'yes') fields['calling'] = 'yes';
    stored.set(`${kind}/${key}`, {
      ...found,
      kind,
      key,
      at,
      title: wanted.title,
      fields: { ...found?.fields, ...fields },
    });
  }
  // A number is where its owner is, and has one owner: the last who took it. Who is changed in something else takes none.
  const takers = new Set(
    plan.items
      .filter(({ change, kind }) => isMade(change) && MEMBER_KINDS.some((one) => one === kind))
      .filter(({ wanted }) => Boolean(wanted?.fields['phoneNumber']))
      .map(({ kind, wanted }) => `${kind}/${here.get(`${kind}/${wanted?.key ?? ''}`) ?? ''}`),
  );
  const isMember = ({ kind }: Item): boolean => MEMBER_KINDS.some((one) => one === kind);
  const taken = new Set([...takers].map((key) => stored.get(key)?.fields['phoneNumber']).filter((number) => number));
  for (const [key, member] of stored) {
    const { phoneNumber } = member.fields;
    if (!isMember(member) || !phoneNumber) continue;
    const number = stored.get(`number/${phoneNumber}`);
    if (taken.has(phoneNumber) && !takers.has(key)) {
      stored.set(key, { ...member, fields: { ...member.fields, phoneNumber: null } });
    } else if (number) {
      stored.set(`number/${phoneNumber}`, { ...number, at: member.at, owner: member.key });
    }
  }
  return content([...stored.values()]);
}

const work = (plan: Plan) => plan.items.filter(({ change }) => change === 'create' || change === 'change');

const name = fc.constantFrom('A', 'B', 'C', 'D', 'E', 'a  b', 'Ä');
const site = fc.nat(3);
const value = fc.option(fc.constantFrom('x', 'y'), { nil: null });

type Raw = {
  kind: 'location' | (typeof MEMBER_KINDS)[number];
  id: number;
  name: string;
  at: number;
  value: string | null;
  number: number;
};

const raw: fc.Arbitrary<Raw> = fc.record({
  kind: fc.constantFrom('location', ...MEMBER_KINDS),
  id: fc.nat(12),
  name,
  at: site,
  value,
  number: fc.nat(6),
});

/** A consistent organization out of anything: names, numbers and ids are unique where the platform has them unique. */
function organizationOf(raws: readonly Raw[], side: string): OrganizationContent {
  const items: Item[] = [];
  const seen = new Set<string>();
  const once = (key: string): boolean => !seen.has(key) && Boolean(seen.add(key));
  const add = (item: Item): void => {
    items.push(item);
  };
  for (const one of raws.filter(({ kind }) => kind === 'location')) {
    const key = `${side}${one.id % 4}`;
    if (seen.has(`location ${one.name}`) || !once(`location id ${key}`) || !once(`location ${one.name}`)) continue;
    const fields = { name: one.name, notes: one.value ?? undefined, calling: one.at > 1 ? 'yes' : 'no' };
    add({ kind: 'location', key, sourceId: key, title: one.name, fields });
  }
  const places = items.map(({ key }) => key);
  for (const one of raws) {
    const at = places[one.at % Math.max(1, places.length)];
    if (one.kind === 'location' || at === undefined) continue;
    const key = `${side}${one.kind}${one.id}`;
    const names = `${one.kind} ${one.kind === 'person' ? '' : at} ${one.name}`;
    if (seen.has(names) || !once(`id ${key}`) || !once(names)) continue;
    const number = one.number > 0 && once(`number ${one.number}`) ? `+1512555000${one.number}` : undefined;
    const base = { key, sourceId: key, at, title: one.name };
    const reach = { phoneNumber: number, extension: `${one.id + 10}` };
    if (one.kind === 'person') {
      add({
        kind: 'person',
        ...base,
        fields: { email: `${one.name}@example.com`, lastName: one.value, ...reach, phoneNumber: number ?? null },
      });
    } else if (one.kind === 'workspace') {
      add({ kind: 'workspace', ...base, fields: { displayName: one.name, calling: 'yes', ...reach } });
    } else if (one.kind === 'virtualLine') {
      add({ kind: 'virtualLine', ...base, fields: { firstName: one.name, lastName: 'L', ...reach } });
    } else {
      add({ kind: 'huntGroup', ...base, fields: { name: one.name, ...reach } });
    }
    if (number !== undefined) {
      items.push({ kind: 'number', key: number, at, owner: key, title: number, fields: { state: 'active' } });
    }
  }
  return content(items);
}

const organization = (side: string) => fc.array(raw, { maxLength: 25 }).map((raws) => organizationOf(raws, side));

test('after a plan is done the same comparison finds nothing to do, also when nothing is remembered', () => {
  fc.assert(
    fc.property(organization('s'), organization('t'), fc.boolean(), (wanted, current, removeMissing) => {
      const remembered = new Map<string, string>();
      const plan = compareOrganizations(wanted, current, { remembered, removeMissing });
      const after = afterPlan(current, plan, remembered, removeMissing);
      const again = compareOrganizations(wanted, after, { remembered, removeMissing });
      assert.deepEqual(work(again), []);
      if (removeMissing) {
        assert.deepEqual(work(compareOrganizations(wanted, after, { removeMissing })), []);
        assert.deepEqual(
          again.items.filter(({ change }) => change !== 'unchanged'),
          [],
        );
      }
    }),
    { numRuns: 300 },
  );
});

test('what changed at a source that is remembered is changed, never made a second time', () => {
  fc.assert(
    fc.property(organization('s'), organization('s'), (first, second) => {
      const remembered = new Map<string, string>();
      const empty = content([]);
      const before = afterPlan(empty, compareOrganizations(first, empty), remembered, false);
      const plan = compareOrganizations(second, before, { remembered });
      const known = new Set(allOf(first).map(({ kind, key }) => `${kind}/${key}`));
      for (const { kind, change, wanted } of plan.items) {
        if (change !== 'create' || !wanted || kind === 'mainNumber') continue;
        assert.ok(!known.has(`${kind}/${wanted.key}`), `${kind} ${wanted.key} was there`);
      }
      const after = afterPlan(before, plan, remembered, false);
      assert.deepEqual(work(compareOrganizations(second, after, { remembered })), []);
      // Nothing disappears.
      assert.ok(allOf(after).length >= allOf(before).length);
    }),
    { numRuns: 300 },
  );
});

const hq: Item = { kind: 'location', key: 'L', title: 'HQ', fields: { name: 'HQ', calling: 'yes' } };
const annex: Item = { kind: 'location', key: 'M', title: 'Annex', fields: { name: 'annex ', calling: 'no' } };
const line = (key: string, at: string): Item => ({
  kind: 'virtualLine',
  key,
  at,
  title: 'Night Desk',
  fields: { firstName: 'Night', phoneNumber: '+15125550001' },
});

test('a virtual line cannot move: that is said, or it is replaced where removing is asked for', () => {
  const current = content([hq, annex, line('ours', 'L')]);
  const wanted = content([{ ...hq, key: 'l' }, { ...annex, key: 'm' }, line('theirs', 'm')]);
  const changes = (plan: Plan) => plan.items.filter(({ kind }) => kind === 'virtualLine').map(({ change }) => change);
  assert.deepEqual(changes(compareOrganizations(wanted, current)), ['blocked']);
  assert.deepEqual(changes(compareOrganizations(wanted, current, { removeMissing: true })), ['onlyHere', 'create']);
});

test('calling is switched on and never off; what was not read is not taken for gone', () => {
  const wanted = content([
    { ...hq, fields: { name: 'HQ', calling: 'no', routingPrefix: '77' } },
    { ...annex, fields: { name: 'ANNEX', calling: 'yes' } },
  ]);
  const plan = compareOrganizations({ ...wanted, given: new Set(['location']) }, content([hq, annex, line('x', 'L')]));
  assert.deepEqual(
    plan.items.map(({ change, differences }) => [change, differences]),
    [
      ['unchanged', []],
      [
        'change',
        [
          { field: 'name', before: 'annex ', after: 'ANNEX' },
          { field: 'calling', before: 'no', after: 'yes' },
        ],
      ],
    ],
  );
});

test('members of a location that is here and not described are found there', () => {
  const wanted = content([line('file:2', locationHere('L'))]);
  const plan = compareOrganizations({ ...wanted, given: new Set(['virtualLine']) }, content([hq, line('ours', 'L')]));
  assert.deepEqual(
    plan.items.map(({ change }) => change),
    ['unchanged'],
  );
});

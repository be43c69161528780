import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, NoAnswerError } from '../../transport/api-client.ts';
import { type Applied, applyPlan } from './apply-plan.ts';
import type { PlanItem } from './compare-organizations.ts';
import type { Item } from './organization-content.ts';
import { type ItemWriter, NotYetError } from './write-item.ts';

const conflict = (words: string) => new ApiError(409, words, {});

function person(name: string, phoneNumber: string | null = null, before?: string): PlanItem & { wanted: Item } {
  const wanted: Item = { kind: 'person', key: name, at: 'L', title: name, fields: { phoneNumber } };
  const differences = [{ field: 'phoneNumber', before: before ?? null, after: phoneNumber }];
  if (before === undefined) return { kind: 'person', change: 'create', title: name, wanted, differences };
  return {
    kind: 'person',
    change: 'change',
    title: name,
    wanted,
    current: { ...wanted, key: `ours-${name}` },
    differences,
  };
}

const numberItem = (key: string, at = 'L'): PlanItem => ({
  kind: 'number',
  change: 'create',
  title: key,
  wanted: { kind: 'number', key, at, title: key, fields: { state: 'active' } },
  differences: [],
});

async function apply(
  items: readonly PlanItem[],
  own: Partial<ItemWriter>,
  removeMissing = false,
): Promise<{ applied: Applied; said: string[]; saves: number }> {
  const said: string[] = [];
  let saves = 0;
  const writer: ItemWriter = {
    write: () => Promise.resolve(),
    addNumbers: () => Promise.resolve(),
    releaseNumber: () => Promise.resolve(false),
    remove: () => Promise.resolve(),
    ...own,
  };
  const applied = await applyPlan(items, {
    writer,
    removeMissing,
    progress: (kind, settled, total) => said.push(`${kind} ${settled}/${total}`),
    save: () => {
      saves += 1;
      return Promise.resolve();
    },
  });
  return { applied, said, saves };
}

const failed = ({ failures }: Applied): [string, string][] =>
  failures
    .map(({ item, error }): [string, string] => [item.title, error.message])
    .sort(([a], [b]) => a.localeCompare(b));

test('one that is refused is told, and the rest goes on', async () => {
  const { applied, said, saves } = await apply([person('A'), person('B'), person('C')], {
    write: ({ title }) => (title === 'B' ? Promise.reject(new ApiError(400, 'no', {})) : Promise.resolve()),
  });
  assert.equal(applied.done, 2);
  assert.deepEqual(failed(applied), [['B', 'no']]);
  assert.equal(said.at(-1), 'person 3/3');
  assert.ok(saves > 0);
});

test('what a later item makes possible is tried again; what nothing makes possible is told once', async () => {
  const there = new Set<string>();
  const tries = new Map<string, number>();
  const needs: Record<string, string> = { A: 'B', B: 'C', X: 'nobody' };
  const { applied } = await apply([person('A'), person('B'), person('X'), person('C')], {
    write({ title }) {
      tries.set(title, (tries.get(title) ?? 0) + 1);
      const need = needs[title];
      if (need !== undefined && !there.has(need)) {
        return Promise.reject(title === 'X' ? new NotYetError('its location is not here') : conflict('in use'));
      }
      there.add(title);
      return Promise.resolve();
    },
  });
  assert.equal(applied.done, 3);
  assert.deepEqual(failed(applied), [['X', 'its location is not here']]);
  assert.ok((tries.get('X') ?? 0) <= 6);
});

test('two that exchange numbers give them up first; who waits for something else keeps its own', async () => {
  const holder = new Map([
    ['+1', 'A'],
    ['+2', 'B'],
    ['+3', 'C'],
  ]);
  const released: string[] = [];
  const { applied } = await apply([person('A', '+2', '+1'), person('B', '+1', '+2'), person('C', '+4', '+3')], {
    write({ title, wanted }) {
      const number = wanted.fields['phoneNumber'] ?? '';
      if (title === 'C') return Promise.reject(conflict('the extension 100 is already in use'));
      const held = holder.get(number);
      if (held !== undefined && held !== title)
        return Promise.reject(conflict(`the number ${number} is already in use`));
      holder.set(number, title);
      return Promise.resolve();
    },
    releaseNumber({ title }) {
      released.push(title);
      for (const [number, who] of holder) if (who === title) holder.delete(number);
      return Promise.resolve(true);
    },
  });
  assert.deepEqual(released.sort(), ['A', 'B']);
  assert.deepEqual([holder.get('+1'), holder.get('+2'), holder.get('+3')], ['B', 'A', 'C']);
  assert.deepEqual(failed(applied), [['C', 'the extension 100 is already in use']]);
});

test('numbers go together; where one is refused the others go alone', async () => {
  const batches: number[] = [];
  const { applied } = await apply([numberItem('+1'), numberItem('+2'), numberItem('+3'), numberItem('+9', 'M')], {
    addNumbers(items) {
      batches.push(items.length);
      return items.some(({ title }) => title === '+2') ? Promise.reject(conflict('+2 in use')) : Promise.resolve();
    },
  });
  assert.deepEqual(new Set(batches.slice(0, 2)), new Set([1, 3]));
  assert.equal(applied.done, 3);
  assert.deepEqual(failed(applied), [['+2', '+2 in use']]);
});

test('a platform that is not well is not asked for everything', async () => {
  let asked = 0;
  const many = Array.from({ length: 500 }, (_, place) => person(`P${place}`));
  const { applied } = await apply(many, {
    write() {
      asked += 1;
      return Promise.reject(new NoAnswerError('nobody there'));
    },
  });
  assert.equal(applied.gaveUp, 'nobody there');
  assert.ok(asked < 50, String(asked));
  assert.equal(applied.done, 0);
});

test('what is only here is removed only when that is asked for, members before their location', async () => {
  const gone = (kind: Item['kind'], key: string): PlanItem => ({
    kind,
    change: 'onlyHere',
    title: key,
    current: { kind, key, title: key, fields: {} },
    differences: [],
  });
  const items = [gone('location', 'L'), gone('number', '+1'), gone('person', 'P')];
  const removed: string[] = [];
  const remove = ({ title }: PlanItem): Promise<void> => {
    removed.push(title);
    return Promise.resolve();
  };
  assert.equal((await apply(items, { remove })).applied.done, 0);
  assert.deepEqual(removed, []);
  assert.equal((await apply(items, { remove }, true)).applied.done, 3);
  assert.deepEqual(removed, ['P', '+1', 'L']);
});

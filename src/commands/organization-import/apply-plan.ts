import { ApiError } from '../../transport/api-client.ts';
import type { PlanItem } from './compare-organizations.ts';
import { type Item, KINDS, type Kind, MEMBER_KINDS } from './organization-content.ts';
import { type ItemWriter, NotYetError } from './write-item.ts';

export type Failure = { item: PlanItem; error: Error };

export type Applied = {
  /** Items made, changed or removed. */
  done: number;
  failures: Failure[];
  /** Why it ended before everything was tried. */
  gaveUp?: string;
};

export type ApplyDeps = {
  writer: ItemWriter;
  removeMissing: boolean;
  /** After every step: how many items of a kind are done, and failed for good, of how many. */
  progress: (kind: Kind, settled: number, total: number) => void;
  /** What was remembered is written down now and then. */
  save: () => Promise<void>;
};

/** One step of the work: usually one item, or numbers that go together. */
type Step = { items: PlanItem[]; run(): Promise<void> };

type Stuck = { step: Step; error: Error };

const NUMBERS_AT_ONCE = 500;
const AT_ONCE = 12;
const MAX_ROUNDS = 6;
/** So many answers in a row that say that the platform is not well. */
const MAX_SILENT = 5;
const SAVE_EVERY = 100;

const REMOVAL_ORDER: readonly Kind[] = [...MEMBER_KINDS, 'number', 'location'];

function hasWanted(item: PlanItem): item is PlanItem & { wanted: Item } {
  return item.wanted !== undefined;
}

/** Whether it may work once others of the same plan are done: a number is freed, a location made, a main number added. */
function mayWorkLater({ items: [item] }: Step, error: Error): boolean {
  if (error instanceof NotYetError) return true;
  if (!(error instanceof ApiError)) return false;
  return error.status === 409 || (error.status === 400 && (item?.kind === 'mainNumber' || item?.kind === 'callback'));
}

function isUnwell(error: Error): boolean {
  if (error instanceof NotYetError) return false;
  return !(error instanceof ApiError) || error.status >= 500 || error.status === 401;
}

/** New numbers go together where they are alike. */
function numberSteps(items: readonly (PlanItem & { wanted: Item })[], writer: ItemWriter): Step[] {
  const alike = new Map<string, (PlanItem & { wanted: Item })[]>();
  for (const item of items) {
    const { at, fields, once } = item.wanted;
    const key = JSON.stringify([at, fields['state'], once?.['tollFree'], once?.['service']]);
    const known = alike.get(key);
    if (known) known.push(item);
    else alike.set(key, [item]);
  }
  const steps: Step[] = [];
  for (const group of alike.values()) {
    for (let start = 0; start < group.length; start += NUMBERS_AT_ONCE) {
      const some = group.slice(start, start + NUMBERS_AT_ONCE);
      steps.push({ items: some, run: () => writer.addNumbers(some) });
    }
  }
  return steps;
}

/** The phases of the work; what stands in one may need what stands in those before. */
function phasesOf(items: readonly PlanItem[], { writer, removeMissing }: ApplyDeps): Step[][] {
  const phases: Step[][] = [];
  for (const kind of KINDS) {
    const ofKind = items.filter((item) => item.kind === kind && hasWanted(item)) as (PlanItem & { wanted: Item })[];
    const isBulk = (item: PlanItem): boolean => kind === 'number' && item.change === 'create';
    const steps = numberSteps(ofKind.filter(isBulk), writer);
    for (const item of ofKind) {
      if (isBulk(item) || (item.change !== 'create' && item.change !== 'change')) continue;
      steps.push({ items: [item], run: () => writer.write(item) });
    }
    phases.push(steps);
  }
  if (!removeMissing) return phases;
  for (const kind of REMOVAL_ORDER) {
    const gone = items.filter((item) => item.kind === kind && item.change === 'onlyHere');
    phases.push(
      gone.flatMap((item) => {
        const { current } = item;
        return current ? [{ items: [item], run: () => writer.remove({ ...item, current }) }] : [];
      }),
    );
  }
  return phases;
}

/**
 * Does what a plan says, location before member, a few at once. What is refused because of something that the same plan changes is
 * tried again after the rest; what then fails is told and the others go on. Ends early when the platform does not answer.
 */
export async function applyPlan(items: readonly PlanItem[], deps: ApplyDeps): Promise<Applied> {
  const { writer, progress, save } = deps;
  const failures: Failure[] = [];
  const totals = new Map<Kind, number>();
  const settled = new Map<Kind, number>();
  let done = 0;
  const health: { silent: number; gaveUp?: string } = { silent: 0 };

  let phases = phasesOf(items, deps);
  for (const step of phases.flat()) {
    for (const { kind } of step.items) totals.set(kind, (totals.get(kind) ?? 0) + 1);
  }
  const settle = (step: Step): void => {
    for (const { kind } of step.items) {
      settled.set(kind, (settled.get(kind) ?? 0) + 1);
      progress(kind, settled.get(kind) ?? 0, totals.get(kind) ?? 0);
    }
  };

  async function attempt(step: Step): Promise<Error | undefined> {
    try {
      await step.run();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      health.silent = isUnwell(error) ? health.silent + 1 : 0;
      if (health.silent >= MAX_SILENT) health.gaveUp = error.message;
      return error;
    }
    health.silent = 0;
    const before = done;
    done += step.items.length;
    settle(step);
    if (Math.floor(before / SAVE_EVERY) !== Math.floor(done / SAVE_EVERY)) await save();
    return undefined;
  }

  /** One phase; gives what may work later. */
  async function runPhase(steps: readonly Step[]): Promise<Stuck[]> {
    const waiting = [...steps];
    const stuck: Stuck[] = [];
    async function work(): Promise<void> {
      for (let step = waiting.shift(); step && health.gaveUp === undefined; step = waiting.shift()) {
        const error = await attempt(step);
        if (error === undefined) continue;
        // One number of many that is refused must not hold up the others.
        if (step.items.length > 1 && error instanceof ApiError && error.status < 500) {
          const alone = step.items.filter(hasWanted);
          waiting.push(...alone.map((item) => ({ items: [item], run: () => writer.addNumbers([item]) })));
        } else if (mayWorkLater(step, error)) {
          stuck.push({ step, error });
        } else {
          for (const item of step.items) failures.push({ item, error });
          settle(step);
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return stuck;
  }

  let stuck: Stuck[] = [];
  let hasReleased = false;
  for (let round = 0; round < MAX_ROUNDS && health.gaveUp === undefined; round += 1) {
    const before = done;
    stuck = [];
    for (const steps of phases) {
      if (health.gaveUp === undefined) stuck.push(...(await runPhase(steps)));
    }
    if (stuck.length === 0 || health.gaveUp !== undefined) break;
    if (done === before) {
      if (hasReleased || !(await releaseExchanged(stuck, writer))) break;
      hasReleased = true;
    }
    phases = [stuck.map(({ step }) => step)];
  }
  for (const { step, error } of stuck) {
    for (const item of step.items) failures.push({ item, error });
    settle(step);
  }
  await save();
  const { gaveUp } = health;
  return { done, failures, ...(gaveUp !== undefined && { gaveUp }) };
}

/** Members that wait for nothing but each other's numbers give theirs up; true when there was one. */
async function releaseExchanged(stuck: readonly Stuck[], writer: ItemWriter): Promise<boolean> {
  const waiting = stuck.flatMap(({ step: { items }, error }) =>
    items.filter(hasWanted).flatMap((item) => {
      const change = item.differences.find(({ field }) => field === 'phoneNumber');
      const after = change?.after ?? null;
      return change && after !== null && error.message.includes(after) ? [{ item, before: change.before, after }] : [];
    }),
  );
  const wanted = new Set(waiting.map(({ after }) => after));
  let any = false;
  for (const { item, before } of waiting) {
    if (item.change !== 'change' || before === null || !wanted.has(before)) continue;
    try {
      any = (await writer.releaseNumber(item)) || any;
    } catch (error) {
      // Its owner keeps it, and the exchange is told as refused.
      if (!(error instanceof ApiError)) throw error;
    }
  }
  return any;
}

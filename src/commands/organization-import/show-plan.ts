import type { Plan, PlanItem } from './compare-organizations.ts';
import { KINDS, type Kind } from './organization-content.ts';

const NAMES: Readonly<Record<Kind, { one: string; many: string }>> = {
  location: { one: 'location', many: 'locations' },
  number: { one: 'number', many: 'numbers' },
  mainNumber: { one: 'main number', many: 'main numbers' },
  person: { one: 'person', many: 'people' },
  workspace: { one: 'workspace', many: 'workspaces' },
  virtualLine: { one: 'virtual line', many: 'virtual lines' },
  huntGroup: { one: 'hunt group', many: 'hunt groups' },
  callback: { one: 'callback setting', many: 'callback settings' },
};

const MARKS: Readonly<Record<PlanItem['change'], string>> = {
  create: '+',
  change: '~',
  unchanged: ' ',
  onlyHere: '?',
  blocked: '!',
};

const MAX_VALUE = 120;

/** Control characters of a foreign answer would drive the terminal. */
function plain(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

function value(text: string | null): string {
  if (text === null) return '(none)';
  return JSON.stringify(text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text);
}

export function titleOf({ kind, title }: Pick<PlanItem, 'kind' | 'title'>): string {
  return `${NAMES[kind].one} ${plain(title)}`;
}

export function nameOfKind(kind: Kind): string {
  return NAMES[kind].many;
}

function describe(item: PlanItem, isRemoved: boolean): string[] {
  const mark = item.change === 'onlyHere' && isRemoved ? '-' : MARKS[item.change];
  const head = `${mark} ${titleOf(item)}`;
  if (item.change === 'create' || item.change === 'onlyHere') return [head];
  return [
    item.reason === undefined ? head : `${head}: ${item.reason}`,
    ...item.differences.map(({ field, before, after }) => `    ${field}: ${value(before)} -> ${value(after)}`),
  ];
}

export type ShowOptions = {
  removeMissing: boolean;
  /** Of each kind, so many that are new or only here; changes are all shown. */
  listed: number;
};

/** The plan as lines: everything that changes, what is new and what is only here, then the sums. */
export function showPlan({ items }: Plan, { removeMissing, listed }: ShowOptions): string[] {
  const lines: string[] = [];
  const sums: string[] = [];
  for (const kind of KINDS) {
    const ofKind = items.filter((item) => item.kind === kind);
    if (ofKind.length === 0) continue;
    const count = (change: PlanItem['change']): number => ofKind.filter((item) => item.change === change).length;
    for (const change of ['create', 'change', 'blocked', 'onlyHere'] as const) {
      const some = ofKind.filter((item) => item.change === change);
      const shown = change === 'create' || change === 'onlyHere' ? some.slice(0, listed) : some;
      for (const item of shown) lines.push(...describe(item, removeMissing));
      if (some.length > shown.length) {
        lines.push(`${MARKS[change]} and ${some.length - shown.length} more ${NAMES[kind].many} (--all lists them)`);
      }
    }
    const blocked = count('blocked');
    sums.push(
      `${NAMES[kind].many}: ${count('create')} new, ${count('change')} to change, ${count('unchanged')} unchanged, ` +
        `${count('onlyHere')} only here${removeMissing && count('onlyHere') > 0 ? ', to be removed' : ''}` +
        (blocked > 0 ? `, ${blocked} that cannot be changed` : ''),
    );
  }
  return [...lines, ...sums];
}

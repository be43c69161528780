import { type AlertTrigger, TRIGGER_SEVERITY } from '../../domain/alert-trigger.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { AlertRule } from './alert-rule.ts';
import { momentOf } from './call-start.ts';
import { type Judgement, type JudgeSources, judgeOccasion } from './judge-occasion.ts';
import type { RecipientBook } from './recipient-snapshot.ts';

/** Whom a drill tries out: those of a rule, a group or a recipient, or whoever would be told of a trigger where the drill takes place. */
export type DrillTarget =
  | { kind: 'rule' | 'group' | 'recipient'; id: string }
  | { kind: 'trigger'; trigger: AlertTrigger };

/** Whom a drill tells, as `judgeOccasion` finds them; undefined when there is no such rule, group or recipient. */
export function judgeDrill(sources: JudgeSources, drill: AlertOccasion, target: DrillTarget): Judgement | undefined {
  const judgement =
    target.kind === 'trigger'
      ? judgeOccasion(sources, { ...drill, triggers: momentOf(target.trigger).triggers })
      : judgeNamed(sources, drill, target);
  return (
    judgement && {
      ...judgement,
      // Whatever it tries out: it is no emergency, and nobody may take it for one.
      told: judgement.told.map((told) => ({ ...told, trigger: 'drill', severity: TRIGGER_SEVERITY.drill })),
    }
  );
}

function judgeNamed(
  sources: JudgeSources,
  drill: AlertOccasion,
  { kind, id }: Extract<DrillTarget, { id: string }>,
): Judgement | undefined {
  const { book } = sources;
  const wanted = book && wantedOf(book, kind, id);
  if (book === undefined || wanted === undefined) return undefined;
  const rule: AlertRule = {
    id,
    name: wanted.name,
    steps: wanted.steps,
    isEnabled: true,
    place: { kind: 'organization', id: null },
    triggers: ['drill'],
    severity: null,
  };
  const alone: RecipientBook = { ...book, rules: [rule], rulesByPlace: new Map([[null, [rule]]]) };
  return judgeOccasion({ ...sources, book: alone }, { ...drill, triggers: ['drill'] });
}

function wantedOf(
  { groups, recipients, rules }: RecipientBook,
  kind: 'rule' | 'group' | 'recipient',
  id: string,
): Pick<AlertRule, 'name' | 'steps'> | undefined {
  const nobody = { afterSeconds: 0, groupIds: [], recipientIds: [] };
  switch (kind) {
    case 'rule':
      return rules.find((rule) => rule.id === id);
    case 'group':
      return groups.has(id) ? { name: 'drill', steps: [{ ...nobody, groupIds: [id] }] } : undefined;
    case 'recipient':
      return recipients.has(id) ? { name: 'drill', steps: [{ ...nobody, recipientIds: [id] }] } : undefined;
  }
}

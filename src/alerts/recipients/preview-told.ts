import type { AlertTrigger } from '../../domain/alert-trigger.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import { momentOf } from './call-start.ts';
import type { Judgement, PassedOver } from './judge-occasion.ts';

/** What might happen, and where; what is absent is not known. */
export type PreviewRequest = {
  trigger: AlertTrigger;
  /** What else holds at the same moment, as the relay centre beside the call. */
  besides?: readonly AlertTrigger[] | undefined;
  locationId?: string | undefined;
  responseLocationId?: string | undefined;
  /** Absent: now. */
  at?: Date | undefined;
};

/** Who would be told, when, by what and why, and who would not; of each list the first 1,000, all of them counted. */
export type AlertPreview = {
  /** ISO 8601. */
  at: string;
  trigger: AlertTrigger;
  counts: { told: number; notTold: number };
  told: readonly (Omit<ToldRecipient, 'recipientId'> & { recipientId: string | null; recipientName: string | null })[];
  notTold: readonly (PassedOver & { reason: string })[];
};

const MAX_LISTED = 1_000;

const REASONS: Readonly<Record<PassedOver['why'], string>> = {
  'off-duty': 'is not on duty then',
  'group-off-duty': 'the group is not on duty then',
  'rule-disabled': 'the rule is disabled',
  'no-later-step': 'stands in a later step, and nobody has to act on this',
};

/** Judges an occasion that did not happen. */
export function previewTold(
  deps: {
    judge(occasion: AlertOccasion): Judgement;
    recipientName(organizationId: string, id: string): string | null;
    nowMs(): number;
  },
  organizationId: string,
  request: PreviewRequest,
): AlertPreview {
  const { trigger, besides = [] } = request;
  const { moment, triggers } = momentOf(trigger);
  const at = (request.at ?? new Date(deps.nowMs())).toISOString();
  const { told, passedOver } = deps.judge({
    subjectId: 'preview',
    moment,
    triggers: [...triggers, ...besides.filter((one) => !triggers.includes(one))],
    organizationId,
    place: { locationId: request.locationId ?? null, responseLocationId: request.responseLocationId ?? null },
    at,
    call: null,
    news: null,
  });
  return {
    at,
    trigger,
    counts: { told: told.length, notTold: passedOver.length },
    told: told.slice(0, MAX_LISTED).map((one) => ({
      ...one,
      recipientName: one.recipientId === null ? null : deps.recipientName(organizationId, one.recipientId),
    })),
    notTold: passedOver.slice(0, MAX_LISTED).map((one) => ({ ...one, reason: REASONS[one.why] })),
  };
}

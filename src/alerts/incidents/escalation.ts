import { endpointKey } from '../alert-endpoint.ts';
import type { ToldRecipient } from '../told-recipient.ts';

/** A later step of telling people of an incident. Moments are milliseconds since the epoch. */
export type EscalationStep = { dueMs: number; firedMs: number | null };

/** Recipients of one step. */
export type PlannedStep = { afterSeconds: number; told: readonly ToldRecipient[] };

/**
 * Which steps are to be told now, in their order, and when the next one is due. Nothing is due while somebody has taken the
 * incident on; a step whose time passed while nobody could tell it is due at once.
 */
export function dueNow<Step extends EscalationStep>(
  steps: readonly Step[],
  isOpen: boolean,
  nowMs: number,
): { due: Step[]; nextMs: number | null } {
  if (!isOpen) return { due: [], nextMs: null };
  const waiting = steps.filter(({ firedMs }) => firedMs === null).sort((a, b) => a.dueMs - b.dueMs);
  return {
    due: waiting.filter(({ dueMs }) => dueMs <= nowMs),
    nextMs: waiting.find(({ dueMs }) => dueMs > nowMs)?.dueMs ?? null,
  };
}

/** The steps after the first message, by their time; who is told at once stands in none. */
export function laterSteps(told: readonly ToldRecipient[]): PlannedStep[] {
  const byTime = new Map<number, ToldRecipient[]>();
  for (const recipient of told) {
    if (recipient.afterSeconds <= 0) continue;
    const step = byTime.get(recipient.afterSeconds);
    if (step) step.push(recipient);
    else byTime.set(recipient.afterSeconds, [recipient]);
  }
  return [...byTime].map(([afterSeconds, of]) => ({ afterSeconds, told: of })).sort(byAfterSeconds);
}

/**
 * Who is told when a step fires: those who stand in it now, and those planned for it who are told at all; where nobody is left of
 * either, all that were planned. Steps move up while nobody of the first is on duty: told late, when others are, a step holds
 * other people, and those who were planned for it stand in one that never comes.
 */
export function recipientsOfStep(
  afterSeconds: number,
  toldNow: readonly ToldRecipient[],
  planned: readonly ToldRecipient[],
): readonly ToldRecipient[] {
  const now = toldNow.filter((recipient) => recipient.afterSeconds === afterSeconds);
  const keys = new Set(now.map(({ endpoint }) => endpointKey(endpoint)));
  const toldAtAll = new Set(toldNow.map(({ endpoint }) => endpointKey(endpoint)));
  const moved = planned.filter(({ endpoint }) => {
    const key = endpointKey(endpoint);
    return !keys.has(key) && toldAtAll.has(key);
  });
  const told = [...now, ...moved];
  return told.length > 0 ? told : planned;
}

function byAfterSeconds(a: PlannedStep, b: PlannedStep): number {
  return a.afterSeconds - b.afterSeconds;
}

import type { AlertLanguage } from '../../domain/alert-trigger.ts';
import { BoundedMap } from '../../support/bounded-map.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import { applyAct } from './apply-act.ts';
import { dueNow, type EscalationStep, laterSteps } from './escalation.ts';
import type { Incident, IncidentAct } from './incident.ts';
import type { EscalationDetail } from './incident-entry-records.ts';
import { summarizeOccasion } from './summarize-occasion.ts';

/** A later step as this process knows it. */
export type KnownStep = EscalationStep & {
  source: string;
  afterSeconds: number;
  occasion: AlertOccasion;
  planned: readonly ToldRecipient[];
  /** What this process told without the database, until that is noted there. */
  toNote: EscalationDetail | null;
};

export type KnownIncident = {
  incident: Incident;
  steps: KnownStep[];
  /** The database has it. */
  isStored: boolean;
};

/**
 * The incidents that this process opened, opened again or found at its start, so that their steps go on while the database is away (decision 18), and so that a link
 * can show what it is about. Bounded: of very many the oldest are left to the database alone.
 */
export type KnownIncidents = {
  /** Opens it, or adds the steps of another moment of it. */
  remember(occasion: AlertOccasion, told: readonly ToldRecipient[]): KnownIncident;
  /** Learns from the database an incident that others opened, or that this process forgot: its steps that wait. */
  adopt(incident: Incident, steps: readonly Omit<KnownStep, 'toNote'>[]): void;
  get(id: string): KnownIncident | undefined;
  markStored(id: string): void;
  /** Somebody acted here. */
  apply(act: IncidentAct): void;
  /** The database says that somebody took these on. */
  markTakenOn(ids: readonly string[]): void;
  /** A step was told with the database. */
  markFired(incidentId: string, source: string, afterSeconds: number, firedMs: number): void;
  /** Those with a step that waits, and when the first is due. */
  waiting(): readonly KnownIncident[];
  /** Those with something told that the database has not noted. */
  toNote(): readonly KnownIncident[];
};

const MAX_KNOWN = 5_000;

/** What tells apart the steps that several moments of one incident plan, or the same moment at several places. */
export function stepSource({ moment, triggers, place }: Pick<AlertOccasion, 'moment' | 'triggers' | 'place'>): string {
  const what = `${moment}: ${triggers.join(' ')}`;
  // A destination that does not answer concerns many places; a call is at one, however that is known better later.
  return moment === 'call-started' || place.locationId === null ? what : `${what} at ${place.locationId}`;
}

/** From when later steps are counted. */
export function stepsFromMs({ at, knownAt = at }: Pick<AlertOccasion, 'at' | 'knownAt'>): number {
  return Date.parse(knownAt);
}

export function createKnownIncidents(deps: {
  /** In which an organization's incidents are written. */
  languageOf(organizationId: string): AlertLanguage;
  /** From memory; null: it is about no place. */
  placeNameOf(occasion: AlertOccasion): string | null;
}): KnownIncidents {
  const known = new BoundedMap<string, KnownIncident>(MAX_KNOWN);
  /** With steps that wait or are to be noted: few, however many incidents there are. */
  const active = new Map<string, KnownIncident>();

  function settle(one: KnownIncident): void {
    const { id, state } = one.incident;
    const isWaiting = state === 'open' && one.steps.some(({ firedMs }) => firedMs === null);
    const isToNote = one.steps.some(({ toNote }) => toNote !== null);
    if (isWaiting || isToNote) {
      active.set(id, one);
      return;
    }
    active.delete(id);
    // Whoever opens it again needs the database, which has the steps; an occasion holds the whole record of a call.
    if (one.isStored) one.steps = [];
  }

  /** What the bounded map forgot is left to the database. */
  function forgetSpare(): void {
    if (active.size > MAX_KNOWN) for (const id of active.keys()) if (!known.get(id)) active.delete(id);
  }

  return {
    remember(occasion, told) {
      const incident = summarizeOccasion(occasion, told, {
        language: deps.languageOf(occasion.organizationId),
        placeName: deps.placeNameOf(occasion),
      });
      let one = known.get(incident.id);
      if (!one) {
        one = { incident, steps: [], isStored: false };
        known.set(incident.id, one);
      }
      const source = stepSource(occasion);
      const fromMs = stepsFromMs(occasion);
      if (!one.steps.some((step) => step.source === source)) {
        for (const { afterSeconds, told: planned } of laterSteps(told)) {
          const dueMs = fromMs + afterSeconds * 1_000;
          one.steps.push({ source, afterSeconds, occasion, planned, dueMs, firedMs: null, toNote: null });
        }
      }
      settle(one);
      forgetSpare();
      return one;
    },
    adopt(incident, steps) {
      const one = known.get(incident.id) ?? { incident, steps: [], isStored: true };
      known.set(incident.id, one);
      const isNew = ({ source, afterSeconds }: Omit<KnownStep, 'toNote'>) =>
        !one.steps.some((step) => step.source === source && step.afterSeconds === afterSeconds);
      for (const step of steps) if (isNew(step)) one.steps.push({ ...step, toNote: null });
      one.isStored = true;
      settle(one);
      forgetSpare();
    },
    get: (id) => known.get(id),
    markStored(id) {
      const one = known.get(id);
      if (!one) return;
      one.isStored = true;
      settle(one);
    },
    apply(act) {
      const one = known.get(act.incidentId);
      const standing = one && applyAct(one.incident, act);
      if (!one || !standing) return;
      one.incident = { ...one.incident, ...standing };
      settle(one);
    },
    markTakenOn(ids) {
      for (const id of ids) {
        const one = known.get(id);
        if (one?.incident.state !== 'open') continue;
        one.incident = { ...one.incident, state: 'acknowledged' };
        settle(one);
      }
    },
    markFired(incidentId, source, afterSeconds, firedMs) {
      const one = known.get(incidentId);
      const step = one?.steps.find((other) => other.source === source && other.afterSeconds === afterSeconds);
      if (!one || !step) return;
      step.firedMs ??= firedMs;
      step.toNote = null;
      settle(one);
    },
    waiting: () =>
      [...active.values()].filter(
        ({ incident, steps }) =>
          incident.state === 'open' && dueNow(steps, true, Number.MAX_SAFE_INTEGER).due.length > 0,
      ),
    toNote: () => [...active.values()].filter(({ steps }) => steps.some(({ toNote }) => toNote !== null)),
  };
}

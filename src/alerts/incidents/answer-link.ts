import type { Actor } from '../../audit/audit.ts';
import type { AlertLanguage } from '../../domain/alert-trigger.ts';
import { createAttemptLimit } from '../../support/attempt-limit.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import { newId } from '../../support/ids.ts';
import type { Logger } from '../../support/logger.ts';
import { catalogueOf } from '../content/catalogue/catalogue.ts';
import { titleIn } from '../content/incident-title.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type { ActLog } from './act-log.ts';
import type { ActOutcome } from './act-on-incident.ts';
import { inTime } from './in-time.ts';
import type { Incident, IncidentAct } from './incident.ts';
import { namedId } from './incident-id.ts';
import type { IncidentMetrics } from './incident-metrics.ts';
import type { KnownIncidents } from './known-incidents.ts';
import { endpointTagOf, type IncidentLink, type LinkAction, type LinkKey, openLink, sealLink } from './seal-link.ts';

/** What the page behind a link shows. */
export type LinkView =
  /** Made by nobody here, or changed on its way. */
  | { kind: 'unknown' }
  | { kind: 'expired'; language: AlertLanguage }
  | { kind: 'too-many'; retryAfterSeconds: number }
  | {
      kind: 'found';
      language: AlertLanguage;
      action: LinkAction;
      /** Whose link it is. */
      label: string;
      /** null: neither this process nor the database can tell now. */
      incident: Incident | null;
      /** What happened, in the reader's language; null where the incident is. */
      headline: string | null;
      /**
       * `ask`: nothing was done. `done`: it counts. `kept`: the database is away; it stops this node from telling others, and is
       * stored as soon as the database is back. `kept-in-memory`: the same, but not on a disk either. `already`: somebody was first.
       */
      outcome: 'ask' | 'done' | 'kept' | 'kept-in-memory' | 'already';
      /** A link by which the same reader can resolve it; null: it is resolved, or this was it. */
      resolveToken: string | null;
    };

/** The door behind the links in messages. It needs no database; without it a click is kept. */
export type IncidentLinks = {
  /** The token of a new link; undefined while this node has no key. */
  makeToken(
    incidentId: string,
    told: Pick<ToldRecipient, 'endpoint' | 'label' | 'language'>,
    action: LinkAction,
  ): string | undefined;
  /** Changes nothing: mail scanners follow links. Never rejects. */
  look(token: string, sourceAddress: string): Promise<LinkView>;
  act(token: string, sourceAddress: string): Promise<LinkView>;
};

const LIFETIME_SECONDS = 24 * 3_600;
const DATABASE_MS = 2_000;
/** Of texts that are no link, by address. */
const GUESSES = { attempts: 20, windowMs: 60_000 };
/** Of one good link, whoever follows it. */
const USES = { attempts: 30, windowMs: 60_000 };

export function createIncidentLinks(deps: {
  keys(): readonly LinkKey[];
  known: KnownIncidents;
  acts: ActLog;
  /** Rejects while the database is away. */
  find(id: string): Promise<Incident | undefined>;
  store(act: IncidentAct, actor: Omit<Actor, 'organizationId'>): Promise<ActOutcome | undefined>;
  metrics: IncidentMetrics;
  clock: Clock;
  logger: Logger;
}): IncidentLinks {
  const { known, acts, clock, logger, metrics } = deps;
  const guesses = createAttemptLimit(clock, GUESSES);
  const uses = createAttemptLimit(clock, USES);

  type Opened = { link: IncidentLink } | { view: LinkView };

  function open(token: string, sourceAddress: string): Opened {
    const link = openLink(deps.keys(), token);
    const wait = link
      ? uses.take(`${link.incidentId} ${link.endpointTag} ${link.action}`)
      : guesses.take(sourceAddress);
    if (wait !== undefined) return { view: { kind: 'too-many', retryAfterSeconds: wait } };
    if (!link) return { view: { kind: 'unknown' } };
    if (link.expiresSeconds * 1_000 <= clock.nowMs()) return { view: { kind: 'expired', language: link.language } };
    return { link };
  }

  function seal(link: Omit<IncidentLink, 'expiresSeconds'>): string | undefined {
    const key = deps.keys().at(-1);
    return key && sealLink(key, { ...link, expiresSeconds: Math.floor(clock.nowMs() / 1_000) + LIFETIME_SECONDS });
  }

  function found(
    { expiresSeconds: _expires, ...link }: IncidentLink,
    incident: Incident | null,
    outcome: Extract<LinkView, { kind: 'found' }>['outcome'],
  ): LinkView {
    const { action, label, language } = link;
    const isSettled = incident?.state === 'resolved' || action === 'resolve' || outcome === 'ask';
    const resolveToken = isSettled ? null : (seal({ ...link, action: 'resolve' }) ?? null);
    const headline = incident && catalogueOf(language).openings[incident.moment];
    const shown = incident && { ...incident, title: titleIn(language, incident.title) };
    return { kind: 'found', language, action, label, incident: shown, headline, outcome, resolveToken };
  }

  /** What is known: from the database, where it answers, else from memory. */
  async function find(id: string): Promise<Incident | null> {
    try {
      const stored = await inTime(clock, DATABASE_MS, deps.find(id));
      if (stored) return stored;
    } catch (error) {
      logger.debug({ incident: id, err: errorText(error) }, 'incidents: a link is shown from memory');
    }
    return known.get(id)?.incident ?? null;
  }

  /** Whether the incident is as the act would make it, by somebody else or earlier. */
  function isDone({ action }: IncidentLink, incident: Incident | null): boolean {
    if (!incident) return false;
    return action === 'acknowledge' ? incident.state !== 'open' : incident.state === 'resolved';
  }

  async function keep(link: IncidentLink, act: IncidentAct): Promise<LinkView> {
    metrics.kept();
    const isOnDisk = await acts.add(act);
    known.apply(act);
    logger.warn({ incident: act.incidentId, action: act.action }, 'incidents: an act waits for the database');
    return found(link, known.get(act.incidentId)?.incident ?? null, isOnDisk ? 'kept' : 'kept-in-memory');
  }

  return {
    makeToken: (incidentId, { endpoint, label, language }, action) =>
      seal({ incidentId, action, language, endpointTag: endpointTagOf(endpoint), label }),
    async look(token, sourceAddress) {
      const opened = open(token, sourceAddress);
      if ('view' in opened) return opened.view;
      const { link } = opened;
      const incident = await find(link.incidentId);
      if (isDone(link, incident)) return found(link, incident, 'already');
      const isKept = acts.of(link.incidentId).some(({ action }) => action === link.action);
      return found(link, incident, isKept ? 'kept' : 'ask');
    },
    async act(token, sourceAddress) {
      const opened = open(token, sourceAddress);
      if ('view' in opened) return opened.view;
      const { link } = opened;
      const { action, endpointTag, expiresSeconds, incidentId, label } = link;
      const act: IncidentAct = {
        // Of the link: a second click is the same act.
        id: namedId('link', incidentId, action, endpointTag, String(expiresSeconds)),
        incidentId,
        action,
        by: label,
        via: 'link',
        at: new Date(clock.nowMs()).toISOString(),
        note: null,
        endpointTag,
      };
      let outcome: ActOutcome | undefined;
      try {
        outcome = await inTime(
          clock,
          DATABASE_MS,
          deps.store(act, { tokenId: 'message link', trackingId: newId(), remoteAddress: sourceAddress }),
        );
      } catch (error) {
        logger.debug({ incident: incidentId, err: errorText(error) }, 'incidents: an act cannot be stored now');
      }
      // The link is ours, so there is such an incident; its call may not be stored yet.
      if (!outcome) return keep(link, act);
      return found(link, outcome.incident, outcome.isChanged ? 'done' : 'already');
    },
  };
}

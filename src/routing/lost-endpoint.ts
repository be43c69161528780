import { ProblemError } from '../domain/problem.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import { newId } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import { decodeLostQuery, encodeLostAnswer, type LostAnswer, type LostQuery } from '../wire/lost/lost.ts';
import { answerFindService } from './answer-find-service.ts';
import { answerListServices, answerListServicesByLocation } from './answer-list-services.ts';
import { answerGetServiceBoundary, answerGetServiceListBoundary } from './answer-service-boundary.ts';
import { createAskParent, type LostParent, type ParentOutcome } from './ask-parent.ts';
import type { CivicValidator } from './civic-validator.ts';
import type { Geocoder } from './geocoder.ts';
import { lostErrors } from './lost-problems.ts';
import type { HttpReferral, LostServer } from './lost-server.ts';
import { createOutlineCache } from './outline-cache.ts';
import type { RoutingSnapshot } from './routing-snapshot.ts';

export type LostHttpAnswer = {
  status: number;
  contentType: string;
  headers?: Readonly<Record<string, string>>;
  body: string;
};

/** For a service that is not known: `exact` an error, `parent` the mapping of its parent with a warning. */
export type Substitution = 'exact' | 'parent';

/**
 * Answers at once what memory answers; later what the parent was asked for or an address was checked for. `substitution` is that of
 * the door the query came to, where it has one of its own.
 */
export type LostEndpoint = (body: Uint8Array, substitution?: Substitution) => LostHttpAnswer | Promise<LostHttpAnswer>;

export type LostEndpointDeps = {
  snapshot: () => RoutingSnapshot;
  clock: Clock;
  logger: Logger;
  /** Our application unique string: a dotted name (RFC 5222 §4). */
  serverName: string;
  /** How long a client may keep a mapping. */
  mappingLifetimeMs: number;
  /** Of doors without one of their own; `parent` unless told. */
  substitution?: Substitution;
  /** Checks civic locations when asked to; without it only what the lookup itself used is told. */
  validateCivic?: CivicValidator;
  /** Where an address lies, from memory; without it the county decides. */
  geocode?: Geocoder;
  /** Who is asked, or named, for what lies outside our coverage. */
  parent?: LostParent;
  onParentOutcome?: (outcome: ParentOutcome) => void;
  /** How a client that does not want us to ask is told of the parent: `redirect` (unless told) or an HTTP redirection. */
  referral?: 'redirect' | 'http';
};

const LOST_TYPE = 'application/lost+xml;charset=utf-8';

type Outcome = LostAnswer | HttpReferral;

/**
 * The LoST door (RFC 5222): bytes in, an HTTP answer out. Every answer, errors too, is HTTP 200 with `application/lost+xml`
 * (RFC 5222 §14: the status tells about HTTP, not about the query), except that to a referral by HTTP. It neither throws nor
 * rejects.
 */
export function createLostEndpoint(deps: LostEndpointDeps): LostEndpoint {
  const { parent, ...rest } = deps;
  const server: LostServer = {
    ...rest,
    substitution: deps.substitution ?? 'parent',
    referral: deps.referral ?? 'redirect',
    outlines: createOutlineCache(),
    parent: parent && { name: parent.name, url: parent.url, ask: createAskParent({ ...deps, parent }) },
  };
  const servers = {
    exact: { ...server, substitution: 'exact' },
    parent: { ...server, substitution: 'parent' },
  } as const;
  return (body, substitution = server.substitution) => {
    const asked = servers[substitution];
    try {
      const outcome = answerQuery(asked, decodeLostQuery(body));
      if (!(outcome instanceof Promise)) return toHttp(outcome);
      return outcome.then(toHttp).catch((error: unknown) => toHttp(describeFailure(server, error)));
    } catch (error) {
      return toHttp(describeFailure(server, error));
    }
  };
}

function toHttp(outcome: Outcome): LostHttpAnswer {
  if (outcome.type !== 'http-referral') return { status: 200, contentType: LOST_TYPE, body: encodeLostAnswer(outcome) };
  // RFC 5222 §14: a 3xx holds no LoST. 307, because the query has to be sent again as it is.
  return { status: 307, contentType: 'text/plain;charset=utf-8', headers: { location: outcome.url }, body: '' };
}

function describeFailure({ logger, serverName }: LostServer, error: unknown): LostAnswer {
  if (error instanceof ProblemError) return lostErrors(serverName, error);
  const id = newId();
  logger.error(
    { err: errorText(error), stack: error instanceof Error ? error.stack : undefined, id },
    'LoST query failed',
  );
  return lostErrors(serverName, new ProblemError('unavailable', `internal error ${id}`));
}

function answerQuery(server: LostServer, query: LostQuery): Outcome | Promise<Outcome> {
  switch (query.type) {
    case 'findService':
      return answerFindService(server, query);
    case 'getServiceBoundary':
      return answerGetServiceBoundary(server, query);
    case 'listServices':
      return answerListServices(server, query);
    case 'listServicesByLocation':
      return answerListServicesByLocation(server, query);
    case 'getServiceListBoundary':
      return answerGetServiceListBoundary(server, query);
  }
}

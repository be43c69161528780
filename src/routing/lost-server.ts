import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import type { UsableLostLocation } from '../wire/lost/lost.ts';
import type { AskParent } from './ask-parent.ts';
import type { CivicValidator } from './civic-validator.ts';
import { findService, type NoService, type ServiceMatch } from './find-service.ts';
import type { Geocoder } from './geocoder.ts';
import type { OutlineCache } from './outline-cache.ts';
import { answeredService } from './registered-services.ts';
import type { RoutingSnapshot } from './routing-snapshot.ts';

/** What the answers of the LoST door are made with. */
export type LostServer = {
  snapshot: () => RoutingSnapshot;
  clock: Clock;
  logger: Logger;
  serverName: string;
  mappingLifetimeMs: number;
  substitution: 'exact' | 'parent';
  validateCivic?: CivicValidator;
  geocode?: Geocoder;
  parent: { name: string; url: string; ask: AskParent } | undefined;
  referral: 'redirect' | 'http';
  outlines: OutlineCache;
};

/** To be answered by an HTTP redirection instead of LoST. */
export type HttpReferral = { type: 'http-referral'; url: string };

/** A match, and whether it is for another service than the one asked for. */
export type LostMatch = ServiceMatch & { isSubstitute: boolean };

/** Looks a location up in our own data. */
export function lookUp(
  { snapshot, substitution, geocode }: Pick<LostServer, 'snapshot' | 'substitution' | 'geocode'>,
  { value }: UsableLostLocation,
  asked: string,
): LostMatch | NoService {
  const location = value.profile === 'civic' ? { civic: value.civic } : { shape: value.shape };
  const current = snapshot();
  const { isSubstitute, service } = answeredService(current, asked);
  if (isSubstitute && substitution === 'exact') {
    return { found: false, problem: 'service-not-implemented', detail: `no boundaries for ${asked.slice(0, 80)}` };
  }
  const match = findService(current, { service, location }, geocode);
  return match.found ? { ...match, isSubstitute } : match;
}

import type { CivicAddress } from '../domain/civic-address.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import {
  type FindService,
  type FindServiceResponse,
  type LocationValidation,
  type LostAnswer,
  type LostException,
  type LostMapping,
  type UsableLostLocation,
  usableLocation,
} from '../wire/lost/lost.ts';
import { serviceBoundaries } from './answer-service-boundary.ts';
import { type CivicValidator, type CivicVerdict, mergeValidation } from './civic-validator.ts';
import { validateCivic } from './find-service.ts';
import { continuePath } from './lost-path.ts';
import { type HttpReferral, type LostMatch, type LostServer, lookUp } from './lost-server.ts';
import { referElsewhere } from './refer-elsewhere.ts';

/** Validation is done long before a call, but nobody waits for it for ever. */
const VALIDATION_LIMIT_MS = 3_000;

/** RFC 5222 §8. Only a validation, or the parent, is waited for. */
export function answerFindService(
  server: LostServer,
  query: FindService,
): HttpReferral | LostAnswer | Promise<LostAnswer> {
  const location = usableLocation(query.locations);
  const match = lookUp(server, location, query.service);
  if (!match.found) return referElsewhere(server, query, location, match);
  const { value } = location;
  if (!query.validateLocation) return respond(server, query, match, location, {});
  // RFC 5222 §8.3.5 ignores the wish for a geodetic location; the warning says so.
  if (value.profile !== 'civic') {
    return respond(server, query, match, location, { unavailable: 'only civic locations are validated' });
  }
  const used = validateCivic(server.snapshot(), value.civic);
  if (!server.validateCivic) return respond(server, query, match, location, { validation: used });
  return verdictInTime(server.validateCivic, value.civic, server.clock).then(
    (verdict) => {
      const validation = mergeValidation(value.civic, used, verdict, query.additionalLocation);
      return respond(server, query, match, location, { validation });
    },
    (error: unknown) => {
      server.logger.warn({ err: errorText(error) }, 'a location could not be validated');
      return respond(server, query, match, location, { unavailable: 'the address data cannot be asked at present' });
    },
  );
}

async function verdictInTime(validate: CivicValidator, civic: CivicAddress, clock: Clock): Promise<CivicVerdict> {
  let cancel: () => void = () => undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(VALIDATION_LIMIT_MS, () => {
      reject(new ProblemError('unavailable', `no verdict within ${VALIDATION_LIMIT_MS} ms`));
    });
  });
  try {
    return await Promise.race([validate(civic), limit]);
  } finally {
    cancel();
  }
}

/** What came of the wish for a validation. */
type Validated = { validation?: LocationValidation; unavailable?: string };

function respond(
  server: LostServer,
  query: FindService,
  match: LostMatch,
  location: UsableLostLocation,
  { unavailable, validation }: Validated,
): FindServiceResponse {
  const exceptions: LostException[] = [];
  if (match.isSubstitute) {
    exceptions.push({
      type: 'serviceSubstitution',
      message: `${query.service.slice(0, 80)} is not known here; this is the mapping of ${match.service}`,
    });
  }
  if (match.quality === 'nearest' || match.quality === 'civic-state' || match.quality === 'center') {
    exceptions.push({ type: 'defaultMappingReturned', message: match.rule });
  } else if (match.served.leadsToRelay) {
    exceptions.push({
      type: 'defaultMappingReturned',
      message: 'which PSAP serves the location is open: relay centre',
    });
  }
  if (unavailable !== undefined) exceptions.push({ type: 'locationValidationUnavailable', message: unavailable });
  return {
    type: 'findServiceResponse',
    mappings: [toMapping(server, query, match, location.value.profile === 'civic')],
    ...(validation ? { locationValidation: validation } : {}),
    ...(exceptions.length > 0 ? { warnings: [{ source: server.serverName, exceptions }] } : {}),
    path: continuePath(query.path, server.serverName),
    locationUsed: location.id,
  };
}

function toMapping(server: LostServer, query: FindService, match: LostMatch, asCivic: boolean): LostMapping {
  const { key, mapping } = match.served;
  // RFC 5222 §5.5: a boundary by value needs one in the query's profile; where there is none, a reference stands for it.
  const values =
    query.serviceBoundary === 'value' ? serviceBoundaries(server, match.layer, match.boundary, asCivic) : [];
  const byValue = values.some(({ profile }) => profile === (asCivic ? 'civic' : 'geodetic-2d'));
  return {
    source: mapping.source,
    sourceId: mapping.sourceId,
    lastUpdated: match.served.lastUpdated,
    expires: new Date(server.clock.nowMs() + server.mappingLifetimeMs),
    displayNames: [{ text: mapping.displayName, language: 'en' }],
    service: match.service,
    ...(byValue ? { serviceBoundaries: values } : { serviceBoundaryReference: { source: server.serverName, key } }),
    uris: [mapping.uri],
    serviceNumber: mapping.serviceNumber,
  };
}

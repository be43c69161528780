import type { DisplayName, LostAnswer, LostExceptions, LostMapping, LostPath } from '../wire/lost/lost.ts';
import { isServerName } from './lost-path.ts';

/** `xsd:language`. */
const LANGUAGE = /^[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*$/;
/** An absolute URI (RFC 5222 §5.8), of the characters that RFC 3986 has. */
const URI = /^[a-zA-Z][a-zA-Z0-9+.-]*:(?:[a-zA-Z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9a-fA-F]{2})+$/;
const SERVICE_NUMBER = /^[0-9*#]+$/;

/** Who stands in for what an answer leaves out. */
export type AnswerRoute = {
  /** The server that gave the answer. */
  parentName: string;
  /** The servers that the query came through, we the last. */
  asked: LostPath;
  /** Of the query's locations. */
  locationIds: readonly string[];
  /** The service asked for. */
  service: string;
};

/**
 * Another server's answer, made fit to be passed on: what would break the schema of RFC 5222, or clients that are less lenient
 * than we, is replaced or left out. What it says is not touched.
 */
export function repairAnswer(answer: LostAnswer, route: AnswerRoute): LostAnswer {
  switch (answer.type) {
    case 'findServiceResponse':
      return {
        ...answer,
        mappings: answer.mappings.map((mapping) => repairMapping(mapping, route)),
        ...repairCommon(answer, route),
        ...repairLocationUsed(answer.locationUsed, route),
      };
    case 'getServiceBoundaryResponse':
    case 'listServicesResponse':
      return { ...answer, ...repairCommon(answer, route) };
    case 'listServicesByLocationResponse': {
      const { serviceListBoundaryReference: reference, ...rest } = answer;
      const usable = reference !== undefined && isServerName(reference.source) && reference.key !== '';
      return {
        ...rest,
        ...repairCommon(answer, route),
        ...repairLocationUsed(answer.locationUsed, route),
        ...(usable ? { serviceListBoundaryReference: reference } : {}),
      };
    }
    case 'getServiceListBoundaryResponse':
      return { ...answer, path: repairPath(answer.path, route) };
    case 'errors':
      return { type: 'errors', ...repairExceptions(answer, route) };
    case 'redirect':
      return { ...answer, source: serverName(answer.source, route), ...repairLanguage(answer.language) };
  }
}

function serverName(name: string, { parentName }: AnswerRoute): string {
  return isServerName(name) ? name : parentName;
}

function repairLanguage(language: string | undefined): { language?: string } {
  return language === undefined ? {} : { language: LANGUAGE.test(language) ? language : 'en' };
}

/** A client may have no use for a mapping of which it does not know what it is for. */
function repairLocationUsed(used: string | undefined, { locationIds }: AnswerRoute): { locationUsed?: string } {
  const [only, second] = locationIds;
  if (used !== undefined && locationIds.includes(used)) return { locationUsed: used };
  if (only !== undefined && second === undefined) return { locationUsed: only };
  return used === undefined ? {} : { locationUsed: used };
}

function repairMapping(mapping: LostMapping, route: AnswerRoute): LostMapping {
  const { serviceNumber, serviceBoundaryReference: reference, ...rest } = mapping;
  const names = mapping.displayNames
    .filter(({ text }) => text !== '')
    .map(({ text, language }): DisplayName => ({ text, language: LANGUAGE.test(language) ? language : 'en' }));
  const usable = reference !== undefined && isServerName(reference.source) && reference.key !== '';
  return {
    ...rest,
    source: serverName(mapping.source, route),
    service: URI.test(mapping.service) ? mapping.service : route.service,
    uris: mapping.uris.filter((uri) => URI.test(uri)),
    displayNames: names.length > 0 ? names : [{ text: mapping.sourceId || mapping.service, language: 'en' }],
    ...(usable ? { serviceBoundaryReference: reference } : {}),
    ...(serviceNumber !== undefined && SERVICE_NUMBER.test(serviceNumber) ? { serviceNumber } : {}),
  };
}

function repairCommon(
  answer: { warnings?: readonly LostExceptions[]; path: LostPath },
  route: AnswerRoute,
): { warnings?: readonly LostExceptions[]; path: LostPath } {
  return {
    ...(answer.warnings ? { warnings: answer.warnings.map((one) => repairExceptions(one, route)) } : {}),
    path: repairPath(answer.path, route),
  };
}

function repairExceptions({ source, exceptions }: LostExceptions, route: AnswerRoute): LostExceptions {
  return {
    source: serverName(source, route),
    exceptions: exceptions.map((exception) => ({ ...exception, ...repairLanguage(exception.language) })),
  };
}

/** RFC 5222 §6: the way of the query stands in front; a server that left it out is put behind it. */
function repairPath(path: LostPath, { asked, parentName }: AnswerRoute): LostPath {
  const named = path.filter(isServerName);
  if (asked.every((name) => named.includes(name))) {
    const [first = parentName, ...rest] = named;
    return [first, ...rest];
  }
  const own = named.filter((name) => !asked.includes(name));
  const [first, ...rest] = asked;
  return [first, ...rest, ...(own.length > 0 ? own : [parentName])];
}

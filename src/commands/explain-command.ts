import type { ApiClient } from '../transport/api-client.ts';
import { describeTrace, type ShownStep } from './describe-trace.ts';

export type ExplainOptions = {
  from?: string;
  dialed: string;
  geolocation?: string;
  lat?: string;
  lon?: string;
  erl?: string;
  device?: string;
};

type RouteAnswer = {
  mapping: { sourceId: string; displayName: string; uri: string };
  boundary: { layer: string; version: string; importId: string | null; updated: string };
  quality: string;
  rule: string;
  distanceToEdgeMeters: number | null;
  runnersUp: { displayName: string }[];
  warnings: string[];
  leadsToRelay: boolean;
  place: { foundBy: string };
};

type CallAnswer = {
  dialed: string;
  destinations: { name: string; uri: string }[];
  location: { text: string } | null;
  callback: { number: string | null; rule: string };
  flags: string[];
  trace: ShownStep[];
};

async function explainRoute(api: ApiClient, query: URLSearchParams): Promise<string[]> {
  const answer = await api.request<RouteAnswer>('GET', `/api/explain/route?${query.toString()}`);
  const { boundary, distanceToEdgeMeters: distance, place } = answer;
  return [
    answer.mapping.displayName,
    `  ${answer.mapping.uri}`,
    `  found by ${place.foundBy}`,
    `  ${answer.quality}: ${answer.rule}`,
    `  boundary ${answer.mapping.sourceId} of ${boundary.layer}, version ${boundary.version}, of ${boundary.updated}`,
    ...(boundary.importId === null ? [] : [`  import ${boundary.importId}`]),
    ...(distance === null ? [] : [`  ${Math.round(distance)} m from its edge`]),
    ...answer.runnersUp.map((runner) => `  next: ${runner.displayName}`),
    ...answer.warnings.map((warning) => `  warning: ${warning}`),
    ...(answer.leadsToRelay ? ['  calls go to the relay centre until a PSAP is chosen: waymark psap worklist'] : []),
  ];
}

async function explainCall(api: ApiClient, query: URLSearchParams): Promise<string[]> {
  const answer = await api.request<CallAnswer>('GET', `/api/explain/call?${query.toString()}`);
  return [
    `${answer.dialed} would go to ${answer.destinations.map((one) => one.name).join(', then ')}`,
    `  location: ${answer.location?.text ?? 'unknown'}`,
    `  callback: ${answer.callback.number ?? 'none'} (${answer.callback.rule})`,
    ...(answer.flags.length === 0 ? [] : [`  flags: ${answer.flags.join(', ')}`]),
    ...describeTrace(answer.trace),
  ];
}

/** `waymark explain`: the lines to print. */
export function explain(api: ApiClient, address: string, options: ExplainOptions): Promise<string[]> {
  const { device, dialed, erl, from, geolocation, lat, lon } = options;
  if (from !== undefined) {
    return explainCall(api, new URLSearchParams({ from, dialed, ...(geolocation !== undefined && { geolocation }) }));
  }
  if (lat !== undefined && lon !== undefined) return explainRoute(api, new URLSearchParams({ lat, lon }));
  if (erl !== undefined) return explainRoute(api, new URLSearchParams({ erl }));
  if (device !== undefined) return explainRoute(api, new URLSearchParams({ device }));
  if (address === '')
    throw new Error('explain what? Give an address, --lat and --lon, --erl, --device, or --from a number');
  return explainRoute(api, new URLSearchParams({ address }));
}

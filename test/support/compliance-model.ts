/** The stages of section 3 as simply as they can be written down, to hold the real thing against. */
export const MODEL_STAGES = ['LOCATION_SETUP', 'ALERTS', 'NETWORK_ELEMENTS', 'ROUTING_ENABLED'] as const;

export type ModelRequest = (typeof MODEL_STAGES)[number] | 'OPTED_OUT';

/** How many stages are completed, 0 to 4; or out of the service. */
export type ModelPlace = number | 'out';

export type ModelLocation = { name: string; isAbroad: boolean; at: ModelPlace };

export type Model = { organization: ModelPlace; locations: ReadonlyMap<string, ModelLocation> };

export const EMPTY_MODEL: Model = { organization: 0, locations: new Map() };

/** Where a request leads; `same` = nothing changes, undefined = out of order. */
function step(from: ModelPlace, request: ModelRequest): ModelPlace | 'same' | undefined {
  if (request === 'OPTED_OUT') return from === 'out' ? 'same' : 'out';
  const wanted = MODEL_STAGES.indexOf(request) + 1;
  const done = from === 'out' ? 0 : from;
  if (wanted === done) return 'same';
  return wanted === done + 1 ? wanted : undefined;
}

function shownState(model: Model, { isAbroad, at }: ModelLocation): string {
  if (isAbroad) return 'EXEMPTED';
  if (model.organization === 'out' || at === 'out') return 'OPTED_OUT';
  return at === 4 ? 'COMPLIANT' : (MODEL_STAGES[Math.max(at, 1) - 1] ?? '');
}

const STATES = [...MODEL_STAGES, 'COMPLIANT', 'EXEMPTED', 'OPTED_OUT'];

function byName([, a]: [string, ModelLocation], [, b]: [string, ModelLocation]): number {
  return new Intl.Collator('en').compare(a.name, b.name);
}

function compliance({ organization, locations }: Model): string {
  if (organization === 'out') return 'OPTED_OUT';
  const all = [...locations.values()];
  if (all.length === 0) return organization === 4 ? 'COMPLIANT' : 'NON_COMPLIANT';
  const subject = all.filter((one) => !one.isAbroad);
  if (subject.length === 0) return 'EXEMPTED';
  return subject.every((one) => one.at === 4) ? 'COMPLIANT' : 'NON_COMPLIANT';
}

export type Outcome = unknown;

/** What `redSky/status` shows. */
export function modelStatus(model: Model): Outcome {
  const { organization, locations } = model;
  const inService = [...locations].filter(([, one]) => !one.isAbroad && one.at !== 'out' && organization !== 'out') as [
    string,
    ModelLocation & { at: number },
  ][];
  const least = Math.min(...inService.map(([, one]) => one.at));
  const shown = inService.filter(([, one]) => one.at === least).sort(byName);
  const orgStatus = organization === 'out' ? 'OPTED_OUT' : organization === 4 ? 'ENABLED' : 'INITIALISE';
  const state = (MODEL_STAGES[Math.max(least, 1) - 1] ?? '').replace('ROUTING_ENABLED', 'ROUTING_ENABLE');
  return {
    orgStatus,
    complianceStatus: compliance(model),
    locationsStatus:
      locations.size === 0
        ? undefined
        : {
            state: shown.length === 0 ? undefined : state,
            count: locations.size,
            locations: shown.slice(0, 4).map(([id, { name }]) => ({ id, name })),
          },
  };
}

/** What `redSky/complianceStatus` lists: id and state, in the order asked for. */
export function modelList(model: Model, order: 'locationName' | 'locationState', descending: boolean): Outcome {
  const named = [...model.locations].sort(byName);
  const direction = descending ? -1 : 1;
  const rank = (one: ModelLocation): number => STATES.indexOf(shownState(model, one));
  const sorted =
    order === 'locationName'
      ? descending
        ? named.reverse()
        : named
      : named.sort(([, a], [, b]) => direction * (rank(a) - rank(b)));
  return sorted.map(([id, one]) => ({ id, state: shownState(model, one) }));
}

export type ModelAction =
  | { kind: 'organization'; request: ModelRequest }
  | { kind: 'location'; locationId: string; request: ModelRequest; isAllowed: (location: ModelLocation) => boolean }
  | { kind: 'create'; name: string; isAbroad: boolean }
  | { kind: 'remove'; locationId: string }
  | { kind: 'read' };

/** What an action does and what it answers. `createdId` is the id that the real thing gave a new location. */
export function take(
  model: Model,
  action: ModelAction,
  createdId: string | undefined,
): { model: Model; outcome: Outcome } {
  const { organization, locations } = model;
  if (action.kind === 'read') return { model, outcome: modelStatus(model) };
  if (action.kind === 'create') {
    if ([...locations.values()].some((one) => one.name.toLowerCase() === action.name.toLowerCase())) {
      return { model, outcome: 'conflict' };
    }
    const { name, isAbroad } = action;
    const added = new Map(locations).set(createdId ?? '', { name, isAbroad, at: 0 });
    return { model: { organization, locations: added }, outcome: 'created' };
  }
  if (action.kind === 'remove') {
    if (!locations.has(action.locationId)) return { model, outcome: 'missing' };
    const left = new Map(locations);
    left.delete(action.locationId);
    return { model: { organization, locations: left }, outcome: 'removed' };
  }
  if (action.kind === 'location') {
    const location = locations.get(action.locationId);
    if (!location || !action.isAllowed(location)) return { model, outcome: 'missing' };
    if (location.isAbroad) return { model, outcome: 'conflict' };
    if (organization === 'out' && action.request !== 'OPTED_OUT') return { model, outcome: 'conflict' };
    const at = step(location.at, action.request);
    if (at === undefined) return { model, outcome: 'conflict' };
    const next =
      at === 'same'
        ? model
        : { organization, locations: new Map(locations).set(action.locationId, { ...location, at }) };
    const now = next.locations.get(action.locationId) ?? location;
    return { model: next, outcome: { state: shownState(next, now).replace('ROUTING_ENABLED', 'ROUTING_ENABLE') } };
  }
  const to = step(organization, action.request);
  if (to === undefined) return { model, outcome: 'conflict' };
  if (to === 'same') return { model, outcome: modelStatus(model) };
  const moved = new Map(
    [...locations].map(([id, one]): [string, ModelLocation] => {
      if (to === 'out') return [id, { ...one, at: one.at === 'out' ? 'out' : 0 }];
      return [id, !one.isAbroad && one.at === to - 1 ? { ...one, at: to } : one];
    }),
  );
  const next = { organization: to, locations: moved };
  return { model: next, outcome: modelStatus(next) };
}

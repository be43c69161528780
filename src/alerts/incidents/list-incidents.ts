import { invalidField, ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database } from '../../storage/database.ts';
import { isUuid } from '../../support/ids.ts';
import { isStorableMoment } from '../../support/storable-moment.ts';
import { INCIDENT_STATES, type Incident, type IncidentItem, type IncidentState } from './incident.ts';
import { type IncidentCursor, type IncidentFilter, selectIncident, selectIncidents } from './incident-list-records.ts';

export type IncidentPageRequest = IncidentFilter & {
  /** 1 to 1000; 100 unless told. */
  max?: number | undefined;
  /** The `next` of the page before. */
  after?: string | undefined;
};

/** `next` is to be given as `after` to get the following page; null on the last. */
export type IncidentPage = { items: IncidentItem[]; next: string | null };

const DEFAULT_MAX = 100;
const MAX_MAX = 1_000;
const EXPORT_PAGE = 500;

/** Whether a location administrator may see what happened there; everybody else sees all of the organization. */
export function isWithinReach(scope: Scope, { locationId, organizationId }: Incident): boolean {
  if (scope.role !== 'operator' && organizationId !== scope.organizationId) return false;
  return scope.locationIds === undefined || (locationId !== null && scope.locationIds.has(locationId));
}

/** Incidents, open ones first unless told, as far as the scope may see them. */
export function createIncidentList(deps: { database: Pick<Database, 'db'> }) {
  async function listIncidents(scope: Scope, request: IncidentPageRequest = {}): Promise<IncidentPage> {
    const { max = DEFAULT_MAX, after, ...filter } = request;
    if (!Number.isInteger(max) || max < 1 || max > MAX_MAX) throw invalidField('max', `expected 1 to ${MAX_MAX}`);
    const found = await selectIncidents(deps.database.db, {
      ...filter,
      organizationId: scope.organizationId,
      locationIds: scope.locationIds && [...scope.locationIds],
      max: max + 1,
      after: after === undefined ? undefined : readCursor(after),
    });
    const items = found.slice(0, max);
    const last = items.at(-1);
    return { items, next: found.length > max && last ? writeCursor(last) : null };
  }

  return {
    /** Throws `invalid` (max, after). */
    listIncidents,
    /** Page after page of what the request finds. Throws as `listIncidents`. */
    async *incidentPages(scope: Scope, request: IncidentPageRequest): AsyncGenerator<readonly IncidentItem[]> {
      let { after } = request;
      for (;;) {
        const { items, next } = await listIncidents(scope, { ...request, after, max: EXPORT_PAGE });
        if (items.length > 0) yield items;
        if (next === null) return;
        after = next;
      }
    },
    /** Throws `not-found`. The operator finds incidents of every organization. */
    async getIncident(scope: Scope, id: string): Promise<IncidentItem> {
      const organizationId = scope.role === 'operator' ? null : scope.organizationId;
      const incident = isUuid(id) ? await selectIncident(deps.database.db, organizationId, id) : undefined;
      if (!incident || !isWithinReach(scope, incident)) throw new ProblemError('not-found', 'no such incident');
      return incident;
    },
  };
}

function writeCursor({ state, openedAt, id }: IncidentCursor): string {
  return Buffer.from(`${state} ${openedAt} ${id}`, 'utf8').toString('base64url');
}

function readCursor(text: string): IncidentCursor {
  const [state = '', openedAt = '', id = ''] = Buffer.from(text, 'base64url').toString('utf8').split(' ');
  const isState = (word: string): word is IncidentState => INCIDENT_STATES.some((known) => known === word);
  if (text.length > 200 || !isState(state) || !isStorableMoment(new Date(openedAt)) || !isUuid(id))
    throw invalidField('after', 'is no cursor');
  return { state, openedAt, id };
}

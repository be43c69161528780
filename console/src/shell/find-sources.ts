import { api } from '../api/client.ts';
import { addressLine } from '../pages/places/place-types.ts';
import { ROOMS } from '../pages/places/rooms-address.ts';
import { elementName } from '../pages/wire-map/element-name.ts';
import { changesOf } from '../parts/address-bar.ts';
import { formatMoment } from '../parts/moment.tsx';
import type { Operation } from '../session/session.ts';
import { texts } from '../texts/texts.ts';

/** Of each kind; whoever wants more of one opens its list. */
const FOUND = 5;

/** Something that was found, and the page that shows it. */
export type Found = {
  to: string;
  label: string;
  description?: string;
  /** Where it stands, if the answer does not name that place. */
  locationId?: string;
};

/** Where one looks, and what that needs; whoever may not do it is not shown that there is something. */
export type FindSource = {
  name: keyof typeof texts.finder.groups;
  needs: Operation;
  find: (text: string, signal: AbortSignal) => Promise<readonly Found[]>;
};

/** `list`: its name in the address bar, where it stands within a page about something else. */
const toList = (path: string, text: string, list: string | null = null): string =>
  `${path}?${new URLSearchParams(changesOf(list, { text }))}`;
const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export const FIND_SOURCES: readonly FindSource[] = [
  {
    name: 'locations',
    needs: 'GET /api/locations',
    async find(text, signal) {
      const { data } = await api.GET('/api/locations', { params: { query: { text, max: FOUND } }, signal });
      return (data?.items ?? []).map(({ id, name, postalAddress }) => ({
        to: `/places/${id}`,
        label: name,
        description: addressLine(postalAddress),
      }));
    },
  },
  {
    name: 'rooms',
    needs: 'GET /api/response-locations',
    async find(text, signal) {
      const { data } = await api.GET('/api/response-locations', { params: { query: { text, max: FOUND } }, signal });
      return (data?.items ?? []).map(({ name, locationId }) => ({
        to: toList(`/places/${locationId}`, name, ROOMS),
        label: name,
        locationId,
      }));
    },
  },
  {
    name: 'members',
    needs: 'GET /api/members',
    async find(text, signal) {
      const { data } = await api.GET('/api/members', { params: { query: { text, max: FOUND } }, signal });
      return (data?.items ?? []).map(({ id, displayName, kind, extension }) => ({
        to: `/members/${id}`,
        label: displayName,
        description: [texts.members.kinds[kind], extension].filter(Boolean).join(' · '),
      }));
    },
  },
  {
    name: 'numbers',
    needs: 'GET /api/numbers',
    async find(text, signal) {
      const { data } = await api.GET('/api/numbers', { params: { query: { text, max: FOUND } }, signal });
      // Who has an extension alone is found among the members.
      return (data?.items ?? []).flatMap(({ number }) =>
        number === null ? [] : [{ to: toList('/members/numbers', number), label: number }],
      );
    },
  },
  {
    name: 'elements',
    needs: 'GET /api/wire-map',
    async find(text, signal) {
      const { data } = await api.GET('/api/wire-map', { params: { query: { text, max: FOUND } }, signal });
      return (data?.items ?? []).map((element) => ({
        to: toList('/wire-map', element.value),
        label: elementName(element),
        description: [element.responseLocationName, element.locationName].filter(Boolean).join(' · '),
      }));
    },
  },
  {
    name: 'calls',
    needs: 'GET /api/calls',
    async find(text, signal) {
      const { data } = await api.GET('/api/calls', { params: { query: { text, max: FOUND } }, signal });
      return (data?.items ?? []).map(({ id, kind, callerNumber, startedAt }) => ({
        to: `/calls/${id}`,
        label: `${texts.calls.kinds[kind]} · ${callerNumber ?? texts.unknown}`,
        description: formatMoment(new Date(startedAt), zone()),
      }));
    },
  },
  {
    name: 'psaps',
    needs: 'GET /api/psaps',
    async find(text, signal) {
      const { data } = await api.GET('/api/psaps', { params: { query: { text, max: FOUND } }, signal });
      return (data?.items ?? []).map(({ name, uri }) => ({
        to: toList('/routing/psaps', name),
        label: name,
        description: uri,
      }));
    },
  },
];

import { changesOf } from '../../parts/address-bar.ts';

/** The name of a location's rooms in the address bar. */
export const ROOMS = 'rooms';

/** What takes the search of one location's rooms out of the address bar, for those of another one. */
export const ROOMS_AFRESH = changesOf(ROOMS, { text: '', page: '', sort: '' });

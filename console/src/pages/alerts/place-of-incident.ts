import { texts } from '../../texts/texts.ts';
import type { Incident } from './alert-types.ts';

/** Where an incident is: of a call that is always a place, known or not. */
export function placeOfIncident({ callId, place }: Pick<Incident, 'callId' | 'place'>): string {
  return place ?? (callId === null ? texts.incidents.nowhere : texts.incidents.noPlace);
}

import type { CivicAddress } from '../domain/civic-address.ts';
import type { Shape } from '../domain/shape.ts';
import type { PageRequest } from './place.ts';

export type NewResponseLocation = {
  /** The location in whose building this is. */
  locationId: string;
  name: string;
  /** Elements inside the building: FLR, ROOM, UNIT, SEAT, LMK, LOC, NAM, BLD, PLC, PN, MP, ADDCODE. */
  detail: CivicAddress;
  shape?: Shape | undefined;
  alertEmails?: readonly string[] | undefined;
};

/** Absent = stays. */
export type ResponseLocationChanges = {
  name?: string | undefined;
  detail?: CivicAddress | undefined;
  shape?: Shape | null | undefined;
  alertEmails?: readonly string[] | undefined;
};

export type ResponseLocationFilter = PageRequest & {
  locationId?: string | undefined;
  /** Part of the name, in any case. */
  name?: string | undefined;
};

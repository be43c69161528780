/** What a row of a PSAP registry says, as read; texts trimmed and bounded. */
export type RegistryRow = {
  /** The number that the registry gives the PSAP. */
  psapId: string;
  name: string;
  /** State, territory or province code. */
  state: string;
  /** As written; may name several counties, or none. */
  county: string;
  city: string;
  /** `NC`, `O` (orphaned), `A` (added), `M` (modified), `S` (secondary); a row may have several. */
  changeCodes: readonly string[];
  comments: string;
  /** `YYYY-MM-DD`; null where the registry says nothing. */
  modifiedOn: string | null;
  /** The registry's own words, of files that have the column. */
  textTo911: string | null;
  contact: string | null;
};

/** How the county of a row was recognized. */
export type CountyMatch =
  /** By its name. */
  | 'name'
  /** By a name that is one letter off. */
  | 'spelling'
  /** By a name that the county, or the area before it was divided, once had, or that stands for several. */
  | 'former-name'
  /** The row names several counties. */
  | 'several'
  /** The name is that of a county and of an independent city beside it: both are listed. */
  | 'ambiguous'
  /** A province or a territory that is one area. */
  | 'whole-state'
  | 'none';

/** A row with the boundaries of the built-in data that its county text names: a hint where the PSAP may serve, no service area. */
export type RegistryEntry = RegistryRow & {
  /** `psapId`, with `#2`, `#3` … where a registry repeats it. */
  key: string;
  /** Takes calls itself: neither orphaned nor secondary. */
  isActive: boolean;
  /** `us-county-48201`, `ca-province-on`; ascending. */
  sourceIds: readonly string[];
  match: CountyMatch;
};

const WITHOUT_CALLS = new Set(['O', 'S']);

/** Whether a row is of a PSAP that takes emergency calls itself. */
export function isActiveRow({ changeCodes }: Pick<RegistryRow, 'changeCodes'>): boolean {
  return !changeCodes.some((code) => WITHOUT_CALLS.has(code));
}

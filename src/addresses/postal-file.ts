/** Layout of data/postal.json.br; see data/README.md. */
export type PostalFile = {
  format: 'waymark-postal/1';
  /** ISO 8601 date on which the file was built. */
  updated: string;
  /** The first three digits of a ZIP code to the states it occurs in, separated by spaces. */
  sections: Record<string, string>;
  /** By state, territory or province code. */
  regions: Record<string, PostalRegion>;
};

/** Entries as columns of equal length: postal codes in their order, then places that only the gazetteer has. */
export type PostalRegion = {
  /** `number=name|…`, three digits; empty in Canada. */
  counties: string;
  /** ZIP codes or forward sortation areas separated by spaces; `-` for places of the gazetteer. */
  codes: string;
  /** County numbers separated by single spaces; empty where unknown. */
  countyOf: string;
  /** Steps of the grid from the entry before that has a point, separated by single spaces; empty where unknown. */
  latitudes: string;
  longitudes: string;
  /** Entries separated by `|`, names of one entry by `/`, the best first. */
  names: string;
};

/** About 5 km: enough to tell whether a place lies near a postal code. */
export const POSTAL_GRID_PER_DEGREE = 20;

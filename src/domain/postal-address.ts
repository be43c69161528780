/** An address as people write it on an envelope; the names are those of the contract's `locations` resource. */
export type PostalAddress = {
  readonly address1: string;
  readonly address2?: string;
  readonly city: string;
  /** State, province or territory: code or name, as entered; empty where a country has none. */
  readonly state: string;
  /** Empty where a country has none. */
  readonly postalCode: string;
  /** ISO 3166-1 alpha-2, upper case; a territory may stand here (`PR`) or as the state of `US`. */
  readonly country: string;
};

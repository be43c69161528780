// ISO 3166-1 codes: the territories can be written as countries of their own or as regions of US.
const COVERED = new Set(['US', 'PR', 'GU', 'VI', 'AS', 'MP', 'UM', 'CA']);

/** Whether a country lies outside the United States, their territories and Canada (decision 4: EXEMPTED). */
export function isExempt(country: string): boolean {
  return !COVERED.has(country.toUpperCase());
}

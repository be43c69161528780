/**
 * The rules by which a device is found, in the order in which they are tried; the first that names a place wins. An exact
 * word about the device comes first; then the wire tells more than the air, the air more than an address, all of them more
 * than what was agreed about a device, a number or a site.
 */
export const LOCATING_RULES = [
  'device-override',
  'switch-port',
  'switch-chassis',
  'bssid',
  'bssid-mask',
  'mac',
  'ip-range',
  'device-address',
  'number',
  'site-default',
] as const;

export type LocatingRule = (typeof LOCATING_RULES)[number];

export type Resolution = {
  rule: LocatingRule;
  /** 1 to 100. Where rules contradict each other the one with less of it loses. */
  trust: number;
  /** IANA Method Token (RFC 4119 §6.1). */
  method: 'Wiremap' | 'Manual';
  /** That the device is within the place's shape, percent (RFC 7459 §3); said of areas only. */
  confidencePercent: number;
  /** How old what the rule goes by may be; older, it is left out and said to be. null: it is as of the request. */
  freshForMs: number | null;
  /** Tells nothing of the network that the device is in: what the request named is kept to be mapped. */
  isWeak: boolean;
};

const MINUTE = 60_000;
const DAY = 86_400_000;

/** What each rule is worth; a row for every rule. */
const ROWS: Readonly<Record<LocatingRule, Omit<Resolution, 'rule'>>> = {
  'device-override': { trust: 100, method: 'Manual', confidencePercent: 95, freshForMs: null, isWeak: false },
  'switch-port': { trust: 95, method: 'Wiremap', confidencePercent: 95, freshForMs: DAY, isWeak: false },
  'switch-chassis': { trust: 85, method: 'Wiremap', confidencePercent: 90, freshForMs: DAY, isWeak: false },
  bssid: { trust: 80, method: 'Wiremap', confidencePercent: 90, freshForMs: 30 * MINUTE, isWeak: false },
  'bssid-mask': { trust: 75, method: 'Wiremap', confidencePercent: 85, freshForMs: 30 * MINUTE, isWeak: false },
  mac: { trust: 70, method: 'Wiremap', confidencePercent: 80, freshForMs: null, isWeak: false },
  'ip-range': { trust: 60, method: 'Wiremap', confidencePercent: 80, freshForMs: null, isWeak: false },
  'device-address': { trust: 40, method: 'Manual', confidencePercent: 70, freshForMs: 30 * DAY, isWeak: true },
  number: { trust: 30, method: 'Manual', confidencePercent: 60, freshForMs: null, isWeak: true },
  'site-default': { trust: 20, method: 'Manual', confidencePercent: 50, freshForMs: null, isWeak: true },
};

export const RESOLUTION_TABLE: readonly Resolution[] = LOCATING_RULES.map((rule) => ({ rule, ...ROWS[rule] }));

export function resolutionOf(rule: LocatingRule): Omit<Resolution, 'rule'> {
  return ROWS[rule];
}

import { isTooWide } from './address-range.ts';
import { maskWords, openDigits } from './bssid-mask.ts';
import { hardwareNumber } from './hardware-number.ts';
import { isPrivateIp, WORDS_OF } from './ip-words.ts';
import { compareAddresses } from './range-table.ts';
import type { WireMapBlock } from './wire-map-block.ts';
import type { WireMapPlaces } from './wire-map-places.ts';

/** What can be questionable about a wire map that is right row by row. */
const LINT_RULES = [
  /** Two ranges of different places overlap, and neither lies in the other. */
  'overlapping-ranges',
  /** A range is so wide that it answers for addresses of others: `0.0.0.0/0`, or more than a /8 (IPv6: a /16). */
  'range-too-wide',
  /** No element leads to a response location: only people's own settings can. */
  'orphan',
  /** Ports of a switch are known, the switch is not: a phone on another port is not found by it. */
  'port-without-switch',
  /** A mask of BSSIDs leads to another floor than a finer entry that it holds. */
  'mask-across-floors',
  /** A private range counts only for requests that are seen from the organization's own addresses, and there are none. */
  'private-range-without-gate',
  /** A row says what an earlier row said. */
  'duplicate',
  /** The address of the location is not known to be one that responders find. */
  'address-not-validated',
  /** A subnet without mask was taken for the usual one. */
  'prefix-assumed',
] as const;

export type LintRule = (typeof LINT_RULES)[number];

/** `element` is what it is about, in words; `line` where it was found in a file. */
export type LintFinding = { rule: LintRule; element: string; message: string; line?: number };

/** `findings` are the first 200 of each rule, `counts` all. */
export type LintReport = { counts: Record<LintRule, number>; findings: LintFinding[] };

const MAX_OF_RULE = 200;
export function emptyLintReport(): LintReport {
  const counts = Object.fromEntries(LINT_RULES.map((rule) => [rule, 0])) as Record<LintRule, number>;
  return { counts, findings: [] };
}

export function addFinding(report: LintReport, finding: LintFinding): void {
  report.counts[finding.rule] += 1;
  if (report.counts[finding.rule] <= MAX_OF_RULE) report.findings.push(finding);
}

/** Judges a whole wire map. */
export function lintWireMap(block: WireMapBlock, places: WireMapPlaces, report = emptyLintReport()): LintReport {
  const erls = new Map(places.responseLocations.flatMap((one) => [one.id, ...one.mergedIds].map((id) => [id, one])));
  const isSame = (one: string, other: string): boolean =>
    one === other || (erls.has(one) && erls.get(one) === erls.get(other));
  const nameOf = (id: string): string => erls.get(id)?.name ?? id;
  const used = new Set<string>();
  const switches = new Set<string>();

  for (const { kind, key, responseLocationId } of block.entries()) {
    used.add(erls.get(responseLocationId)?.id ?? responseLocationId);
    if (kind === 'switch-port') {
      const chassis = key.slice(0, key.indexOf('\n'));
      if (switches.has(chassis) || block.findSwitch('switch-chassis', chassis) !== undefined) continue;
      switches.add(chassis);
      addFinding(report, {
        rule: 'port-without-switch',
        element: `switch ${chassis}`,
        message: 'has ports in the wire map and no entry of its own',
      });
    } else if (kind === 'bssid') lintBssid(key, responseLocationId);
  }

  function lintBssid(key: string, responseLocationId: string): void {
    const open = openDigits(key);
    const value = hardwareNumber(key.slice(0, 17 - open) + '0'.repeat(open));
    for (const wider of ([1, 2] as const).filter((one) => one > open)) {
      const { high, low } = maskWords(value, wider);
      const other = block.findHardware('bssid', high, low);
      if (other === undefined || isSame(other, responseLocationId)) continue;
      const [here, there] = [erls.get(responseLocationId), erls.get(other)];
      if (here === undefined || there === undefined) continue;
      if (here.locationId === there.locationId && here.floor === there.floor) continue;
      addFinding(report, {
        rule: 'mask-across-floors',
        element: `access point ${key}`,
        message: `stands in ${here.name}, a mask that holds it in ${there.name}`,
      });
    }
  }

  for (const version of [4, 6] as const) {
    const ranges = block.ranges[version];
    const width = WORDS_OF[version];
    const open: number[] = [];
    for (let place = 0; place < ranges.count; place += 1) {
      const first = ranges.first(place);
      const last = ranges.last(place);
      const { key, responseLocationId } = block.range(version, place);
      if (!places.hasGate && isPrivateIp(version, first)) {
        addFinding(report, {
          rule: 'private-range-without-gate',
          element: key,
          message: 'counts only for requests from the organization’s own addresses, and none are stated',
        });
      }
      if (isTooWide({ version, first, last })) {
        addFinding(report, {
          rule: 'range-too-wide',
          element: key,
          message: `sends every device that nothing finer finds to ${nameOf(responseLocationId)}`,
        });
      }
      // Ranges are in the order of their starts: what is open and ends before this one ends overlaps it or is over.
      for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
        if (compareAddresses(ranges.last(top), 0, last, 0, width) >= 0) break;
        open.pop();
        if (compareAddresses(ranges.last(top), 0, first, 0, width) < 0) continue;
        const other = block.range(version, top);
        if (isSame(other.responseLocationId, responseLocationId)) continue;
        if (compareAddresses(ranges.first(top), 0, first, 0, width) === 0) continue;
        addFinding(report, {
          rule: 'overlapping-ranges',
          element: key,
          message: `of ${nameOf(responseLocationId)} overlaps ${other.key} of ${nameOf(other.responseLocationId)}`,
        });
      }
      open.push(place);
    }
  }

  const locationsInUse = new Set<string>();
  for (const { id, name, locationId } of places.responseLocations) {
    if (used.has(id)) locationsInUse.add(locationId);
    else addFinding(report, { rule: 'orphan', element: name, message: 'has no network element that leads to it' });
  }
  for (const { id, name, isAddressRight } of places.locations) {
    if (isAddressRight || !locationsInUse.has(id)) continue;
    addFinding(report, {
      rule: 'address-not-validated',
      element: name,
      message: 'has network elements, and its address is not known to be dispatchable',
    });
  }
  return report;
}

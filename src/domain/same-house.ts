import type { CivicAddress, CivicElement } from './civic-address.ts';
import { foldName } from './regions.ts';

const HOUSE: readonly CivicElement[] = [
  'country',
  'A1',
  'A3',
  'PC',
  'PRM',
  'PRD',
  'STP',
  'RD',
  'STS',
  'POD',
  'POM',
  'HNP',
  'HNO',
  'HNS',
];

/** Whether two addresses name the same house in the same words, whatever they say of its inside. */
export function isSameHouse(a: CivicAddress, b: CivicAddress): boolean {
  return HOUSE.every((element) => foldName(a[element] ?? '') === foldName(b[element] ?? ''));
}

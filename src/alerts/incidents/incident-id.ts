import { sha256Hex } from '../../support/ids.ts';
import type { AlertOccasion } from '../alert-occasion.ts';

/** A UUID made of names (RFC 9562 §5.8, version 8): the same on every node and start. */
export function namedId(...names: readonly string[]): string {
  const hex = sha256Hex(JSON.stringify(names));
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const digits = `${hex.slice(0, 12)}8${hex.slice(13, 16)}${variant}${hex.slice(17, 32)}`;
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20, 32),
  ].join('-');
}

/** The incident of an occasion: the call's own id; what is told again of the same matter belongs to the same incident. */
export function incidentIdOf({ call, organizationId, moment, subjectId }: AlertOccasion): string {
  return call?.id ?? namedId('incident', organizationId, moment, subjectId);
}

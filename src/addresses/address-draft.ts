import type { PostalAddress } from '../domain/postal-address.ts';
import {
  ADDRESS_FAULTS,
  type AddressCandidate,
  type AddressCorrection,
  type AddressFault,
  type AddressFaultKind,
  type AddressField,
  type UncheckedAddress,
} from './address-validation.ts';
import { ADDRESS_FIELD_LENGTHS } from './read-postal-address.ts';

const MAX_CANDIDATES = 5;
const MAX_SHOWN = 80;

/** An address while it is being checked: what it has become, and everything that was noted about it. */
export type AddressDraft = {
  readonly fields: Readonly<Record<AddressField, string>>;
  readonly corrections: readonly AddressCorrection[];
  readonly faults: readonly AddressFault[];
  readonly findings: readonly string[];
  readonly candidates: readonly AddressCandidate[];
  /** Changes a field and keeps what it was; the same value changes nothing. */
  correct(field: AddressField, to: string, kind: AddressCorrection['kind'], reason: string): void;
  fault(kind: AddressFaultKind, field: AddressField, detail: string): void;
  has(...kinds: readonly AddressFaultKind[]): boolean;
  find(sentence: string): void;
  /** Suggests the address with some fields otherwise. */
  suggest(changes: Partial<Record<AddressField, string>>, reason: string): void;
  postal(): PostalAddress;
};

/** A value as details and reasons quote it. */
export function quoted(text: string): string {
  return `"${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text}"`;
}

function toPostal({ address2, ...rest }: Record<AddressField, string>): PostalAddress {
  return { ...rest, ...(address2 === '' ? {} : { address2 }) };
}

/** The fields as given, in one form of Unicode, without control characters and spare spaces, and no longer than allowed. */
export function createAddressDraft(input: UncheckedAddress): AddressDraft {
  const fields: Record<AddressField, string> = {
    address1: '',
    address2: '',
    city: '',
    state: '',
    postalCode: '',
    country: '',
  };
  const corrections: AddressCorrection[] = [];
  const faults: AddressFault[] = [];
  const findings: string[] = [];
  const candidates: AddressCandidate[] = [];

  const draft: AddressDraft = {
    fields,
    corrections,
    faults,
    findings,
    candidates,
    correct(field, to, kind, reason) {
      const from = fields[field];
      if (from === to) return;
      fields[field] = to;
      corrections.push({ field, from, to, kind, reason });
    },
    fault(kind, field, detail) {
      faults.push({ kind, ...ADDRESS_FAULTS[kind], field, detail });
    },
    has: (...kinds) => faults.some(({ kind }) => kinds.includes(kind)),
    find(sentence) {
      findings.push(sentence);
    },
    suggest(changes, reason) {
      const address = toPostal({ ...fields, ...changes });
      const text = JSON.stringify(address);
      if (candidates.length >= MAX_CANDIDATES || candidates.some((one) => JSON.stringify(one.address) === text)) return;
      candidates.push({ address, reason });
    },
    postal: () => toPostal(fields),
  };

  for (const field of Object.keys(fields) as AddressField[]) {
    const given = input[field] ?? '';
    const limit = ADDRESS_FIELD_LENGTHS[field];
    // Cut first: nothing below is worth doing for a field without bound.
    fields[field] = given.slice(0, limit + 1);
    if (given.length > limit) {
      fields[field] = given.slice(0, limit);
      draft.fault('field-too-long', field, `${field} is longer than ${limit} characters; only these were looked at`);
    }
    const tidy = fields[field]
      .toWellFormed()
      .normalize('NFC')
      .replace(/\p{Cf}+/gu, '')
      .replace(/[\p{Cc}\p{Zs}\p{Zl}\p{Zp}]+/gu, ' ')
      .trim()
      .slice(0, limit)
      .trim();
    draft.correct(field, tidy, 'form', 'spaces and characters without a shape mean nothing');
  }
  return draft;
}

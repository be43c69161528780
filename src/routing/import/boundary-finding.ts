/** What was noticed about a file of boundaries. */
export const BOUNDARY_RULES = {
  /** No boundary can be made of the row. */
  'no-id': 'error',
  'bad-id': 'error',
  'duplicate-id': 'error',
  'bad-value': 'error',
  'no-service': 'error',
  'unreadable-geometry': 'error',
  'no-area': 'error',
  'not-degrees': 'error',
  'swapped-axes': 'error',
  'nowhere-near': 'error',
  /** The row has no outline: it serves nothing. */
  'null-geometry': 'warning',
  /** Kept, but calls are not sent there until it has a SIP URI. */
  'destination-missing': 'warning',
  repaired: 'warning',
  'id-in-two-layers': 'warning',
  'id-taken-over': 'warning',
  'service-taken-over': 'note',
  'name-missing': 'warning',
  'date-unread': 'warning',
  'not-in-force': 'note',
  encoding: 'warning',
  'same-outline': 'warning',
  'inside-another': 'warning',
  overlap: 'warning',
  gap: 'warning',
  'outside-coverage': 'warning',
  'other-state': 'warning',
  /** Part of the check was left out, and which. */
  'not-checked': 'note',
  'many-removed': 'warning',
} as const;

export type BoundaryRule = keyof typeof BOUNDARY_RULES;

/** `error`: the row is no boundary. `warning`: the operator should look. `note`: what was assumed. */
export type Severity = (typeof BOUNDARY_RULES)[BoundaryRule];

export type BoundaryFinding = {
  rule: BoundaryRule;
  severity: Severity;
  /** Layer of the file and row in it, where it is about one. */
  layer?: string;
  row?: string;
  /** `sourceId` of the boundary, where it has one. */
  boundary?: string;
  message: string;
  /** Where to look. */
  latitude?: number;
  longitude?: number;
  squareMeters?: number;
};

export type BoundaryLint = {
  /** How often each rule was broken, also beyond the findings that are listed. */
  counts: Partial<Record<BoundaryRule, number>>;
  errors: number;
  findings: BoundaryFinding[];
};

/** So many of a rule are listed. */
const LISTED = 200;

export type NoteFinding = (finding: Omit<BoundaryFinding, 'severity'>) => void;

export function createBoundaryLint(): { lint: BoundaryLint; note: NoteFinding } {
  const lint: BoundaryLint = { counts: {}, errors: 0, findings: [] };
  return {
    lint,
    note(finding) {
      const severity = BOUNDARY_RULES[finding.rule];
      const count = (lint.counts[finding.rule] ?? 0) + 1;
      lint.counts[finding.rule] = count;
      if (severity === 'error') lint.errors += 1;
      if (count <= LISTED) lint.findings.push({ ...finding, severity });
    },
  };
}

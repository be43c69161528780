/** What can be questionable about an address layer; the sentences are for people. */
export const LAYER_RULES = {
  fault: 'features whose geometry could not be read',
  'no-state': 'features without state, territory or province were left out',
  'no-street': 'features without street were left out',
  'no-number': 'points without house number were left out',
  'no-range': 'roads without house numbers were left out',
  'zero-range': 'road sides have no house numbers',
  'not-for-validation': 'road sides are marked as not for validation',
  parity: 'road sides whose parity contradicts their numbers: the numbers count',
  'no-position': 'features have no coordinates: addresses are confirmed by them, but not placed',
  'duplicate-id': 'features share an id',
  'duplicate-address': 'points share an address',
  'range-overlap': 'ranges of one street overlap',
} as const;

export type LayerRule = keyof typeof LAYER_RULES;

export type LayerLintReport = {
  /** Only rules that found something. */
  counts: Partial<Record<LayerRule, number>>;
  /** The first of each rule. */
  findings: { rule: LayerRule; id: string; message: string }[];
};

/** Collects what is questionable. */
export type LayerLint = {
  /** Notes it of a feature that is left out. */
  add(rule: LayerRule, id: string, message: string): undefined;
  note(rule: LayerRule, id: string, message: string): void;
  report(): LayerLintReport;
};

const SHOWN_OF_EACH = 20;

export function createLayerLint(): LayerLint {
  const counts: Partial<Record<LayerRule, number>> = {};
  const findings: LayerLintReport['findings'] = [];
  function note(rule: LayerRule, id: string, message: string): void {
    const count = (counts[rule] ?? 0) + 1;
    counts[rule] = count;
    if (count <= SHOWN_OF_EACH) findings.push({ rule, id, message });
  }
  return {
    add(rule, id, message) {
      note(rule, id, message);
      return undefined;
    },
    note,
    report: () => ({ counts: { ...counts }, findings: [...findings] }),
  };
}

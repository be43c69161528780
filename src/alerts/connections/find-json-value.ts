const STEP = /^[^.[\]]{1,64}|^\.[^.[\]]{1,64}|^\[\d{1,4}\]/;
const MAX_STEPS = 16;

/** `messages[0].status` as its steps; undefined for what is no such path. */
export function readJsonPath(path: string): readonly string[] | undefined {
  const steps: string[] = [];
  for (let rest = path; rest !== ''; ) {
    const [step] = STEP.exec(rest) ?? [];
    if (step === undefined || steps.length === MAX_STEPS || (steps.length > 0 && !/^[.[]/.test(step))) return undefined;
    if (steps.length === 0 && step.startsWith('.')) return undefined;
    steps.push(step.replaceAll(/^\.|^\[|\]$/g, ''));
    rest = rest.slice(step.length);
  }
  return steps.length === 0 ? undefined : steps;
}

/** The value at a path as text; undefined where there is no text, number or truth value, and for what is no JSON. */
export function findJsonValue(body: string, path: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  for (const step of readJsonPath(path) ?? []) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

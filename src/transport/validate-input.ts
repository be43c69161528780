import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type FieldFault, ProblemError } from '../domain/problem.ts';

const MAX_FAULTS = 20;

type SchemaError = { instancePath: string; message: string; params?: Record<string, unknown>; keyword?: string };

function describe(error: SchemaError): FieldFault[] {
  const base = error.instancePath.split('/').slice(1).join('.');
  if (error.keyword === 'required' && Array.isArray(error.params?.requiredProperties)) {
    return error.params.requiredProperties.map((name) => ({
      path: base === '' ? String(name) : `${base}.${String(name)}`,
      message: 'is required',
    }));
  }
  const allowed = error.params?.allowedValues;
  const values = Array.isArray(allowed) ? allowed.filter((value) => value !== null) : undefined;
  const message = values ? `must be one of ${values.join(', ')}` : error.message;
  return [{ path: base, message }];
}

// Far above any document of ours, far below what a recursive reader survives.
const MAX_DEPTH = 64;

/** Longer than any text that a field takes; fields say themselves when they take less. */
const MAX_TEXT = 8_192;

function textFault(text: string, maxLength = MAX_TEXT): string | undefined {
  if (text.length > maxLength) return `is longer than ${maxLength} characters`;
  if (text.includes('\0')) return 'holds a NUL character';
  return text.isWellFormed() ? undefined : 'holds half of a surrogate pair';
}

/** More than the largest lists of ours hold; walking through a body of a mebibyte of them would hold up the calls. */
const MAX_VALUES = 20_000;

/** Finds the first text that no text or jsonb column can or should hold, so that no use case meets one. */
function createUnstorableFinder(): (value: unknown) => FieldFault | null {
  let values = 0;

  function findIn(name: string, value: unknown, path: string, depth: number): FieldFault | null {
    return find(value, path === '' ? name : `${path}.${name}`, depth + 1);
  }

  function find(value: unknown, path: string, depth: number): FieldFault | null {
    if (typeof value === 'string') {
      // A body that is text as a whole (CSV, documents read aside) is bounded in bytes already.
      const message = textFault(value, depth === 0 ? Number.POSITIVE_INFINITY : MAX_TEXT);
      return message === undefined ? null : { path, message };
    }
    if (typeof value !== 'object' || value === null) return null;
    if (depth >= MAX_DEPTH) return { path: path.split('.').slice(0, 3).join('.'), message: 'is nested too deeply' };
    const names = Array.isArray(value) ? undefined : Object.keys(value);
    values += names?.length ?? (value as unknown[]).length;
    if (values > MAX_VALUES) return { path, message: `brings the values to more than ${MAX_VALUES}` };
    if (names === undefined) {
      for (const [index, item] of (value as unknown[]).entries()) {
        const fault = findIn(String(index), item, path, depth);
        if (fault) return fault;
      }
      return null;
    }
    for (const name of names) {
      const message = textFault(name);
      if (message !== undefined) return { path, message: `has a name that ${message}` };
      const fault = findIn(name, (value as Record<string, unknown>)[name], path, depth);
      if (fault) return fault;
    }
    return null;
  }

  return (value) => find(value, '', 0);
}

type QuerySchema = { type?: string; properties?: Readonly<Record<string, QuerySchema>> };

const WHOLE = /^-?\d{1,15}$/;
const DECIMAL = /^-?\d{1,15}(?:\.\d{1,15})?$/;
const TRUTH: Readonly<Record<string, boolean>> = { true: true, false: false, 1: true, 0: false };

/** A query's text as the number or truth value that its schema asks for; what is none stays text, and is refused as that. */
function readQueryValue(value: unknown, type: string | undefined): unknown {
  if (typeof value !== 'string') return value;
  if (type === 'integer') return WHOLE.test(value) ? Number(value) : value;
  if (type === 'number') return DECIMAL.test(value) ? Number(value) : value;
  if (type === 'boolean') return TRUTH[value] ?? value;
  // A list of one.
  return type === 'array' ? [value] : value;
}

function readQuery(schema: QuerySchema, given: unknown): unknown {
  const entries = Object.entries(given as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, readQueryValue(value, schema.properties?.[name]?.type)]),
  );
}

/** Compiles a JSON schema once; the result throws `invalid` naming every field at fault. */
export function createInputValidator(schema: TSchema, where: 'body' | 'query'): (value: unknown) => unknown {
  const compiled = Compile(schema);
  return (given) => {
    // Query values arrive as text; bodies are never coerced.
    const value: unknown = where === 'query' ? readQuery(schema, given) : given;
    const unstorable = createUnstorableFinder()(value);
    if (!unstorable && compiled.Check(value)) return value;
    const fields = unstorable
      ? [unstorable]
      : (compiled.Errors(value) as SchemaError[]).flatMap(describe).slice(0, MAX_FAULTS);
    const names = fields.map((field) =>
      field.path === '' ? `${where} ${field.message}` : `${field.path} ${field.message}`,
    );
    throw new ProblemError('invalid', `The ${where} is not valid: ${names.join('; ')}`, { fields });
  };
}

import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
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
  const message = Array.isArray(allowed) ? `must be one of ${allowed.join(', ')}` : error.message;
  return [{ path: base, message }];
}

/** Compiles a JSON schema once; the result throws `invalid` naming every field at fault. */
export function createInputValidator(schema: TSchema, where: 'body' | 'query'): (value: unknown) => unknown {
  const compiled = Compile(schema);
  return (given) => {
    // Query values arrive as text; bodies are never coerced.
    const value: unknown = where === 'query' ? Value.Convert(schema, given) : given;
    if (compiled.Check(value)) return value;
    const fields = (compiled.Errors(value) as SchemaError[]).flatMap(describe).slice(0, MAX_FAULTS);
    const names = fields.map((field) =>
      field.path === '' ? `${where} ${field.message}` : `${field.path} ${field.message}`,
    );
    throw new ProblemError('invalid', `The ${where} is not valid: ${names.join('; ')}`, { fields });
  };
}

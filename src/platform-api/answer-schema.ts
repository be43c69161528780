import type { Static, TSchema } from 'typebox';

/** A value as JSON carries it: dates are texts, and nothing is read-only. */
export type Plain<Value> = Value extends Date
  ? string
  : Value extends readonly (infer Item)[]
    ? Plain<Item>[]
    : Value extends object
      ? { -readonly [Name in keyof Value]: Plain<Value[Name]> }
      : Value;

/**
 * A schema for answers that hold a `Value`. Where the value could be what the schema does not allow, it does not compile: what
 * clients are told stays what they get.
 */
export function answerSchema<Value>() {
  return <Schema extends TSchema>(
    schema: Plain<Value> extends Static<Schema> ? Schema : { mismatch: Static<Schema>; answered: Plain<Value> },
  ): Schema => schema as Schema;
}

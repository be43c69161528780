/** What mostly is at hand, and has to be waited for sometimes: what is at hand costs no promise and no turn. */
export type NowOrLater<Value> = Value | Promise<Value>;

/** Goes on with the value, at once when it is there. Whatever fails, `fail` is told, once. */
export function goOnWith<Value>(
  find: () => NowOrLater<Value>,
  goOn: (value: Value) => void,
  fail: (error: unknown) => void,
): void {
  try {
    const value = find();
    if (value instanceof Promise) value.then(goOn).catch(fail);
    else goOn(value);
  } catch (error) {
    fail(error);
  }
}

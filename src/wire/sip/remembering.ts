/**
 * A reader that remembers its last two results, for a text that is read several times while one message is processed. Results are
 * shared, so nobody may change them. No more are kept: what outlives its message costs the garbage collector more than
 * reading it again.
 */
export function remembering<Read>(read: (text: string) => Read): (text: string) => Read {
  let last: { text: string; result: Read } | undefined;
  let beforeLast: { text: string; result: Read } | undefined;
  return (text) => {
    if (last?.text === text) return last.result;
    const known = beforeLast?.text === text ? beforeLast : { text, result: read(text) };
    beforeLast = last;
    last = known;
    return known.result;
  };
}

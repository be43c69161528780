/** What comes in parts, as one text. */
export async function wholeText(parts: Promise<AsyncIterable<string>>): Promise<string> {
  let whole = '';
  for await (const part of await parts) whole += part;
  return whole;
}

/** Characters of a value that somebody else chose; more of it helps nobody. */
const MAX_VALUE_LENGTH = 500;

/**
 * One line whatever comes in: names and addresses are chosen by callers and administrators. Marks that turn the direction of
 * what follows are left out, and halves of characters replaced, which the database would not take.
 */
export function oneLine(text: string): string {
  const line = text
    // Far more than is kept; a caller's name is not searched to its end.
    .slice(0, MAX_VALUE_LENGTH * 4)
    .toWellFormed()
    .replace(/\p{Bidi_Control}/gu, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return cutText(line, MAX_VALUE_LENGTH);
}

/** At most `maxLength` characters as people count them (code points), the last one an ellipsis where something was cut. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const characters = Array.from(text);
  return characters.length <= maxLength ? text : `${characters.slice(0, maxLength - 1).join('')}…`;
}

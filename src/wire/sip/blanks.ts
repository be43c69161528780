/** Where the first space or tab stands; -1 when there is none. */
export function firstBlank(text: string): number {
  const space = text.indexOf(' ');
  const tab = text.indexOf('\t');
  return tab === -1 || (space !== -1 && space < tab) ? space : tab;
}

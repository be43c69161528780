import { escapeAttribute } from '../xml/xml.ts';

/** `path` (RFC 5222 §6); nothing without servers. `namespace` is declared where the default one is another. */
export function encodePath(sources: readonly string[], namespace?: string): string {
  if (sources.length === 0) return '';
  let xml = namespace === undefined ? '<path>' : `<path xmlns="${namespace}">`;
  for (const source of sources) xml += `<via source="${escapeAttribute(source)}"/>`;
  return `${xml}</path>`;
}

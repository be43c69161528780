import { escapeAttribute } from '../xml/xml.ts';

/** `path` (RFC 5222 §6); nothing without servers. */
export function encodePath(sources: readonly string[]): string {
  if (sources.length === 0) return '';
  let xml = '<path>';
  for (const source of sources) xml += `<via source="${escapeAttribute(source)}"/>`;
  return `${xml}</path>`;
}

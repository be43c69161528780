import type { ElementReader } from '../xml/xml.ts';

/** Reads the sources of `path` (RFC 5222 §6) into `sources`. */
export function pathReader(sources: string[]): ElementReader {
  return {
    child: (element) => {
      const source = element.attribute('source')?.trim();
      if (element.local === 'via' && source !== undefined && source !== '') sources.push(source);
      return undefined;
    },
  };
}

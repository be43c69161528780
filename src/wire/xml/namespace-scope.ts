import { XML_NAMESPACE } from './xml-element.ts';

/** More than any honest document has; bounds the search for each name. */
const MAX_DECLARATIONS = 256;
const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/';

/** The namespace declarations in force (Namespaces in XML 1.0 §3, §6); short, so searched from the innermost. */
export class NamespaceScope {
  readonly #prefixes: string[] = ['xml'];
  readonly #uris: string[] = [XML_NAMESPACE];

  /** How many are in force, to go back to with `leave`. */
  get size(): number {
    return this.#prefixes.length;
  }

  leave(size: number): void {
    // Most tags declare nothing, and even to set a length to what it is costs a call into the engine.
    if (this.#prefixes.length === size) return;
    this.#prefixes.length = size;
    this.#uris.length = size;
  }

  /** Takes a declaration in, `prefix` empty for the default namespace; answers what is wrong with it, if anything. */
  declare(prefix: string, uri: string): string | undefined {
    if (prefix === 'xmlns') return 'the prefix xmlns must not be declared';
    if ((prefix === 'xml') !== (uri === XML_NAMESPACE)) return 'the prefix xml and its namespace belong together';
    if (uri === XMLNS_NAMESPACE) return `${XMLNS_NAMESPACE} must not be declared`;
    if (prefix !== '' && uri === '') return `the prefix ${prefix} must not be undeclared`;
    if (this.#prefixes.length > MAX_DECLARATIONS)
      return `more than ${MAX_DECLARATIONS} namespace declarations in force`;
    this.#prefixes.push(prefix);
    this.#uris.push(uri);
    return undefined;
  }

  /** The namespace of a prefix; of the empty one, empty when there is no default. Undefined: not declared. */
  resolve(prefix: string): string | undefined {
    const index = this.#prefixes.lastIndexOf(prefix);
    return index === -1 ? (prefix === '' ? '' : undefined) : this.#uris[index];
  }
}

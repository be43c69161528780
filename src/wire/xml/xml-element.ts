/** An attribute as it stands in a start tag; `uri` is empty when it has no prefix. Namespace declarations are none. */
export type XmlAttribute = { readonly uri: string; readonly local: string; readonly value: string };

export const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

/** A start tag with its namespaces resolved. */
export class XmlElement {
  /** Namespace name, empty when the element has none. */
  readonly uri: string;
  /** Name without prefix. */
  readonly local: string;
  readonly #attributes: readonly XmlAttribute[];

  constructor(uri: string, local: string, attributes: readonly XmlAttribute[]) {
    this.uri = uri;
    this.local = local;
    this.#attributes = attributes;
  }

  /** Value of the attribute that has this name and no namespace, white space normalized. */
  attribute(name: string): string | undefined {
    return this.#find('', name);
  }

  /** Value of the attribute that has this name in the namespace `uri`. */
  attributeIn(uri: string, name: string): string | undefined {
    return this.#find(uri, name);
  }

  /** Value of `xml:lang`. */
  language(): string | undefined {
    return this.#find(XML_NAMESPACE, 'lang');
  }

  #find(uri: string, local: string): string | undefined {
    for (const attribute of this.#attributes) {
      if (attribute.local === local && attribute.uri === uri) return attribute.value;
    }
    return undefined;
  }
}

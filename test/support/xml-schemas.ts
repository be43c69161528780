import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  RelaxNGValidator,
  XmlDocument,
  XmlElement,
  XmlLibError,
  XsdValidator,
  xmlRegisterInputProvider,
} from 'libxml2-wasm';
import { fsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';

const CONTRACT = join(import.meta.dirname, '../../contract');

export type SchemaName = 'held' | 'lost' | 'pidf-lo' | 'additional-data';

type Validator = { validate(document: XmlDocument): void };

const FILES: Record<SchemaName, string> = {
  held: 'held/all.xsd',
  lost: 'lost/lost1.rfc5222.rng',
  'pidf-lo': 'pidf-lo/all.xsd',
  'additional-data': 'additional-data/all.xsd',
};

const loaded = new Map<SchemaName, Validator>();

function validatorFor(name: SchemaName): Validator {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  xmlRegisterInputProvider(fsInputProviders);
  const file = join(CONTRACT, FILES[name]);
  const schema = XmlDocument.fromBuffer(readFileSync(file), { url: file });
  const validator = name === 'lost' ? RelaxNGValidator.fromDoc(schema) : XsdValidator.fromDoc(schema);
  loaded.set(name, validator);
  return validator;
}

/** Throws, saying where, when the document is not valid by the pinned schemas of contract/. */
export function assertValid(name: SchemaName, xml: string | Uint8Array): void {
  const document = typeof xml === 'string' ? XmlDocument.fromString(xml) : XmlDocument.fromBuffer(xml);
  try {
    validatorFor(name).validate(document);
  } catch (cause) {
    throw new Error(`not valid ${name}: ${String(cause)}\n${xml.toString()}`, { cause });
  } finally {
    document.dispose();
  }
}

/** A document as nested values, for comparing readers: text is the element's own, attributes those of the list asked. */
export type XmlTree = {
  uri: string;
  local: string;
  text: string;
  attributes: (string | undefined)[];
  inner: XmlTree[];
};

export type TreeVerdict = { wellFormed: false } | { wellFormed: true; tree: XmlTree };

/**
 * What libxml2 says of a document; undefined when it finds fault with namespace names that are no URIs and says nothing
 * else: Namespaces in XML 1.0 §2.2 makes that no condition, and RFC 4119 has an example without.
 */
export function readWithLibxml2(xml: Uint8Array, attributes: readonly string[]): TreeVerdict | undefined {
  let document: XmlDocument;
  try {
    document = XmlDocument.fromBuffer(xml);
  } catch (error) {
    const isAboutUris =
      error instanceof XmlLibError && error.details.every(({ message }) => /valid URI|not absolute/.test(message));
    return isAboutUris ? undefined : { wellFormed: false };
  }
  try {
    return { wellFormed: true, tree: treeOf(document.root, attributes) };
  } finally {
    document.dispose();
  }
}

function treeOf(element: XmlElement, attributes: readonly string[]): XmlTree {
  // By XPath, for walking siblings stumbles over processing instructions.
  return {
    uri: element.namespaceUri,
    local: element.name,
    text: element
      .find('text()')
      .map((node) => node.content)
      .join(''),
    attributes: [...attributes.map((name) => element.attr(name)?.value), element.attr('lang', 'xml')?.value],
    inner: element.find('*').flatMap((node) => (node instanceof XmlElement ? [treeOf(node, attributes)] : [])),
  };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RelaxNGValidator, XmlDocument, XmlLibError, XsdValidator, xmlRegisterInputProvider } from 'libxml2-wasm';
import { fsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';

const CONTRACT = join(import.meta.dirname, '../../contract');

export type SchemaName = 'held' | 'lost' | 'pidf-lo';

type Validator = { validate(document: XmlDocument): void };

const FILES: Record<SchemaName, string> = {
  held: 'held/all.xsd',
  lost: 'lost/lost1.rfc5222.rng',
  'pidf-lo': 'pidf-lo/all.xsd',
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

/**
 * Whether libxml2 takes this for a well-formed document with sound namespaces. Its extra wish that namespace names be
 * URIs is not counted: Namespaces in XML 1.0 §2.2 makes that no condition, and RFC 4119 has an example without.
 */
export function isWellFormed(xml: Uint8Array): boolean {
  try {
    XmlDocument.fromBuffer(xml).dispose();
    return true;
  } catch (error) {
    return error instanceof XmlLibError && error.details.every(({ message }) => /is not a valid URI/.test(message));
  }
}

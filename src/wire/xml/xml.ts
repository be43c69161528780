/** Reading and writing XML 1.0 without a tree, bounded; used by HELD, LoST and PIDF-LO. */
export { tokenReader } from './element-readers.ts';
export { escapeAttribute, escapeText } from './escape-xml.ts';
export { type ElementReader, readXml } from './read-xml.ts';
export type { XmlElement } from './xml-element.ts';
export { ANSWER_LIMITS, REQUEST_LIMITS, type XmlLimits } from './xml-limits.ts';
export {
  collapseSpace,
  readBoolean,
  readDateTime,
  readList,
  readNumber,
  writeDateTimeMillis,
  writeDateTimeSeconds,
  writeNumber,
} from './xml-values.ts';

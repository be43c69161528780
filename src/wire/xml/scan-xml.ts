import { ProblemError } from '../../domain/problem.ts';
import { NamespaceScope } from './namespace-scope.ts';
import { type XmlAttribute, XmlElement } from './xml-element.ts';
import { endOfName } from './xml-names.ts';
import { replaceReferences } from './xml-references.ts';

/** What a scan reports, in document order. `open` and `close` come in pairs, also for an empty-element tag. */
export type XmlEvents = {
  /** The encoding that the document declares. */
  encoding(name: string): void;
  /** May throw through `refuse`, which adds line and column. */
  open(element: XmlElement, refuse: (detail: string) => never): void;
  /** Character data inside the root, references replaced; one run may come in several pieces. */
  text(piece: string): void;
  close(): void;
};

// XML 1.0 §2.8. Any version 1.x is read as 1.0 (§2.8, fifth edition).
const DECLARATION =
  /<\?xml[ \t\n]+version[ \t\n]*=[ \t\n]*(?:"1\.\d+"|'1\.\d+')(?:[ \t\n]+encoding[ \t\n]*=[ \t\n]*(?:"([A-Za-z][\w.-]*)"|'([A-Za-z][\w.-]*)'))?(?:[ \t\n]+standalone[ \t\n]*=[ \t\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\n]*\?>/y;
const USUAL_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const NOT_SPACE = /[^ \t\n]/;
const LINE_END = /\r\n?/g;
const BREAKING_SPACE = /[\t\n]/;
const EVERY_BREAKING_SPACE = /[\t\n]/g;

const NO_ATTRIBUTES: readonly XmlAttribute[] = [];

/** Its namespace is known when the whole tag is. */
type UnresolvedAttribute = { uri: string; local: string; value: string; prefix: string };

/**
 * Goes through a document once and reports what is in it. Throws `malformed`, with line and column, for what is not
 * well-formed XML 1.0 with sound namespaces, and for any document type: so there are no entities to expand.
 */
export function scanXml(source: string, maxAttributes: number, events: XmlEvents): void {
  // Line ends first (XML 1.0 §2.11), so that nothing below needs to know of carriage returns.
  new Scanner(source.includes('\r') ? source.replace(LINE_END, '\n') : source, maxAttributes, events).scan();
}

class Scanner {
  readonly #text: string;
  readonly #maxAttributes: number;
  readonly #events: XmlEvents;
  readonly #scope = new NamespaceScope();
  /** Qualified names of the open elements, and the size of the namespace scope around each. */
  readonly #names: string[] = [];
  readonly #scopeSizes: number[] = [];
  #at = 0;

  constructor(text: string, maxAttributes: number, events: XmlEvents) {
    this.#text = text;
    this.#maxAttributes = maxAttributes;
    this.#events = events;
  }

  scan(): void {
    const text = this.#text;
    const forbidden = text.search(FORBIDDEN);
    if (forbidden !== -1) this.#fail('a character that XML does not allow', forbidden);
    if (!text.isWellFormed()) this.#fail('half a character', 0);
    this.#readDeclaration();

    let rootSeen = false;
    for (;;) {
      const tag = text.indexOf('<', this.#at);
      this.#readText(tag === -1 ? text.length : tag);
      if (tag === -1) break;
      this.#at = tag;
      const next = text.charCodeAt(tag + 1);
      if (next === 0x2f /* / */) {
        this.#readEndTag();
      } else if (next === 0x21 /* ! */) {
        this.#readCommentOrData();
      } else if (next === 0x3f /* ? */) {
        this.#readInstruction();
      } else {
        if (rootSeen && this.#names.length === 0) this.#fail('a second root element');
        rootSeen = true;
        this.#readStartTag();
      }
    }
    const open = this.#names.at(-1);
    if (open !== undefined) this.#fail(`the document ends inside ${open}`);
    if (!rootSeen) this.#fail('no root element');
  }

  #readDeclaration(): void {
    if (!this.#text.startsWith('<?xml')) return;
    if (this.#text.startsWith(USUAL_DECLARATION)) {
      this.#at = USUAL_DECLARATION.length;
      return this.#events.encoding('UTF-8');
    }
    DECLARATION.lastIndex = 0;
    const match = DECLARATION.exec(this.#text);
    if (match === null) return;
    this.#at = DECLARATION.lastIndex;
    const encoding = match[1] ?? match[2];
    if (encoding !== undefined) this.#events.encoding(encoding);
  }

  /** Character data up to `end`. */
  #readText(end: number): void {
    if (end === this.#at) return;
    const start = this.#at;
    const piece = this.#text.slice(start, end);
    if (this.#names.length === 0) {
      if (NOT_SPACE.test(piece)) this.#fail('text outside of the root element');
      return;
    }
    const closing = piece.indexOf(']]>');
    if (closing !== -1) this.#fail(']]> in text', start + closing);
    this.#events.text(
      piece.includes('&') ? replaceReferences(piece, (at, detail) => this.#fail(detail, start + at)) : piece,
    );
  }

  #readStartTag(): void {
    const { name, prefix, local } = this.#readQualifiedName(this.#at + 1);
    const scopeSize = this.#scope.size;
    const { attributes, isEmpty } = this.#readAttributes();
    const uri = this.#scope.resolve(prefix) ?? this.#fail(`the prefix ${prefix} is not declared`);
    this.#events.open(new XmlElement(uri, local, attributes), (detail) => this.#fail(detail));
    if (isEmpty) {
      this.#scope.leave(scopeSize);
      this.#events.close();
    } else {
      this.#names.push(name);
      this.#scopeSizes.push(scopeSize);
    }
  }

  #readEndTag(): void {
    const name = this.#names.pop();
    const scopeSize = this.#scopeSizes.pop();
    if (name === undefined || scopeSize === undefined) return this.#fail('an end tag without its start tag');
    if (!this.#text.startsWith(name, this.#at + 2)) this.#fail(`another end tag than that of ${name}`);
    this.#at += 2 + name.length;
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== 0x3e /* > */) this.#fail(`another end tag than that of ${name}`);
    this.#at += 1;
    this.#scope.leave(scopeSize);
    this.#events.close();
  }

  /** The rest of a start tag. Prefixes are resolved when all declarations of the tag are known. */
  #readAttributes(): { attributes: readonly XmlAttribute[]; isEmpty: boolean } {
    const text = this.#text;
    let found: UnresolvedAttribute[] | undefined;
    let count = 0;
    for (;;) {
      const spaceFrom = this.#at;
      const code = text.charCodeAt(this.#skipSpace());
      const isEmpty = code === 0x2f /* / */ && text.charCodeAt(this.#at + 1) === 0x3e;
      if (code === 0x3e || isEmpty) {
        this.#at += isEmpty ? 2 : 1;
        this.#declaredHere.length = 0;
        return { attributes: found === undefined ? NO_ATTRIBUTES : this.#resolve(found), isEmpty };
      }
      if (this.#at === spaceFrom) this.#fail('no space before an attribute');
      count += 1;
      if (count > this.#maxAttributes) this.#fail(`more than ${this.#maxAttributes} attributes on one element`);
      const { prefix, local } = this.#readQualifiedName(this.#at);
      const value = this.#readAttributeValue();
      if (prefix !== 'xmlns' && (prefix !== '' || local !== 'xmlns')) {
        found ??= [];
        found.push({ uri: '', local, value, prefix });
        continue;
      }
      const declared = prefix === '' ? '' : local;
      if (this.#declaredHere.includes(declared)) this.#fail('a namespace declared twice');
      this.#declaredHere.push(declared);
      const fault = this.#scope.declare(declared, value.trim());
      if (fault !== undefined) this.#fail(fault);
    }
  }

  /** Prefixes declared in the tag being read. */
  readonly #declaredHere: string[] = [];

  #resolve(attributes: UnresolvedAttribute[]): readonly XmlAttribute[] {
    for (const [index, attribute] of attributes.entries()) {
      const { prefix, local } = attribute;
      // The default namespace is not that of attributes (Namespaces in XML 1.0 §6.2).
      if (prefix !== '') {
        attribute.uri = this.#scope.resolve(prefix) ?? this.#fail(`the prefix ${prefix} is not declared`);
      }
      for (let before = 0; before < index; before += 1) {
        const other = attributes[before];
        if (other?.local === local && other.uri === attribute.uri) this.#fail(`attribute ${local} twice`);
      }
    }
    return attributes;
  }

  /** `= "…"` or `= '…'`, white space normalized as for CDATA attributes (XML 1.0 §3.3.3). */
  #readAttributeValue(): string {
    const text = this.#text;
    this.#skipSpace();
    if (text.charCodeAt(this.#at) !== 0x3d /* = */) this.#fail('an attribute without value');
    this.#at += 1;
    this.#skipSpace();
    const quote = text.charAt(this.#at);
    if (quote !== '"' && quote !== "'") this.#fail('an attribute value without quotes');
    const start = this.#at + 1;
    const end = text.indexOf(quote, start);
    if (end === -1) this.#fail('an attribute value without end');
    const raw = text.slice(start, end);
    const tag = raw.indexOf('<');
    if (tag !== -1) this.#fail('< in an attribute value', start + tag);
    this.#at = end + 1;
    const spaced = BREAKING_SPACE.test(raw) ? raw.replace(EVERY_BREAKING_SPACE, ' ') : raw;
    return raw.includes('&') ? replaceReferences(spaced, (at, detail) => this.#fail(detail, start + at)) : spaced;
  }

  /** Comment, CDATA section, or the document type that is refused. */
  #readCommentOrData(): void {
    const text = this.#text;
    const start = this.#at;
    if (text.startsWith('<!--', start)) {
      const dashes = text.indexOf('--', start + 4);
      if (dashes === -1) this.#fail('a comment without end');
      if (text.charCodeAt(dashes + 2) !== 0x3e /* > */) this.#fail('-- in a comment', dashes);
      this.#at = dashes + 3;
    } else if (text.startsWith('<![CDATA[', start)) {
      if (this.#names.length === 0) this.#fail('text outside of the root element');
      const end = text.indexOf(']]>', start + 9);
      if (end === -1) this.#fail('a CDATA section without end');
      this.#events.text(text.slice(start + 9, end));
      this.#at = end + 3;
    } else {
      this.#fail(text.startsWith('<!DOCTYPE', start) ? 'a document type declaration is not allowed' : 'unknown markup');
    }
  }

  /** Processing instructions are passed over; a declaration anywhere but at the start is one that is not allowed. */
  #readInstruction(): void {
    const text = this.#text;
    const nameEnd = endOfName(text, this.#at + 2);
    const target = text.slice(this.#at + 2, nameEnd);
    if (target === '') this.#fail('a processing instruction without name');
    if (target.toLowerCase() === 'xml') this.#fail('a broken or misplaced XML declaration');
    const end = text.indexOf('?>', nameEnd);
    if (end === -1) this.#fail('a processing instruction without end');
    if (end !== nameEnd && NOT_SPACE.test(text.charAt(nameEnd))) this.#fail('a broken processing instruction');
    this.#at = end + 2;
  }

  #readQualifiedName(start: number): { name: string; prefix: string; local: string } {
    const text = this.#text;
    const end = endOfName(text, start);
    if (end === start) this.#fail('a name is missing', start);
    if (text.charCodeAt(end) !== 0x3a /* : */) {
      this.#at = end;
      const name = text.slice(start, end);
      return { name, prefix: '', local: name };
    }
    const localEnd = endOfName(text, end + 1);
    if (localEnd === end + 1) this.#fail('a name is missing after its prefix', end);
    this.#at = localEnd;
    return { name: text.slice(start, localEnd), prefix: text.slice(start, end), local: text.slice(end + 1, localEnd) };
  }

  /** Moves past white space and tells where that is. */
  #skipSpace(): number {
    const text = this.#text;
    let at = this.#at;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0xa && code !== 0x9) break;
      at += 1;
    }
    this.#at = at;
    return at;
  }

  #fail(detail: string, at = this.#at): never {
    const before = this.#text.slice(0, at);
    const line = before.split('\n').length;
    const column = at - before.lastIndexOf('\n');
    throw new ProblemError('malformed', `XML line ${line}, column ${column}: ${detail}`);
  }
}

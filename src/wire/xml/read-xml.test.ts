import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ProblemError, type ProblemKind } from '../../domain/problem.ts';
import { type ElementReader, escapeAttribute, escapeText, readXml, type XmlElement, type XmlLimits } from './xml.ts';

const LIMITS: XmlLimits = { maxBytes: 2_000_000 };

/** The document as nested lists, enough to see what readers are given. */
type Node = [uri: string, local: string, text: string, children: Node[]];

function readTree(input: Uint8Array | string, limits = LIMITS): Node | undefined {
  let root: Node | undefined;
  const reader = (element: XmlElement, done: (node: Node) => void): ElementReader => {
    const children: Node[] = [];
    return {
      child: (inner) => reader(inner, (node) => children.push(node)),
      end: (text) => done([element.uri, element.local, text, children]),
    };
  };
  readXml(input, limits, (element) =>
    reader(element, (node) => {
      root = node;
    }),
  );
  return root;
}

function assertRefused(input: Uint8Array | string, kind: ProblemKind, message: RegExp, limits = LIMITS): void {
  assert.throws(
    () => readTree(input, limits),
    (error) => {
      assert.ok(error instanceof ProblemError, String(error));
      assert.equal(error.kind, kind);
      assert.match(error.message, message);
      return true;
    },
  );
}

suite('readXml gives readers what is in the document', () => {
  test('namespaces, own text, CDATA, references, comments inside text', () => {
    const xml =
      '<?xml version="1.0" encoding="utf-8"?><!-- c --><a xmlns="urn:1" xmlns:p="urn:2">x<!-- c -->y' +
      '<p:b>1 &amp; &#x32;</p:b><![CDATA[<z>]]><c xmlns=""/></a><?pi done?>';
    assert.deepEqual(readTree(xml), [
      'urn:1',
      'a',
      'xy<z>',
      [
        ['urn:2', 'b', '1 & 2', []],
        ['', 'c', '', []],
      ],
    ]);
  });

  test('attributes without namespace, xml:lang, normalized white space', () => {
    readXml(`<a xmlns:p="urn:p" b=" 1&#10;\n&lt;" p:b="2" xml:lang='fr'/>`, LIMITS, (element) => {
      assert.equal(element.attribute('b'), ' 1\n <');
      assert.equal(element.attribute('c'), undefined);
      assert.equal(element.attribute('toString'), undefined);
      assert.equal(element.language(), 'fr');
      return undefined;
    });
  });

  test('children of an element that nobody reads are passed over', () => {
    let called = 0;
    readXml('<a><b><c>1</c></b><d/></a>', LIMITS, () => ({
      child: ({ local }) => {
        called += 1;
        assert.notEqual(local, 'c');
        return undefined;
      },
    }));
    assert.equal(called, 2);
  });

  test('a byte order mark and a declared US-ASCII are taken', () => {
    assert.equal(readTree(Buffer.from('\uFEFF<a>é</a>'))?.[2], 'é');
    assert.equal(readTree(Buffer.from('<?xml version="1.0" encoding="US-ASCII"?><a>e</a>'))?.[2], 'e');
  });

  test('UTF-16 with and without byte order mark, and a declared ISO-8859-1', () => {
    const bigEndian = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
    for (const text of ['<a>é😀</a>', '<?xml version="1.0" encoding="UTF-16"?><a>é😀</a>']) {
      assert.equal(readTree(Buffer.from(`\uFEFF${text}`, 'utf16le'))?.[2], 'é😀');
      assert.equal(readTree(Buffer.from(text, 'utf16le'))?.[2], 'é😀');
      assert.equal(readTree(bigEndian(`\uFEFF${text}`))?.[2], 'é😀');
      assert.equal(readTree(bigEndian(text))?.[2], 'é😀');
    }
    const latin1 = Buffer.from(`<?xml version='1.0' encoding = 'iso-8859-1' ?><a>Montréal</a>`, 'latin1');
    assert.equal(readTree(latin1)?.[2], 'Montréal');
  });

  test('line ends are one line feed', () => {
    assert.equal(readTree('<a>1\r\n2\r3\n4&#13;</a>')?.[2], '1\n2\n3\n4\r');
  });

  test('what a reader throws comes through', () => {
    const mine = new Error('mine');
    assert.throws(
      () =>
        readXml('<a/>', LIMITS, () => {
          throw mine;
        }),
      mine,
    );
  });
});

suite('readXml refuses', () => {
  test('document types, before any entity is expanded', () => {
    const bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;&c;&c;&c;&c;</a>';
    assertRefused(bomb, 'malformed', /document type/);
    assertRefused('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'malformed', /document type/);
  });

  test('100,000 nested tags at the 65th', () => {
    assertRefused('<a>'.repeat(100_000), 'malformed', /line 1, column \d+: .*deeper than 64/);
    assert.ok(readTree(`${'<a>'.repeat(64)}${'</a>'.repeat(64)}`));
  });

  test('too many bytes, elements, attributes', () => {
    assertRefused('<a>1</a>', 'too-large', /8|7 bytes/, { maxBytes: 7 });
    assertRefused(Buffer.alloc(50_000_000, '<'), 'too-large', /larger/, { maxBytes: 1000 });
    assertRefused(`<a>${'<b/>'.repeat(10)}</a>`, 'malformed', /more than 10 elements/, {
      maxBytes: 1000,
      maxElements: 10,
    });
    const attributes = Array.from({ length: 65 }, (_, index) => `a${index}=""`).join(' ');
    assertRefused(`<a ${attributes}/>`, 'malformed', /more than 64 attributes/);
  });

  test('more namespace declarations than anybody needs', () => {
    const declarations = (from: number) =>
      Array.from({ length: 60 }, (_, index) => `xmlns:p${from + index}="u"`).join(' ');
    const nested = [0, 60, 120, 180, 240].map((from) => `<a ${declarations(from)}>`).join('');
    assertRefused(`${nested}${'</a>'.repeat(5)}`, 'malformed', /more than 256 namespace declarations/);
    const beside = [0, 60, 120, 180, 240].map((from) => `<a ${declarations(from)}/>`).join('');
    assert.ok(readTree(`<r>${beside}</r>`));
  });

  test('what is not in the encoding that it says', () => {
    assertRefused(Buffer.from([0x3c, 0x61, 0xff, 0x3e]), 'malformed', /not UTF-8/);
    assertRefused(Buffer.from([0xff, 0xfe, 0x3c, 0x00, 0x61]), 'malformed', /not UTF-16LE/);
    assertRefused(Buffer.from('<?xml version="1.0" encoding="UTF-16"?><a/>'), 'malformed', /bytes are not UTF-16/);
    assertRefused('<?xml version="1.0" encoding="EBCDIC-US"?><a/>', 'malformed', /EBCDIC-US is not supported/);
    assertRefused(Buffer.from('<?xml version="1.0" encoding="ASCII"?><a>é</a>'), 'malformed', /above 127/);
  });

  for (const [what, xml] of Object.entries({
    'nothing at all': '',
    'an open end': '<a><b></b>',
    'crossed tags': '<a><b></a></b>',
    'two roots': '<a/><b/>',
    'text beside the root': '<a/>x',
    'an unknown entity': '<a>&nbsp;</a>',
    'a lone ampersand': '<a>a & b</a>',
    'an impossible character': '<a>&#0;</a>',
    'an attribute twice': '<a b="1" b="2"/>',
    'an attribute twice by namespace': '<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>',
    'an undeclared prefix': '<p:a/>',
    'an unquoted attribute': '<a b=1/>',
    'less-than in an attribute': '<a b="<"/>',
    'the end of CDATA in text': '<a>]]></a>',
    'two dashes in a comment': '<a><!-- a -- b --></a>',
    'a declaration inside': '<a><?xml version="1.0"?></a>',
  })) {
    test(what, () => assertRefused(xml, 'malformed', /^XML line \d+, column \d+: ./));
  }
});

suite('escaping', () => {
  test('carries what XML can carry, and replaces what it cannot', () => {
    const text = 'a<b>&"\'\t\n\r ]]> é😀 \u0000\u000b\uD800\uFFFE';
    const carried = text.replace(/[\u0000\u000b\uFFFE]|\p{Surrogate}/gu, '\uFFFD');
    assert.equal(readTree(`<a>${escapeText(text)}</a>`)?.[2], carried);
    readXml(`<a b="${escapeAttribute(text)}"/>`, LIMITS, (element) => {
      assert.equal(element.attribute('b'), carried);
      return undefined;
    });
  });
});

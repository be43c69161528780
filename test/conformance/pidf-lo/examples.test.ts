import assert from 'node:assert/strict';
import { suite } from 'node:test';
import type { CivicAddress } from '../../../src/domain/civic-address.ts';
import {
  civicAddressReader,
  createNotes,
  decodePresence,
  encodeCivicAddress,
  encodePresence,
  type PidfDocument,
} from '../../../src/wire/pidf-lo/pidf-lo.ts';
import { readXml } from '../../../src/wire/xml/xml.ts';
import { testExamples } from '../../support/must-pass.ts';
import { assertValid } from '../../support/xml-schemas.ts';

function readCivicAddress(xml: Uint8Array | string): CivicAddress {
  let read: CivicAddress = {};
  readXml(xml, { maxBytes: 10_000 }, () =>
    civicAddressReader(createNotes(), (civic) => {
      read = civic;
    }),
  );
  return read;
}

suite('PIDF-LO examples of the RFCs', () => {
  testExamples(import.meta.dirname, (xml, name) => {
    if (name.includes('civicAddress')) {
      const civic = readCivicAddress(xml);
      assert.ok(Object.keys(civic).length > 1);
      const written = encodeCivicAddress(civic);
      assertValid('pidf-lo', written);
      assert.deepEqual(readCivicAddress(written), civic);
      return;
    }
    const { notes: _, ...document } = decodePresence(xml);
    assert.ok(document.locations.length > 0, 'no location');
    const written = encodePresence(document);
    assertValid('pidf-lo', written);
    // Ids that are no names and devices without deviceID cannot be written as they came; the locations can.
    const places = ({ locations }: PidfDocument) => locations.map((location) => ({ ...location, id: '', element: '' }));
    assert.deepEqual(places(decodePresence(written)), places(document));
  });
});

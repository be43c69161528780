import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvAnswer } from './csv-answer.ts';

async function* made(): AsyncGenerator<string> {
  yield 'name\r\n';
  yield 'Zoë Müller\r\n';
}

test('a CSV says that it is UTF-8, has a name, and is whole, made at once or as it is read', async () => {
  for (const lines of [made(), 'name\r\nZoë Müller\r\n']) {
    const { headers, stream } = csvAnswer('people', lines);
    assert.equal(headers['content-disposition'], 'attachment; filename="people.csv"');
    let text = '';
    for await (const part of stream) text += part;
    const bytes = Buffer.from(text, 'utf8');
    assert.deepEqual(
      [...bytes.subarray(0, 3)],
      [0xef, 0xbb, 0xbf],
      'Excel takes the code page of the machine otherwise',
    );
    assert.equal(bytes.toString('utf8', 3), 'name\r\nZoë Müller\r\n');
  }
});

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLogger, withFolder } from '../../../test/support/alerts-fixture.ts';
import { isUuid } from '../../support/ids.ts';
import { readNodeName } from './node-name.ts';

test('a node keeps its name; a disk that refuses does not keep it from starting', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'journal', 'node');
    const name = await readNodeName(path, silentLogger);
    assert.ok(isUuid(name));
    assert.equal(await readNodeName(path, silentLogger), name);
    await writeFile(path, 'torn');
    assert.ok(isUuid(await readNodeName(path, silentLogger)));
    assert.ok(isUuid(await readNodeName(join(path, 'below a file'), silentLogger)));
  }));

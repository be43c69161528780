import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readToolEnvironment } from './env.ts';

test('programs that read files of others are told where things are, and no secret', () => {
  process.env['WAYMARK_DATABASE_URL'] = 'postgres://user:secret@127.0.0.1/x';
  process.env['PGPASSWORD'] = 'secret';
  process.env['GDAL_DATA'] = '/usr/share/gdal';
  try {
    const environment = readToolEnvironment();
    assert.equal(environment['GDAL_DATA'], '/usr/share/gdal');
    assert.equal(environment['PATH'], process.env['PATH']);
    assert.deepEqual(
      Object.keys(environment).filter((name) => /WAYMARK|PG|NODE/.test(name)),
      [],
    );
  } finally {
    for (const name of ['WAYMARK_DATABASE_URL', 'PGPASSWORD', 'GDAL_DATA']) delete process.env[name];
  }
});

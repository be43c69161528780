import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readConfig } from '../config/config.ts';
import { runCommandLine } from './command-line.ts';

type Reply = string | object;

/** Runs one command against a server that answers from a table; gives what was said, the exit code and what was asked. */
async function run(
  t: TestContext,
  argv: readonly string[],
  answer: (method: string, path: URL, body: string) => Reply = () => ({}),
): Promise<{ code: number; said: string; asked: string[]; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-command-'));
  t.after(() => rm(folder, { recursive: true }));
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      asked.push(`${request.method} ${request.url}`);
      const reply = answer(request.method ?? '', new URL(request.url ?? '', 'http://test'), body);
      response.end(typeof reply === 'string' ? reply : JSON.stringify(reply));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const lines: string[] = [];
  const config = readConfig({ WAYMARK_DATA_DIR: folder });
  const code = await runCommandLine(
    argv.map((part) => part.replace('FOLDER', folder)),
    {
      readConfig: () => config,
      serve: () => Promise.resolve(0),
      async startForTheMoment() {
        await writeFile(join(folder, 'wires.csv'), 'kind,value,erl\n');
        await writeFile(join(folder, 'psaps.geojson'), '{"type":"FeatureCollection","features":[]}');
        return {
          baseUrl: `http://127.0.0.1:${port}`,
          token: 'wm_test',
          async close() {
            server.closeAllConnections();
            server.close();
            await once(server, 'close');
          },
        };
      },
      restore: () => Promise.resolve(),
      say: (text) => lines.push(text),
    },
  ).finally(() => server.close());
  return { code, said: lines.join('\n'), asked, folder };
}

const LINT = {
  counts: { orphan: 1, duplicate: 0 },
  findings: [{ rule: 'orphan', element: 'Attic', message: 'has no network element that leads to it' }],
};

test('an import of the wire map is waited for and tells how much changed, however much that is', async (t) => {
  const counts = { added: 200_000, changed: 2, removed: 0, unchanged: 7, errors: 0 };
  const bodies: string[] = [];
  const { code, said, asked } = await run(
    t,
    ['wiremap', 'import', 'FOLDER/wires.csv', '--organization', 'a/b', '--format', 'teams'],
    (method, _path, body) => {
      if (method === 'POST') bodies.push(body);
      return method === 'POST'
        ? { id: 'i', state: 'reading', percent: 0, report: null, problem: null }
        : { id: 'i', state: 'applied', percent: 100, report: { counts, errors: [], lint: LINT }, problem: null };
    },
  );
  assert.deepEqual(asked, [
    'POST /api/wire-map/imports?dryRun=false&replace=false&format=teams&orgId=a%2Fb',
    'GET /api/wire-map/imports/i?orgId=a%2Fb',
  ]);
  assert.deepEqual(bodies, ['kind,value,erl\n']);
  assert.match(
    said,
    /^200000 were added, 2 changed, 0 removed, 7 unchanged\norphan: 1\n {2}Attic has no network element/,
  );
  assert.equal(code, 0);
});

test('a dry run shows the faulty rows and fails, and so does an import that was refused', async (t) => {
  const counts = { added: 0, changed: 0, removed: 0, unchanged: 0, errors: 3 };
  const errors = [{ line: 2, column: 'erl', message: 'there is no emergency response location Attic' }];
  const argv = ['wiremap', 'import', 'FOLDER/wires.csv', '--organization', 'a', '--dry-run'];
  const lint = { counts: {}, findings: [] };
  const dry = await run(t, argv, () => ({
    id: 'i',
    state: 'checked',
    percent: 100,
    report: { counts, errors, lint },
    problem: null,
  }));
  assert.match(dry.said, /^0 would be added.*\n {2}line 2, erl: there is no .* Attic\n {2}and 2 more$/);
  assert.equal(dry.code, 1);
  const problem = { detail: '1 faults in the file', fields: [{ path: '2:erl', message: 'is required' }] };
  const refused = await run(t, argv, () => ({ id: 'i', state: 'failed', percent: 0, report: null, problem }));
  assert.equal(refused.said, '1 faults in the file\n  2:erl is required');
  assert.equal(refused.code, 1);
});

test('the wire map is judged, its versions listed, its last change undone', async (t) => {
  const of = (verb: string, ...more: string[]) => ['wiremap', verb, '--organization', 'a', ...more];
  const judged = await run(t, of('lint'), () => LINT);
  assert.equal(judged.code, 1);
  assert.match(judged.said, /^orphan: 1\n/);
  const versions = await run(t, of('versions'), () => ({ items: [{ revision: 3, action: 'wire-map.imported' }] }));
  assert.match(versions.said, /3 +wire-map\.imported/);
  const bodies: string[] = [];
  const undone = await run(t, of('undo', '--to', '2'), (_method, _path, body) => {
    bodies.push(body);
    return { restored: 2, counts: { added: 1, changed: 2, removed: 3 } };
  });
  assert.deepEqual(bodies, ['{"revision":2}']);
  assert.equal(undone.said, 'version 2 is in force: 1 came back, 2 changed back, 3 removed');
  await assert.rejects(run(t, of('undo', '--to', 'x')), /--to x: expected a version/);
});

const BOUNDARY_JOB = {
  id: 'job',
  state: 'checked',
  percent: 100,
  problem: null,
  report: {
    revision: null,
    file: {
      format: 'GeoJSON',
      layers: [{ name: 'psaps', holds: 'psap', coordinateSystem: 'WGS 84', notes: ['a note'], rows: 6, boundaries: 6 }],
    },
    counts: { added: 2, changed: 0, removed: 1, unchanged: 4 },
    lint: {
      counts: { overlap: 2 },
      errors: 0,
      findings: [
        {
          rule: 'overlap',
          severity: 'warning',
          layer: 'psaps',
          row: '3',
          boundary: 'b',
          message: 'shares',
          latitude: 1,
          longitude: 2,
        },
      ],
    },
  },
};

test('a boundary import hands the file over as it is, tells what was found, and stores it', async (t) => {
  const bodies: string[] = [];
  const { said, asked, code } = await run(
    t,
    ['boundary', 'import', 'FOLDER/psaps.geojson', '--layer', 'tx'],
    (_m, path, body) => {
      if (body !== '') bodies.push(body);
      if (path.pathname.endsWith('/apply')) return { ...BOUNDARY_JOB, state: 'applying' };
      const isApplied = bodies.length > 0 && path.pathname.endsWith('/job');
      return isApplied
        ? { ...BOUNDARY_JOB, state: 'applied', report: { ...BOUNDARY_JOB.report, revision: 5 } }
        : BOUNDARY_JOB;
    },
  );
  assert.deepEqual(bodies, ['{"type":"FeatureCollection","features":[]}']);
  assert.match(asked.join('\n'), /POST \/api\/boundaries\/imports\?layer=tx&skipFaulty=false\n/);
  assert.match(asked.join('\n'), /POST \/api\/boundaries\/imports\/job\/apply/);
  assert.deepEqual(said.split('\n'), [
    'GeoJSON layer psaps (psap, WGS 84): 6 rows, 6 boundaries',
    '  a note',
    'warning overlap: 2',
    '  psaps, row 3, b: shares (1, 2)',
    '  and 1 more',
    '2 were added, 0 changed, 1 removed, 4 unchanged',
    'layer tx is at version 5',
  ]);
  assert.equal(code, 0);
});

test('a boundary import without storing; one that fails', async (t) => {
  const dry = await run(t, ['boundary', 'import', 'FOLDER/psaps.geojson', '--dry-run'], () => BOUNDARY_JOB);
  assert.match(dry.said, /2 would be added/);
  assert.ok(!dry.asked.join().includes('apply'));
  const failed = await run(t, ['boundary', 'import', 'FOLDER/psaps.geojson'], () => ({
    ...BOUNDARY_JOB,
    state: 'failed',
    report: null,
    problem: { detail: 'the file is damaged', fields: [{ path: 'crs', message: 'is odd' }] },
  }));
  assert.equal(failed.said, 'the file is damaged\n  crs is odd');
  assert.equal(failed.code, 1);
});

test('versions of a boundary layer, and the way back', async (t) => {
  const versions = await run(t, ['boundary', 'versions', '--layer', 'tx'], () => ({
    items: [{ revision: 2, action: 'boundaries.imported', added: 1, changed: 0, removed: 0, boundaries: 7 }],
  }));
  assert.deepEqual(versions.asked.slice(-1), ['GET /api/boundaries/tx/versions']);
  assert.match(versions.said, /2 .*boundaries\.imported/);
  const undone = await run(t, ['boundary', 'undo', '--layer', 'tx', '--to', '1'], (_method, _path, body) => {
    assert.equal(body, '{"revision":1}');
    return { restored: 1, counts: { added: 1, changed: 2, removed: 3 } };
  });
  assert.equal(undone.said, 'version 1 is in force: 1 came back, 2 changed back, 3 removed');
  await assert.rejects(run(t, ['boundary', 'undo', '--to', 'x']), /--to x: expected a version/);
});

test('a list is read to its end, and shows what the platform calls its fields', async (t) => {
  const { asked, said } = await run(t, ['wiremap', 'list', '--organization', 'a'], (_method, path) => ({
    items: Array.from({ length: path.searchParams.get('start') === '0' ? 1_000 : 1 }, () => ({
      kind: 'mac',
      value: '02:00:5e:00:53:01',
      responseLocationId: 'room-312',
    })),
  }));
  assert.equal(asked.length, 2);
  assert.equal(said.split('\n').length, 1_002);
  assert.match(said, /room-312/);
  const boundaries = await run(t, ['boundary', 'list'], () => ({
    items: [
      { layer: 'default', sourceId: 'zone-1', serviceUrn: 'urn:service:sos', displayName: 'Zone', uri: 'sip:z@x' },
    ],
  }));
  assert.match(boundaries.said, /default +zone-1 +urn:service:sos +Zone +sip:z@x/);
});

test('the wire map is exported to a file that must not exist', async (t) => {
  const argv = ['wiremap', 'export', 'FOLDER/out.csv', '--organization', 'a'];
  const { folder } = await run(t, argv, () => 'kind,value\nmac,x\n');
  assert.equal(await readFile(join(folder, 'out.csv'), 'utf8'), 'kind,value\nmac,x\n');
  await assert.rejects(
    run(t, ['wiremap', 'export', 'FOLDER/wires.csv', '--organization', 'a'], () => ''),
    { code: 'EEXIST' },
  );
});

test('a port that is none is told', (t) =>
  assert.rejects(run(t, ['simulate-psap', '--port', 'abc']), /--port abc: expected 0 to 65535/));

/** The requests and bodies of one token command. */
async function runToken(t: TestContext, argv: readonly string[], reply: Reply = {}) {
  const bodies: string[] = [];
  const { said, asked } = await run(t, ['token', ...argv, '--organization', 'a/b'], (_method, _path, body) => {
    if (body !== '') bodies.push(body);
    return reply;
  });
  return { said, asked, bodies: bodies.map((body) => JSON.parse(body) as unknown) };
}

test('token create says all that a token can be', async (t) => {
  const plain = await runToken(t, ['create'], { id: 'token-1', token: 'wm_new' });
  assert.deepEqual(plain.asked, ['POST /api/tokens?orgId=a%2Fb']);
  assert.deepEqual(plain.bodies, [{ role: 'fullAdmin', label: 'made on the command line' }]);
  assert.equal(plain.said, 'wm_new\n(id token-1; shown this once)');
  const argv = [
    'create',
    '--role',
    'locationAdmin',
    '--label',
    'desk',
    '--scope',
    'waymark:read',
    '--location',
    'x',
    'y',
  ];
  const bound = await runToken(t, [...argv, '--lasts', '30d'], { id: 'token-2', token: 'wm_new' });
  assert.deepEqual(bound.bodies, [
    {
      role: 'locationAdmin',
      label: 'desk',
      scopes: ['waymark:read'],
      locationIds: ['x', 'y'],
      lifetimeSeconds: 30 * 86_400,
    },
  ]);
  const partner = await runToken(t, ['create', '--role', 'partnerAdmin', '--partner', 'p'], { id: '', token: '' });
  assert.deepEqual(partner.bodies, [{ role: 'partnerAdmin', label: 'made on the command line', partnerId: 'p' }]);
  await assert.rejects(runToken(t, ['create', '--lasts', 'soon']), /--lasts soon: expected a time span/);
});

test('token list filters, and shows state, end and last use', async (t) => {
  const item = {
    id: 'token-1',
    role: 'fullAdmin',
    state: 'active',
    label: 'x',
    lastUsedAt: '2026-01-01T00:00:00.000Z',
  };
  const { asked, said } = await runToken(t, ['list', '--role', 'fullAdmin', '--state', 'active'], { items: [item] });
  assert.deepEqual(asked, ['GET /api/tokens?role=fullAdmin&state=active&orgId=a%2Fb&start=0&max=1000']);
  assert.match(said, /token-1 +fullAdmin +active +x +2026-01-01/);
});

test('token expire, rotate and revoke', async (t) => {
  const never = await runToken(t, ['expire', 'one/two', '--at', 'never']);
  assert.deepEqual(never.asked, ['PATCH /api/tokens/one%2Ftwo?orgId=a%2Fb']);
  assert.deepEqual(never.bodies, [{ expiresAt: null }]);
  const then = await runToken(t, ['expire', 'one', '--at', '2030-01-01T00:00:00Z']);
  assert.deepEqual(then.bodies, [{ expiresAt: '2030-01-01T00:00:00.000Z' }]);
  const soon = await runToken(t, ['expire', 'one', '--at', '12h']);
  const { expiresAt } = soon.bodies[0] as { expiresAt: string };
  const ahead = Date.parse(expiresAt) - Date.now();
  assert.ok(ahead > 11 * 3_600_000 && ahead <= 12 * 3_600_000, expiresAt);
  await assert.rejects(runToken(t, ['expire', 'one', '--at', 'tomorrow']), /--at tomorrow: expected never/);

  const reply = { id: 'token-2', token: 'wm_next', replaced: { id: 'one', expiresAt: '2030-01-01T00:00:00.000Z' } };
  const rotated = await runToken(t, ['rotate', 'one', '--overlap', '7d'], reply);
  assert.deepEqual(rotated.asked, ['POST /api/tokens/one/rotate?overlapSeconds=604800&orgId=a%2Fb']);
  assert.match(rotated.said, /^wm_next\n.*token-2.*until 2030-01-01/);
  assert.deepEqual((await runToken(t, ['rotate', 'one'], reply)).asked, ['POST /api/tokens/one/rotate?orgId=a%2Fb']);
  const revoked = await runToken(t, ['revoke', 'one'], '');
  assert.deepEqual([revoked.asked, revoked.said], [['DELETE /api/tokens/one?orgId=a%2Fb'], 'revoked']);
});

test('address validate: fields and free text are asked; what was found is said; a fault ends with 1', async (t) => {
  const address = { address1: '1 Main St', city: 'Miami Beach', state: 'FL', postalCode: '33140', country: 'US' };
  const right = {
    level: 'postal',
    address,
    corrections: [],
    errors: [],
    findings: [],
    candidates: [],
    source: 'tables',
    score: 50,
    geocode: { position: { latitude: 25.8, longitude: -80.1 }, precision: 'postal' },
  };
  let body = '';
  const good = await run(
    t,
    ['address', 'validate', '1', 'Main', 'St,', 'Miami', 'Beach,', 'FL', '--postal-code', '33140'],
    (_m, _p, asked) => {
      body = asked;
      return right;
    },
  );
  assert.deepEqual(good.asked, ['POST /api/addresses/validate']);
  assert.deepEqual(JSON.parse(body), { text: '1 Main St, Miami Beach, FL', postalCode: '33140' });
  assert.equal(good.code, 0);
  assert.equal(
    good.said,
    '1 Main St, Miami Beach, FL 33140, US\n  level: postal, score 50 (tables)\n  place: 25.8, -80.1 (postal)',
  );

  const bad = await run(t, ['address', 'validate', '--city', 'Maimi'], () => ({
    ...right,
    level: null,
    corrections: [{ field: 'city', from: 'Maimi', to: 'Miami', reason: 'spelt so' }],
    errors: [{ code: 'WMA4110', title: 'POSTAL_CODE_MISSING', detail: 'it is needed' }],
    findings: ['33140 lies in Florida'],
    candidates: [{ address, reason: 'perhaps' }],
  }));
  assert.equal(bad.code, 1);
  for (const line of [
    'level: none',
    'corrected: city "Maimi" -> "Miami": spelt so',
    'POSTAL_CODE_MISSING (WMA4110): it is needed',
    '33140 lies in Florida',
    'perhaps: 1 Main St, Miami Beach, FL 33140, US (perhaps)',
  ]) {
    assert.ok(bad.said.includes(line), bad.said);
  }
});

test('trunk: added, changed by name, removed, listed; what is left out is not sent', async (t) => {
  const bodies: [method: string, body: unknown][] = [];
  const answer = (method: string, path: URL, body: string): Reply => {
    if (body !== '') bodies.push([method, JSON.parse(body)]);
    if (method === 'POST') return { id: 'new-id' };
    const trunk = { id: 'the-id', name: 'SBC', mode: 'proxy', addresses: ['192.0.2.1'] };
    const binding = { number: '+12145550181', caller: '4720', isActive: true };
    return method === 'GET' ? { items: path.pathname === '/api/trunks' ? [trunk] : [binding] } : {};
  };
  const added = await run(
    t,
    ['trunk', 'add', 'SBC', '--address', '192.0.2.1', '--monitored', '--contact', 'sip:x'],
    answer,
  );
  assert.deepEqual([added.code, added.said], [0, 'SBC: new-id']);
  const options = ['--tls-name', 'a.example', 'b.example', '--port', 'none', '--no-monitored', '--mode', 'redirect'];
  const changed = await run(t, ['trunk', 'set', 'SBC', ...options, '--device-header', 'none'], answer);
  assert.deepEqual(changed.asked, ['GET /api/trunks?start=0&max=1000', 'PATCH /api/trunks/the-id']);
  assert.deepEqual(bodies, [
    ['POST', { name: 'SBC', addresses: ['192.0.2.1'], contactUri: 'sip:x', isMonitored: true }],
    [
      'PATCH',
      { tlsNames: ['a.example', 'b.example'], port: null, mode: 'redirect', deviceHeader: null, isMonitored: false },
    ],
  ]);
  const removed = await run(t, ['trunk', 'remove', 'the-id'], answer);
  assert.deepEqual(removed.asked.at(-1), 'DELETE /api/trunks/the-id');
  assert.match((await run(t, ['trunk', 'list'], answer)).said, /the-id +SBC +proxy +\["192\.0\.2\.1"\]/);
  assert.match((await run(t, ['trunk', 'elins'], answer)).said, /\+12145550181 +4720 +true/);
  await assert.rejects(run(t, ['trunk', 'remove', 'Nobody'], answer), /there is no trunk Nobody/);
  await assert.rejects(run(t, ['trunk', 'set', 'SBC', '--mode', 'other'], answer), /Allowed choices/);
});

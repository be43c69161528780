/** Routing and trying it out in a real browser, against a running platform: who answers, PSAPs, boundaries, simulations, a real 933. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { artefactPath, startBrowser } from '../support/browser.ts';
import { CONSOLE_WAIT_MS, type Noted, openConsole, signInTo } from '../support/console-page.ts';
import { journeyDatabase, runConsoleServer, skipJourney } from '../support/console-server.ts';
import { eventually, openClient, type PlatformClient } from '../support/platform-client.ts';
import { type RunningPlatform, removeData } from '../support/run-platform.ts';

const database = journeyDatabase('embedded');
const skip = skipJourney(database);

let server: RunningPlatform;
let browser: Browser;
let client: PlatformClient;
const noted: Noted = { strays: [], complaints: [] };

before(async () => {
  if (skip !== false) return;
  [server, browser] = await Promise.all([runConsoleServer(database), startBrowser()]);
  client = openClient(server.http, server.firstRun().tokens.fullAdmin ?? '');
});

after(async () => {
  if (skip !== false) return;
  await browser.close();
  await server.stop();
  removeData(server.dataDir);
});

async function withPage(path: string, role: string, work: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1_400, height: 1_000 }, reducedMotion: 'reduce' });
  try {
    const page = await openConsole(context, new URL(path, server.http).href, noted);
    await signInTo(page, (server.firstRun().tokens as Record<string, string>)[role] ?? '');
    await work(page);
  } finally {
    await context.close();
  }
}

const example = (name: string): string => server.firstRun().examples?.[name] ?? '';

test('who answers: by an address, by a click on the map, and for each location', { skip }, async () => {
  await withPage('/routing', 'readOnlyAdmin', async (page) => {
    await page.getByLabel('Address or point').fill('30.2747, -97.7404');
    await page.keyboard.press('Enter');
    await page.getByText('Travis County, Texas').first().waitFor();
    await page.getByText('the point lies in a built-in boundary').waitFor();
    await page.locator('.map-host[data-drawn]').waitFor();
    await page.screenshot({ path: artefactPath('console/routing-who-answers.png') });
    // What is drawn without a graphics card is never still for long.
    const map = await page.locator('.map-host').boundingBox();
    assert.ok(map);
    await page.mouse.click(map.x + 5, map.y + 5);
    await page.waitForFunction("!new URLSearchParams(location.search).get('where').startsWith('30.2747')");
    await page.getByText('How sure', { exact: true }).waitFor();

    await page.getByRole('link', { name: 'Locations and PSAPs' }).click();
    await page.getByRole('link', { name: 'Austin Headquarters' }).click();
    await page.getByText('Travis County, Texas').first().waitFor();
  });
});

test('PSAPs: the operator adds one, sees it answer, and undoes its removal', { skip }, async () => {
  await withPage('/routing/psaps', 'operator', async (page) => {
    await page.getByRole('button', { name: 'Add PSAP' }).click();
    const form = page.getByRole('dialog', { name: 'Add PSAP' });
    await form.getByLabel('Name').fill('Austin center');
    await form.getByLabel('SIP address', { exact: true }).fill('not a uri');
    await form.getByLabel('Boundary it answers for').fill('us-county-48453');
    await form.getByRole('button', { name: 'Add PSAP' }).click();
    await form.getByText('expected a sip: or sips: URI').first().waitFor();
    await form.getByLabel('SIP address', { exact: true }).fill('sip:911@127.0.0.1:5999');
    await form.getByRole('button', { name: 'Add PSAP' }).click();
    await page.getByRole('row', { name: /Austin center.*us-county-48453/ }).waitFor();
    await page.getByRole('button', { name: 'Actions for Austin center' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByText('Nobody answers for us-county-48453 by this contact any more').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('row', { name: /Austin center.*us-county-48453/ }).waitFor();
    await page.screenshot({ path: artefactPath('console/routing-psaps.png') });
  });
  await withPage('/routing?where=30.2747,-97.7404', 'readOnlyAdmin', async (page) => {
    await page.getByText('Austin center (county-level default boundary of Travis County, Texas)').waitFor();
    await page.getByRole('link', { name: 'PSAPs', exact: true }).click();
    await page.getByRole('row', { name: /Austin center/ }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Add PSAP' }).count(), 0, 'only the operator changes them');
  });
});

const square = (west: number): number[][][] => [
  [
    [west, 30.1],
    [west + 0.4, 30.1],
    [west + 0.4, 30.5],
    [west, 30.5],
    [west, 30.1],
  ],
];

test('boundaries: compared, applied, shown with what is missing, and undone', { skip }, async () => {
  const properties = { ServiceURN: 'urn:service:sos', DsplayName: 'Bastrop 911', NGUID: 'bastrop@example.gov' };
  const reached = { ...properties, NGUID: 'caldwell@example.gov', ServiceURI: 'sip:911@caldwell.example.net' };
  const features = [
    { type: 'Feature', properties, geometry: { type: 'Polygon', coordinates: square(-97.5) } },
    { type: 'Feature', properties: reached, geometry: { type: 'Polygon', coordinates: square(-97.9) } },
  ];
  await withPage('/routing/layers', 'operator', async (page) => {
    await page.getByRole('button', { name: 'Import boundaries' }).first().click();
    await page.locator('input[type="file"]').setInputFiles({
      name: 'bastrop.geojson',
      mimeType: 'application/geo+json',
      buffer: Buffer.from(JSON.stringify({ type: 'FeatureCollection', features })),
    });
    await page.getByRole('textbox', { name: 'Layer' }).fill('texas');
    await page.getByRole('button', { name: 'Read and compare' }).click();
    await page.getByRole('button', { name: 'Apply' }).waitFor();
    await page.getByText('names no ServiceURI').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await page.screenshot({ path: artefactPath('console/routing-import.png') });
    type Outlines = { items: { sourceId: string; layer: string; polygons: number[][][][] }[]; isComplete: boolean };
    const path = '/api/boundaries/outlines?south=30&north=31&west=-98&east=-97';
    const near = await eventually('the outline is in force', CONSOLE_WAIT_MS, async () => {
      const found = await client.must<Outlines>('GET', path);
      return found.items.length > 0 && found;
    });
    assert.deepEqual(
      near.items.map(({ sourceId, layer }) => [sourceId, layer]),
      [['caldwell@example.gov', 'texas']],
      'what calls are routed by',
    );
    const [ring = []] = near.items[0]?.polygons[0] ?? [];
    assert.deepEqual([ring.length, ring[0]], [5, ring[4]], 'a closed ring');
    assert.deepEqual(await client.must('GET', '/api/boundaries/outlines?south=40&north=41'), {
      items: [],
      isComplete: true,
    });

    await page.getByRole('link', { name: 'Boundaries', exact: true }).first().click();
    await page.getByRole('link', { name: 'One leads nowhere yet' }).click();
    await page.getByRole('row', { name: /Bastrop 911.*Nowhere/ }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Actions for texas' }).click();
    await page.getByRole('menuitem', { name: 'Remove layer' }).click();
    await page.getByText('boundaries end to route calls').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove layer' }).click();
    await page.getByText('No boundaries are imported').waitFor();
  });
});

test('worklist: a registry that names two PSAPs, and the choice', { skip }, async () => {
  await withPage('/routing/worklist?status=open', 'operator', async (page) => {
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('button', { name: 'Import a registry' }).click();
    await page.locator('input[type="file"]').setInputFiles({
      name: 'registry.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(
        'PSAP ID,PSAP Name,State,County,City\n1,Hays Sheriff,TX,Hays,San Marcos\n2,Kyle Police,TX,Hays,Kyle\n',
      ),
    });
    await page.getByText('Calls from one area will go to the relay centre').waitFor();
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByRole('button', { name: 'Choose for Hays County' }).click();
    await page.getByText('Kyle Police').click();
    await page.getByRole('textbox', { name: 'Reason' }).fill('They told us');
    await page.screenshot({ path: artefactPath('console/routing-worklist.png') });
    await page.getByRole('dialog').getByRole('button', { name: 'Choose', exact: true }).click();
    await page.getByText('The choice for Hays County is made.').waitFor();
  });
});

test('a simulated call: found by its switch port, routed, told; and what lost', { skip }, async () => {
  await withPage('/try', 'readOnlyAdmin', async (page) => {
    await page.getByRole('button', { name: /Called from/ }).click();
    await page.getByRole('option', { name: /A switch port/ }).click();
    await page.getByLabel('Switch', { exact: true }).fill(example('switchChassis'));
    await page.getByLabel('Port', { exact: true }).fill(example('switchPort'));
    await page.getByRole('button', { name: 'Simulate' }).click();
    await page.getByText('301 W 2nd St, Floor 3, Room 312').waitFor();
    await page.getByText('Would have won next').waitFor();
    await page.getByRole('heading', { name: 'Routed' }).waitFor();
    await page.getByText('messages would be sent').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Place a real 933' }).count(), 0, 'who only reads places none');
    await page.screenshot({ path: artefactPath('console/try.png'), fullPage: true });
  });
});

type Simulated = {
  find: { found: boolean } | null;
  call: {
    caller: { number: string | null };
    location: { erlId: string | null };
    destinations: { kind: string }[];
  } | null;
  route: { mapping: { sourceId: string } } | null;
  told: { counts: { told: number } } | null;
};

test('simulations by every kind of place, and none for the number of others', { skip }, async () => {
  const simulate = (body: object): Promise<Simulated> =>
    client.must<Simulated>('POST', '/api/explain/simulation', body);
  const from = example('callerNumber');
  const point = await simulate({ from, place: { kind: 'point', latitude: 30, longitude: -97 } });
  assert.equal(point.route?.mapping.sourceId, 'us-county-48149');
  const address = await simulate({ from, place: { kind: 'address', address: '1437 Bannock St, Denver, CO 80202' } });
  assert.equal(address.route?.mapping.sourceId, 'us-county-08031');
  const device = await simulate({ place: { kind: 'device', device: example('mac') } });
  const erl = device.call?.location?.erlId ?? '';
  assert.deepEqual([device.find?.found, erl !== ''], [true, true]);
  const there = await simulate({ place: { kind: 'response-location', id: erl } });
  assert.deepEqual([there.find, there.call?.location?.erlId], [null, erl]);
  const unknown = await simulate({ place: { kind: 'bssid', bssid: '02:00:5e:00:53:ee' } });
  assert.deepEqual([unknown.find?.found, unknown.call, unknown.told], [false, null, null]);
  const number = await simulate({ from });
  assert.deepEqual([number.find, number.call?.caller.number], [null, from]);
  assert.ok((number.told?.counts.told ?? 0) > 0);

  const ask = (body: object): Promise<number> =>
    client.ask('POST', '/api/explain/simulation', body).then(({ status }) => status);
  assert.equal(await ask({ from: '+13035550123' }), 404, 'a number of nobody here');
  assert.equal(await ask({ place: { kind: 'point', latitude: 30, longitude: -97 } }), 400, 'nobody calls');
});

test('a real 933 from the browser: it is answered, and its announcement read', { skip }, async () => {
  await withPage('/try', 'fullAdmin', async (page) => {
    await page.getByLabel('Number of the caller').fill(example('callerNumber'));
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Place a real 933' }).click();
    await page.getByText('Under way').waitFor();
    await page.getByText('What the test agent said').waitFor();
    assert.ok(new URL(page.url()).searchParams.has('test'), 'a reload goes on');
    await page.screenshot({ path: artefactPath('console/try-933.png'), fullPage: true });
    await page.getByRole('link', { name: 'Open the call' }).click();
    await page.getByRole('heading', { name: /Test/ }).first().waitFor();
  });
});

test('no page asked another host for anything, or complained', { skip }, () => {
  assert.deepEqual(noted, { strays: [], complaints: [] });
});

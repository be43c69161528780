/** Network and people in a real browser, against a running platform: wire map, imports, inbox, members, callback numbers, trunks. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { artefactPath, startBrowser } from '../support/browser.ts';
import { CONSOLE_WAIT_MS, type Noted, openConsole, signInTo } from '../support/console-page.ts';
import { journeyDatabase, runConsoleServer, skipJourney } from '../support/console-server.ts';
import { askHeldAt } from '../support/journey-steps.ts';
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

async function withPage(path: string, work: (page: Page) => Promise<void>, role = 'fullAdmin'): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1_400, height: 1_000 }, reducedMotion: 'reduce' });
  try {
    const page = await openConsole(context, new URL(path, server.http).href, noted);
    await signInTo(page, (server.firstRun().tokens as Record<string, string>)[role] ?? '');
    await work(page);
  } finally {
    await context.close();
  }
}

/** As it is, in the dark, and on a phone. */
async function picture(page: Page, name: string): Promise<void> {
  const shoot = (suffix: string) => page.screenshot({ path: artefactPath(`console/${name}${suffix}.png`) });
  await shoot('');
  await page.emulateMedia({ colorScheme: 'dark' });
  await shoot('-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 360, height: 800 });
  await shoot('-narrow');
  await page.setViewportSize({ width: 1_400, height: 1_000 });
}

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
/** The form above the page. */
const dialog = (page: Page) => page.getByRole('dialog').filter({ visible: true });
const row = (page: Page, name: RegExp) => page.getByRole('row', { name });

/** Finds something in a list that searches as one types. */
async function pick(page: Page, label: string, text: string): Promise<void> {
  await dialog(page)
    .getByRole('button', { name: new RegExp(label) })
    .click();
  await page.keyboard.type(text);
  await page
    .getByRole('option', { name: new RegExp(text) })
    .first()
    .click();
}

type Elements = { items: { id: string; value: string; port: string; responseLocationName: string }[] };
const elements = async (query = ''): Promise<Elements['items']> =>
  (await client.must<Elements>('GET', `/api/wire-map${query}`)).items;

test('wire map: one is added, what is wrong stands at its field, found in any spelling, moved, deleted, brought back', {
  skip,
}, async () => {
  await withPage('/wire-map', async (page) => {
    await row(page, /Austin floor 3 room 312/).waitFor();
    await picture(page, 'wire-map');

    await button(page, 'Add element').click();
    await dialog(page).getByLabel('Value').fill('02-00-5E-00-99-01');
    await dialog(page).getByRole('textbox', { name: 'Port' }).fill('Gi1/0/9');
    await pick(page, 'Response location', 'Austin floor 1 lobby');
    await button(page, 'Add element').last().click();
    await page.getByText('was added').waitFor();

    await button(page, 'Add element').click();
    await dialog(page).getByRole('button', { name: 'Kind Switch port' }).click();
    await page.getByRole('option', { name: 'Access point' }).click();
    await dialog(page).getByLabel('Value').fill('no address');
    await pick(page, 'Response location', 'Austin floor 1 lobby');
    await button(page, 'Add element').last().click();
    await dialog(page).getByText('is neither a BSSID nor a mask of BSSIDs (aa:bb:cc:dd:ee:f*)').first().waitFor();
    await page.keyboard.press('Escape');

    await page.getByPlaceholder('Search').fill('0200.5e00.9901');
    await row(page, /gi1\/0\/9/).waitFor();
    await eventually('one is left', CONSOLE_WAIT_MS, async () => (await row(page, /02:00:5e/).count()) === 1);
    assert.match(page.url(), /text=0200\.5e00\.9901/);
    await page.reload();
    await row(page, /gi1\/0\/9/).waitFor();

    await button(page, 'Change').click();
    await page.getByRole('menuitem', { name: 'Move to another place' }).last().click();
    await pick(page, 'Where they stand', 'Toronto floor 5');
    await dialog(page).getByText('1 element changes').waitFor();
    assert.equal((await elements('?text=02005e009901'))[0]?.responseLocationName, 'Austin floor 1 lobby', 'a dry run');
    await button(page, 'Save').click();
    await row(page, /Toronto floor 5/).waitFor();

    await button(page, /^Delete Switch port 02:00:5e:00:99:01/).click();
    await dialog(page).getByText('1 element is deleted').waitFor();
    await page.screenshot({ path: artefactPath('console/wire-map-delete.png') });
    await button(page, 'Delete').click();
    await page.getByText('One element was deleted.').waitFor();
    assert.deepEqual(await elements('?text=02005e009901'), []);
    await button(page, 'Undo').first().click();
    await row(page, /Toronto floor 5/).waitFor();
  });
});

test('import: columns are named, the difference is looked at, a reload goes on, applying and undoing', {
  skip,
}, async () => {
  const csv = [
    'Closet,Interface,Where,Remark',
    '02-00-5E-00-99-11,Gi1/0/1,Austin floor 1 lobby,one',
    '02-00-5E-00-99-11,Gi1/0/2,Austin floor 3 east wing,two',
    '02-00-5E-00-53-C0,GigabitEthernet1/0/12,Austin floor 3 east wing,moved',
  ].join('\n');
  const before = await elements('?max=1000');
  await withPage('/wire-map/import', async (page) => {
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'ports.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await page.getByText('The header does not tell what the columns hold.').waitFor();
    for (const [column, field] of [
      ['Closet', 'Switch (chassis)'],
      ['Interface', 'Switch port'],
      ['Where', 'Response location (name)'],
      ['Remark', 'Description'],
    ] as const) {
      await page.getByRole('button', { name: `What ${column} holds` }).click();
      await page.getByRole('option', { name: field, exact: true }).click();
    }
    await page.getByRole('heading', { name: 'The first rows, as they are understood' }).waitFor();
    await page.screenshot({ path: artefactPath('console/import-columns.png'), fullPage: true });
    await button(page, 'Check the whole file').click();
    await page.getByText('Checked, not stored yet').waitFor();
    assert.match(page.url(), /\/wire-map\/import\?id=/);
    await page.reload();
    await page.getByText('Checked, not stored yet').waitFor();
    await page.getByRole('tab', { name: 'New (2)' }).waitFor();
    await page.getByRole('tab', { name: 'Changed (1)' }).click();
    await page.getByText('Austin floor 3 room 312').waitFor();
    await picture(page, 'import-difference');
    assert.deepEqual(await elements('?max=1000'), before, 'nothing is stored yet');
    await button(page, 'Apply').click();
    await page.getByText('The import is stored and in force.').waitFor();
    assert.equal((await elements('?text=02005e009911')).length, 2);
    await button(page, 'Undo the import').click();
    await page.getByText('The wire map is as it was before.').waitFor();
    const names = (list: Elements['items']) =>
      list.map(({ value, port, responseLocationName }) => [value, port, responseLocationName]);
    assert.deepEqual(names(await elements('?max=1000')), names(before));

    await page.goto(new URL('/wire-map/history', server.http).href);
    await page.getByText('Taken back to an earlier version').first().waitFor();
    await page.screenshot({ path: artefactPath('console/wire-map-history.png') });
    await page.goto(new URL('/wire-map/checks', server.http).href);
    await page.getByRole('heading', { name: 'Checks of the wire map' }).waitFor();
    await page.goto(new URL('/wire-map/addresses', server.http).href);
    await row(page, /203\.0\.113\.0\/24/).waitFor();
  });
});

test('an import is taken back from its own page alone', { skip }, async () => {
  type Job = { id: string; state: string };
  type Versions = { items: { revision: number }[] };
  const revision = async () =>
    (await client.must<Versions>('GET', '/api/wire-map/versions?max=1')).items[0]?.revision ?? 0;
  const take = async (mac: string): Promise<string> => {
    const csv = `kind,value,port,erl\nmac,${mac},,Austin floor 1 lobby\n`;
    const { id } = await client.must<Job>('POST', '/api/wire-map/imports?dryRun=false', csv, 'text/csv');
    await eventually('the import is stored', CONSOLE_WAIT_MS, async () => {
      return (await client.must<Job>('GET', `/api/wire-map/imports/${id}`)).state === 'applied';
    });
    return id;
  };
  const before = await revision();
  const one = await take('02:00:5e:00:99:31');
  // As many elements as the one before.
  const other = await take('02:00:5e:00:99:32');
  await withPage(`/wire-map/import?id=${other}`, async (page) => {
    await button(page, 'Undo the import').waitFor();
    await page.goto(new URL(`/wire-map/import?id=${one}`, server.http).href);
    const read = page.waitForResponse(/\/api\/wire-map\/versions/);
    await page.getByText('The import is stored and in force.').waitFor();
    await read;
    assert.equal(await button(page, 'Undo the import').count(), 0, 'it would take the other one back');
  });
  await client.must('POST', '/api/wire-map/undo', { revision: before });
});

test('a file with faults names each of them and cannot be applied', { skip }, async () => {
  const csv = 'kind,value,port,erl\nmac,02:00:5e:00:99:21,,Austin floor 1 lobby\nmac,nothing,,Nowhere\n';
  await withPage('/wire-map/import', async (page) => {
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'faulty.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await button(page, 'Check the whole file').click();
    await page.getByText('2 rows are faulty').waitFor();
    await row(page, /3 erl/).waitFor();
    await page.screenshot({ path: artefactPath('console/import-faults.png') });
    assert.equal(await button(page, 'Apply').count(), 0);
  });
});

test('discovery inbox: what a phone named is mapped in two clicks where its neighbours stand, or dismissed', {
  skip,
}, async () => {
  const { heldUrl } = await client.must<{ heldUrl: string }>('GET', '/api/e911-account');
  await askHeldAt(heldUrl, { chassis: '02:00:5e:00:53:a9', port: 'Gi1/0/44', mac: '02:00:5e:00:77:01' });
  await askHeldAt(heldUrl, { chassis: '02:00:5e:00:53:aa', port: 'Gi1/0/45', mac: '02:00:5e:00:77:02' });
  await client.must('POST', '/api/wire-map', {
    kind: 'switch-port',
    value: '02:00:5e:00:53:a9',
    port: 'Gi1/0/1',
    responseLocationId: await firstPlace('Austin floor 3 room 312'),
  });
  await eventually('both are noted', 60_000, async () => {
    const { items } = await client.must<{ items: unknown[] }>('GET', '/api/wire-map/unmapped');
    return items.length === 2;
  });
  await withPage('/wire-map/inbox', async (page) => {
    await row(page, /gi1\/0\/44/).waitFor();
    await picture(page, 'inbox');
    await button(page, 'Map Switch port 02:00:5e:00:53:a9 gi1/0/44').click();
    await button(page, 'Austin floor 3 room 312').click();
    await page.getByText('leads to Austin floor 3 room 312').waitFor();
    assert.equal((await elements('?text=gi1/0/44'))[0]?.responseLocationName, 'Austin floor 3 room 312');
    const found = await askHeldAt(heldUrl, {
      chassis: '02:00:5e:00:53:a9',
      port: 'Gi1/0/44',
      mac: '02:00:5e:00:77:01',
    });
    assert.equal(found.room, '312', 'the phone is found there from now on');

    await button(page, 'Dismiss Switch port 02:00:5e:00:53:aa gi1/0/45').click();
    await button(page, 'Dismiss').last().click();
    await page.getByText('Nothing to map').waitFor();
  });
});

async function firstPlace(name: string): Promise<string> {
  const { items } = await client.must<{ items: { id: string; name: string }[] }>(
    'GET',
    '/api/response-locations?max=100',
  );
  return items.find((one) => one.name === name)?.id ?? '';
}

test('members: added, called back on the number of another, found by number, deleted with what that breaks', {
  skip,
}, async () => {
  await withPage('/members', async (page) => {
    await row(page, /Front Desk/).waitFor();
    await button(page, 'Add member').click();
    await dialog(page)
      .getByRole('button', { name: /^Location/ })
      .click();
    await page.getByRole('option', { name: 'Austin Headquarters' }).click();
    await dialog(page).getByLabel('First name').fill('Ada');
    await dialog(page).getByLabel('Last name').fill('Night');
    await dialog(page).getByLabel('Extension').fill('1');
    await button(page, 'Add member').last().click();
    await dialog(page).getByText('That did not work').waitFor();
    await dialog(page).getByLabel('Extension').fill('1109');
    await button(page, 'Add member').last().click();
    await page.getByText('Ada Night was added.').waitFor();

    await page.getByPlaceholder('Search').fill('1109');
    await page.getByRole('link', { name: 'Ada Night' }).click();
    await page.getByRole('heading', { name: 'Emergency callback number' }).waitFor();
    await page.getByLabel('The number of another member there').click();
    await page.getByRole('button', { name: /Who answers instead/ }).click();
    await page.keyboard.type('Front');
    await page.getByRole('option', { name: /Front Desk/ }).click();
    await button(page, 'Save').click();
    await page.getByText('The callback number of Ada Night was changed.').waitFor();
    await picture(page, 'member');
    const { items } = await client.must<{ items: { id: string; ecbnSelected: string }[] }>(
      'GET',
      '/api/members?text=Ada',
    );
    assert.equal(items[0]?.ecbnSelected, 'LOCATION_MEMBER_NUMBER');

    await page.goto(new URL('/members?text=Front', server.http).href);
    await page.getByRole('link', { name: 'Front Desk' }).click();
    await button(page, 'Delete').click();
    await dialog(page).getByText('One other member is called back on its number').waitFor();
    await page.screenshot({ path: artefactPath('console/member-delete.png') });
    await button(page, 'Delete').last().click();
    await dialog(page)
      .getByText(/its number is the emergency callback number of: Ada Night/)
      .waitFor();
    await page.keyboard.press('Escape');
  });
});

test('numbers, callback numbers of locations, and the ELIN that a caller holds', { skip }, async () => {
  const erl = await firstPlace('Austin floor 3 room 312');
  await client.must('PATCH', `/api/response-locations/${erl}`, { elins: ['+15125550190'] });
  await withPage('/members/numbers', async (page) => {
    await button(page, 'Add numbers').click();
    await dialog(page)
      .getByRole('button', { name: /^Location/ })
      .click();
    await page.getByRole('option', { name: 'Houston Plant' }).click();
    await dialog(page).getByLabel('Numbers').fill('+17135550177\n+17135550178');
    await button(page, 'Add numbers').last().click();
    await page.getByText('2 numbers were added.').waitFor();
    await row(page, /\+17135550177/)
      .getByRole('checkbox')
      .click();
    await button(page, 'Change').click();
    await page.getByRole('menuitem', { name: 'Take out of service' }).click();
    await button(page, 'Take out of service').last().click();
    await row(page, /\+17135550177.*Out of service/).waitFor();
    await page.screenshot({ path: artefactPath('console/numbers.png') });
    // Each location is a request of its own: what went before one was refused is told, and comes back.
    for (const number of [/\+17135550178/, /\+15125550100/]) await row(page, number).getByRole('checkbox').click();
    await row(page, /\+17135550177/)
      .getByRole('checkbox', { checked: false })
      .waitFor();
    await button(page, 'Change').click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await button(page, 'Delete').last().click();
    await dialog(page).getByText('That did not work').waitFor();
    await page.getByText('One number was deleted.').waitFor();
    await button(page, 'Cancel').click();
    await row(page, /\+17135550178/).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /Undo.*\+17135550178/ }).click();
    await row(page, /\+17135550178/).waitFor();

    await page.goto(new URL('/members/callbacks', server.http).href);
    await row(page, /Houston Plant.*\+17135550100/).waitFor();
    await button(page, 'Change the callback number of Houston Plant').click();
    await dialog(page).getByLabel('An ELIN is kept for').fill('5');
    await button(page, 'Save').click();
    await dialog(page).getByText('That did not work').waitFor();
    await dialog(page).getByLabel('An ELIN is kept for').fill('30');
    await button(page, 'Save').click();
    await row(page, /Houston Plant.*30 minutes/).waitFor();
    await page.screenshot({ path: artefactPath('console/callbacks.png') });

    await page.goto(new URL('/members/elins?lent=all', server.http).href);
    await row(page, /\+15125550190.*Free/).waitFor();
    await page.screenshot({ path: artefactPath('console/elins.png') });
  });
});

test('trunks: added, watched, told when silent, deleted with what that breaks', { skip }, async () => {
  await withPage('/trunks', async (page) => {
    await button(page, 'Add trunk').first().click();
    await dialog(page).getByLabel('Name', { exact: true }).fill('Austin SBC');
    await dialog(page).getByLabel('Addresses').fill('192.0.2.300');
    await button(page, 'Add trunk').last().click();
    await dialog(page).getByText('That did not work').waitFor();
    await dialog(page).getByLabel('Addresses').fill('192.0.2.30');
    await dialog(page).getByLabel('Reached at').fill(`sip:127.0.0.1:${server.sipPort}`);
    await dialog(page).getByLabel('Watch whether it answers').click();
    await button(page, 'Add trunk').last().click();
    await row(page, /Austin SBC.*Being asked.*192\.0\.2\.30/).waitFor();
    await picture(page, 'trunks');
    await button(page, 'Change trunk Austin SBC').click();
    await dialog(page).getByLabel('Name', { exact: true }).fill('Austin edge');
    await button(page, 'Save').click();
    await row(page, /Austin edge/).waitFor();
    await button(page, 'Delete trunk Austin edge').click();
    await dialog(page)
      .getByText(/Calls from 192\.0\.2\.30 are a stranger/)
      .waitFor();
    await button(page, 'Delete').click();
    await page.getByText('Trunk Austin edge was deleted.').waitFor();
    await page.getByRole('button', { name: /^Undo.*Austin edge/ }).click();
    await row(page, /Austin edge.*192\.0\.2\.30/).waitFor();
  });
});

test('who may only read sees what is there and no button that changes it', { skip }, async () => {
  await withPage(
    '/wire-map',
    async (page) => {
      await row(page, /Austin floor 3 room 312/)
        .first()
        .waitFor();
      for (const name of ['Add element', 'Import', 'Change']) assert.equal(await button(page, name).count(), 0, name);
      assert.equal(await page.getByRole('checkbox').count(), 0);
      for (const [path, heading, name] of [
        ['/members', 'Members', 'Add member'],
        ['/members/numbers', 'Numbers', 'Add numbers'],
        ['/trunks', 'Trunks', 'Add trunk'],
        ['/wire-map/addresses', 'Own addresses', 'Add addresses'],
      ] as const) {
        await page.goto(new URL(path, server.http).href);
        await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
        assert.equal(await button(page, name).count(), 0, path);
      }
      await page.goto(new URL('/wire-map/import', server.http).href);
      await page.getByText('There is no such page, or your role does not see it.').waitFor();
    },
    'readOnlyAdmin',
  );
});

test('no page asked another host for anything, or complained', { skip }, () => {
  assert.deepEqual(noted, { strays: [], complaints: [] });
});

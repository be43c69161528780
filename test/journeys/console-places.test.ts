/** Places in a real browser, against a running platform: locations found, made, corrected, filled and shown on the map. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { artefactPath, startBrowser } from '../support/browser.ts';
import { journeyDatabase, runConsoleServer, skipJourney } from '../support/console-server.ts';
import { eventually, openClient } from '../support/platform-client.ts';
import { type RunningPlatform, removeData } from '../support/run-platform.ts';

const database = journeyDatabase('postgres');
const skip = skipJourney(database);
const WAIT_MS = 20_000;

let server: RunningPlatform;
let browser: Browser;
/** What the pages asked of other hosts, and what they complained of. */
const strays: string[] = [];
const complaints: string[] = [];

before(async () => {
  if (skip !== false) return;
  [server, browser] = await Promise.all([runConsoleServer(database), startBrowser()]);
});

after(async () => {
  if (skip !== false) return;
  await browser.close();
  await server.stop();
  removeData(server.dataDir);
});

/** A signed-in page. */
async function openPage(context: BrowserContext, path: string, token: string | undefined): Promise<Page> {
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(server.http).origin) strays.push(request.url());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // That nobody is signed in yet, and what was refused on purpose, the browser reports by itself.
    if (message.type() === 'error' && !/ 4(0\d|12) /.test(message.text())) complaints.push(message.text());
  });
  await page.goto(new URL(path, server.http).href);
  await page
    .getByLabel('Access token')
    .last()
    .fill(token ?? '');
  await page.keyboard.press('Enter');
  await page.getByRole('navigation').first().waitFor();
  return page;
}

async function withPage(
  path: string,
  token: string | undefined,
  work: (page: Page) => Promise<void>,
  options: { width?: number; height?: number } = {},
): Promise<void> {
  const viewport = { width: options.width ?? 1_400, height: options.height ?? 1_000 };
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce' });
  try {
    const page = await openPage(context, path, token);
    await work(page).catch(async (error: unknown) => {
      await page.screenshot({ path: artefactPath('console/places-failed.png') });
      throw error;
    });
  } finally {
    await context.close();
  }
}

/** As it is, in the dark, and on a phone. */
async function pictures(page: Page, name: string): Promise<void> {
  const shoot = (suffix: string) =>
    page.screenshot({ path: artefactPath(`console/${name}${suffix}.png`), fullPage: true });
  await shoot('');
  await page.emulateMedia({ colorScheme: 'dark' });
  await shoot('-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  const before = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 800 });
  await shoot('-narrow');
  if (before) await page.setViewportSize(before);
}

/** As it is. */
async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: artefactPath(`console/${name}.png`) });
}

test('locations are found by name and address, and each says how far it has come', { skip }, async () => {
  await withPage('/places', server.firstRun().tokens.readOnlyAdmin, async (page) => {
    const austin = page.getByRole('row', { name: /Austin Headquarters/ });
    await austin.getByText('Routed', { exact: true }).waitFor();
    await pictures(page, 'places');
    assert.equal(await page.getByRole('button', { name: 'Add a location' }).count(), 0, 'a reader adds nothing');
    await page.getByRole('searchbox', { name: 'Search' }).fill('no such street');
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await page.getByRole('searchbox', { name: 'Search' }).fill('w 2nd');
    await page.waitForURL(/text=w/);
    await austin.getByRole('link', { name: 'Austin Headquarters' }).click();
    await page.getByRole('heading', { name: 'Austin Headquarters', level: 1 }).waitFor();
    await page.locator('.map-host[data-drawn]').waitFor();
    await pictures(page, 'location');
  });
});

test('two who change the same location lose nothing of one another', { skip }, async () => {
  const token = server.firstRun().tokens.fullAdmin ?? '';
  const client = openClient(server.http, token);
  const { items } = await client.must<{ items: { id: string; name: string }[] }>('GET', '/v1/locations');
  const { id = '' } = items.find(({ name }) => name === 'London Office') ?? {};
  const path = `/v1/locations/${id}`;
  const read = () => client.must<{ name: string; timeZone: string; notes: string }>('GET', path);
  const first = await read();
  await withPage('/places?text=London', token, async (page) => {
    await page.getByRole('link', { name: 'London Office' }).click();
    await page.getByRole('button', { name: 'Edit' }).first().click();
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).waitFor();
    await client.must('PUT', path, { name: 'London Bridge Office' });
    await page.getByRole('dialog').getByLabel('Notes').fill('Use the north gate');
    const save = page.getByRole('dialog').getByRole('button', { name: 'Save' });
    await save.click();
    // Nothing is written before one knows what the other did.
    const changed = page.getByRole('dialog').getByRole('list', { name: 'What is different now' });
    await changed.getByText('Name: London Office → London Bridge Office').waitFor();
    assert.equal((await read()).notes, first.notes);
    await pictures(page, 'changed-meanwhile');
    await page.getByRole('button', { name: 'Go on with mine' }).click();
    // What one did not touch is shown as it will stay.
    const typed = (label: string): Promise<string> =>
      page.getByRole('dialog').getByLabel(label, { exact: true }).inputValue();
    await page.getByText('Save again, and it replaces').waitFor();
    assert.deepEqual([await typed('Name'), await typed('Notes')], ['London Bridge Office', 'Use the north gate']);
    await save.click();
    // The page behind the form tells the other's name already.
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByRole('heading', { name: 'London Bridge Office', level: 1 }).waitFor();
    const after = await read();
    assert.deepEqual(
      [after.name, after.timeZone, after.notes],
      ['London Bridge Office', first.timeZone, 'Use the north gate'],
    );
  });
  await client.must('PUT', path, { name: first.name });
});

test('a room that is found is the one that is shown; what was changed is told of that location alone', {
  skip,
}, async () => {
  await withPage('/places?text=London', server.firstRun().tokens.fullAdmin, async (page) => {
    const entries = page.getByRole('row', { name: /location\.(created|updated)/ });
    const openHistory = async (): Promise<void> => {
      await page.getByRole('button', { name: 'What was changed' }).click();
      await entries.first().waitFor();
    };
    await page.getByRole('link', { name: 'London Office' }).click();
    await openHistory();
    await entries.filter({ hasText: 'notes' }).first().waitFor();

    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Find anything' }).fill('floor 1 lobby');
    await page.getByRole('option', { name: /^Austin floor 1 lobby/ }).click();
    await page.getByRole('heading', { name: 'Austin Headquarters', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'By floor' }).waitFor();
    const rooms = page.getByRole('table', { name: 'Response locations' }).getByRole('row');
    await eventually('the room alone', WAIT_MS, async () => (await rooms.count()) === 2);
    await openHistory();
    assert.equal(await entries.filter({ hasText: 'notes' }).count(), 0, 'nothing of London');
  });
});

test('the map shows the counties and every location that has a position', { skip }, async () => {
  await withPage('/places?view=map', server.firstRun().tokens.readOnlyAdmin, async (page) => {
    await page.getByRole('heading', { name: 'Locations on the map' }).waitFor();
    await page.getByText(/\d on the map/).waitFor();
    await page.locator('.map-host[data-drawn]:not([data-drawn="0"])').waitFor();
    await pictures(page, 'places-map');
  });
});

test('the wizard leads from nothing to routed calls by keyboard alone, and goes on where one left', {
  skip,
}, async () => {
  const { fresh } = server.firstRun();
  const token = fresh?.tokens.fullAdmin;
  const client = openClient(server.http, token ?? '');
  await withPage('/onboarding', token, async (page) => {
    const { keyboard } = page;
    // Whatever a mouse, a finger or a pen does, a test that uses one among it, is noted.
    await page.addInitScript(`for (const type of ['pointerdown', 'mousedown', 'touchstart']) {
      addEventListener(type, () => sessionStorage.setItem('pointed', 'yes'), { capture: true });
    }`);
    await page.reload();
    /** Goes to a control as somebody without a mouse does: it must be reached, and be where the focus is. */
    const reach = async (control: ReturnType<Page['locator']>): Promise<void> => {
      await control.waitFor();
      const focused = control.and(page.locator(':focus'));
      for (let presses = 0; presses < 120; presses += 1) {
        if ((await focused.count()) > 0) return;
        await keyboard.press('Tab');
      }
      assert.fail('no number of tabs leads there');
    };
    const press = async (name: string | RegExp): Promise<void> => {
      await reach(page.getByRole('button', { name }).first());
      await keyboard.press('Enter');
    };
    const fill = async (label: string | RegExp, text: string): Promise<void> => {
      // A column that can be ordered by is called after what it holds, like the field.
      await reach(page.getByLabel(label).and(page.locator('input, textarea')).first());
      await keyboard.press('ControlOrMeta+a');
      await keyboard.type(text);
    };
    const goOn = () => press('Confirm and go on');
    const stepIs = (title: string) => page.getByRole('heading', { name: title, level: 1 }).waitFor();

    await stepIs('Account');
    await picture(page, 'onboarding-account');
    await goOn();
    await page.getByText('Still needed: an E911 account').first().waitFor();
    await fill('Administrator’s e-mail address', 'e911.admin@fresh.example.com');
    await keyboard.press('Enter');
    await page.getByText('The account is there; its administrator is invited.').waitFor();
    await goOn();

    await stepIs('Locations and buildings');
    await goOn();
    await page.getByText('Still needed: at least one location').first().waitFor();
    await press('Add a location');
    await fill('Name', 'Denver Office');
    await fill('Street and number', '1437 Bannock Street');
    await fill('City', 'Denvr');
    await fill('State or province', 'CO');
    await fill('ZIP or postal code', '80202');
    await page.getByText('Did you mean 1437 Bannock Street, Denver, CO 80202?').waitFor();
    await picture(page, 'onboarding-address');
    await press('Use the corrected address');
    assert.equal(await page.getByLabel('City').inputValue(), 'Denver');
    await page.getByText(/Did you mean/).waitFor({ state: 'detached' });
    // The pin: the place is known roughly, and Enter in the map takes its middle.
    await page.locator('.map-host[data-drawn]').waitFor();
    await reach(page.locator('.maplibregl-canvas'));
    await keyboard.press('Enter');
    await page.getByLabel('Latitude').waitFor();
    assert.match(await page.getByLabel('Latitude').inputValue(), /^39\.\d+$/);
    await reach(page.getByRole('dialog').getByRole('button', { name: 'Add a location' }));
    await keyboard.press('Enter');
    await press('Add the building: Denver Office');
    await fill('Alert address of the building', 'guard@fresh.example.com');
    await keyboard.press('Enter');
    await page.getByText('guard@fresh.example.com').waitFor();
    await pictures(page, 'onboarding-locations');
    await goOn();

    await stepIs('Alerts');
    await fill('Told of every emergency call at any location', 'desk@fresh.example.com');
    await goOn();
    await page.getByText('Still needed: to save what you wrote here').first().waitFor();
    await reach(page.getByLabel('Told of every emergency call at any location').first());
    await keyboard.press('Enter');
    await page.getByText('Who is told is saved.').waitFor();
    await fill('Told of every emergency call at any location', 'desk@fresh.example.org');
    await page.getByText('Who is told is saved.').waitFor({ state: 'detached' });
    await fill('Told of every emergency call at any location', 'desk@fresh.example.com');
    await page.getByText('Who is told is saved.').waitFor();
    await press('Send a test alert');
    await page.getByRole('row', { name: /guard@fresh\.example\.com.*Accepted/ }).waitFor();
    await page.getByRole('row', { name: /desk@fresh\.example\.com.*Accepted/ }).waitFor();
    await picture(page, 'onboarding-alerts');
    await goOn();

    // Leaving: the page without a step goes on with the one that is next.
    await stepIs('Network elements');
    await page.goto(new URL('/', server.http).href);
    await page.goto(new URL('/onboarding', server.http).href);
    await stepIs('Network elements');
    await press('Add a response location');
    await reach(page.getByRole('dialog').getByLabel('Name'));
    await keyboard.type('Floor 4 room 410');
    await reach(page.getByRole('dialog').getByLabel('Floor', { exact: true }));
    await keyboard.type('4');
    await reach(page.getByRole('dialog').getByLabel('Room', { exact: true }));
    await keyboard.type('410');
    await keyboard.press('Enter');
    await page.getByRole('row', { name: /Floor 4 room 410/ }).waitFor();
    await press('Take in a file');
    /** Gives the browser a file, where it asks for one after Enter. */
    const choose = async (name: string, rows: readonly string[]): Promise<void> => {
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), press('Choose file')]);
      const text = ['kind,value,location,erl,description', ...rows].join('\n');
      await chooser.setFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
    };
    const good = [
      'mac,02:00:5e:00:53:d1,Denver Office,Floor 4 room 410,desk',
      'mac,02:00:5e:00:53:d2,Denver Office,Floor 4 room 410,',
    ];
    await choose('half.csv', [
      ...good,
      'mac,no address,Denver Office,Floor 4 room 410,',
      'mac,02:00:5e:00:53:d3,Denver Office,Floor 9,',
    ]);
    await page.getByRole('heading', { name: 'The first rows, as they are understood' }).waitFor();
    await press('Check the whole file');
    await page.getByText('2 rows are faulty; correct the file and send it again. Nothing was stored.').waitFor();
    await pictures(page, 'onboarding-import-faulty');
    await press('Another file');
    await choose('right.csv', good);
    await press('Check the whole file');
    await page.getByText('The file is right. Look at what would change, then apply it.').waitFor();
    await picture(page, 'onboarding-import');
    // Leaving in the middle of it: what was read waits.
    await page.goto(new URL('/', server.http).href);
    await page.goto(new URL('/onboarding', server.http).href);
    await stepIs('Network elements');
    await press('Go on with it');
    await press('Apply');
    await page.getByText('The import is stored and in force.').waitFor();
    await page.getByText('2 elements are mapped.').waitFor();
    await press('Close the import');
    const { items } = await client.must<{ items: { value: string; responseLocationName: string }[] }>(
      'GET',
      '/api/wire-map',
    );
    assert.deepEqual(
      items.map(({ value, responseLocationName }) => [value, responseLocationName]),
      [
        ['02:00:5e:00:53:d1', 'Floor 4 room 410'],
        ['02:00:5e:00:53:d2', 'Floor 4 room 410'],
      ],
    );
    await goOn();

    await stepIs('Test call');
    await fill('Name', 'Front desk');
    await fill('Phone number', '+13035550101');
    await keyboard.press('Enter');
    await page.getByRole('button', { name: 'Let the platform dial 933' }).waitFor();
    await press('Let the platform dial 933');
    await page.getByRole('row', { name: /\+13035550101.*1437 Bannock/ }).waitFor();
    await page.getByText('Your location is 1 4 3 7 Bannock Street').waitFor();
    await picture(page, 'onboarding-test');
    await goOn();

    await stepIs('Routing');
    await picture(page, 'onboarding-routing');
    await press('Turn on routing everywhere');
    await page.getByText('Emergency calls are routed. Home shows how every location stands.').waitFor();
    const { complianceStatus } = await client.must<{ complianceStatus: string }>(
      'GET',
      '/v1/telephony/config/redSky/status',
    );
    assert.equal(complianceStatus, 'COMPLIANT');
    assert.equal(await page.evaluate(`sessionStorage.getItem('pointed')`), null, 'no pointer was needed');
  });
});

test('a response location that phones lead to is not taken away without saying where they lead then', {
  skip,
}, async () => {
  const { tokens, locations } = server.firstRun();
  const id = locations?.[0]?.id ?? '';
  await withPage(`/places/${id}`, tokens.fullAdmin, async (page) => {
    await page.getByRole('button', { name: 'Add a response location' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Cellar');
    await dialog.getByLabel('ELINs').fill('12');
    await dialog.getByRole('button', { name: 'Add a response location' }).click();
    await dialog.getByText('is not a telephone number').first().waitFor();
    await picture(page, 'location-room-fault');
    await dialog.getByLabel('ELINs').fill('');
    await dialog.getByRole('button', { name: 'Add a response location' }).click();
    await page.getByRole('row', { name: /Cellar/ }).waitFor();

    await page.getByRole('button', { name: 'Remove Austin floor 3 room 312' }).click();
    await dialog.getByText(/network elements? leads? here|network elements lead here/).waitFor();
    await picture(page, 'location-remove');
    assert.equal(await dialog.getByRole('button', { name: 'Remove', exact: true }).isDisabled(), true);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Remove Cellar' }).click();
    await dialog.getByText('No network element and no device leads here.').waitFor();
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('Cellar is removed.').waitFor();
    assert.equal(await page.getByRole('row', { name: /Cellar/ }).count(), 0);
    await picture(page, 'location-removed');
    await page.getByRole('button', { name: 'Undo the removal of Cellar' }).click();
    await page.getByText('Cellar is back.').waitFor();
    await page.getByRole('row', { name: /Cellar/ }).waitFor();
  });
});

test('floors are renamed and rooms moved; a building that was removed comes back with them, under the same ids', {
  skip,
}, async () => {
  const { tokens } = server.firstRun();
  const client = openClient(server.http, tokens.fullAdmin ?? '');
  const create = (path: string, body: object) => client.must<{ id: string }>('POST', path, body);
  const address = { address1: '200 E Colfax Ave', city: 'Denver', state: 'CO', postalCode: '80203', country: 'US' };
  const settings = { timeZone: 'America/Denver', preferredLanguage: 'en_us', announcementLanguage: 'en_us', address };
  await create('/v1/locations', { name: 'Tower', ...settings });
  const { items: found } = await client.must<{ items: { id: string }[] }>('GET', '/api/locations?text=Tower');
  const id = found[0]?.id ?? '';
  await create('/api/buildings', { locationId: id, alertingEmail: 'tower@example.com' });
  for (const [name, FLR] of Object.entries({ East: '1', West: '1', Deck: '2' })) {
    await create('/api/response-locations', { locationId: id, name, detail: { FLR, ROOM: name } });
  }
  const rooms = () => client.must<object>('GET', `/api/response-locations?locationId=${id}`);
  await withPage(`/places/${id}`, tokens.fullAdmin, async (page) => {
    const dialog = page.getByRole('dialog');
    await page.getByRole('row', { name: /Floor 1.*2 places/ }).waitFor();
    await page.getByRole('row', { name: /Deck/ }).waitFor();
    await pictures(page, 'location-floors');
    await page.getByRole('button', { name: 'Rename floor 1', exact: true }).click();
    await dialog.getByLabel('Floor').fill('G');
    await dialog.getByText('2 places are on floor G from then on').waitFor();
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('row', { name: /Floor G.*2 places/ }).waitFor();
    await page.getByRole('button', { name: 'Move West', exact: true }).click();
    await dialog.getByLabel('Floor', { exact: true }).fill('2');
    await dialog.getByText('No network element and no device leads here.').waitFor();
    await picture(page, 'location-move');
    await dialog.getByRole('button', { name: 'Move', exact: true }).click();
    await page.getByRole('row', { name: /Floor 2.*2 places/ }).waitFor();
    await page.getByRole('button', { name: 'Add a place on floor 2' }).click();
    assert.equal(await dialog.getByLabel('Floor', { exact: true }).inputValue(), '2');
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    const before = await rooms();
    await page.getByRole('button', { name: 'Remove the building of Tower' }).click();
    await dialog.getByText(/Its 3 response locations go with it/).waitFor();
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('The building of Tower is removed.').waitFor();
    await page.getByText('Add the building first; its floors and rooms come then.').waitFor();
    await page.goto(new URL('/settings/removed', server.http).href);
    await page.getByRole('row', { name: /Tower.*Building/ }).waitFor();
    await pictures(page, 'removed');
    await page.getByRole('button', { name: 'Bring back Tower' }).click();
    await dialog.getByText('It comes with its response locations').waitFor();
    await dialog.getByRole('button', { name: 'Bring back' }).click();
    await page.getByText('Tower is back.').waitFor();
    assert.deepEqual(await rooms(), before);
  });
});

test('no page asked another host for anything, or complained', { skip }, () => {
  assert.deepEqual(strays, []);
  assert.deepEqual(complaints, []);
});

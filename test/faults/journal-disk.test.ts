/** The folder of the journal is taken from a running platform and something else put in its place: calls go on, and everybody is told. */
import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { artefactPath, startBrowser } from '../support/browser.ts';
import { signInTo } from '../support/console-page.ts';
import { skipWithout } from '../support/parts.ts';
import { eventually, listAllCalls, openClient, readMetric } from '../support/platform-client.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';
import { openPhone } from '../support/sip-phone.ts';

const PATIENCE_MS = 60_000;
let platform: RunningPlatform;

before(async () => {
  platform = await runPlatform({ env: { WAYMARK_OPERATOR_MAIL: 'operator@example.net' } });
});
after(async () => {
  await platform.stop();
  removeData(platform.dataDir);
});

type Health = { status: string; journal: string };

async function readHealth(): Promise<Health> {
  return (await (await fetch(`${platform.http}/health/ready`)).json()) as Health;
}

async function placeCall(): Promise<string> {
  const phone = await openPhone({ target: { protocol: 'udp', address: '127.0.0.1', port: platform.sipPort } });
  const call = phone.call({ from: platform.firstRun().examples?.['callerNumber'] ?? '' });
  assert.equal((await call.final()).status, 200);
  await call.ack();
  assert.equal((await call.request('BYE')).status, 200);
  await phone.close();
  return call.callId;
}

/** Subjects of the mails that the operator got. */
async function readOperatorMail(): Promise<string[]> {
  const folder = join(platform.dataDir, 'mail');
  const names = await readdir(folder).catch(() => []);
  const mails = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return mails
    .filter((mail) => mail.includes('operator@example.net'))
    .map((mail) => /^Subject: (.*)$/m.exec(mail)?.[1]?.trim() ?? '');
}

/** What the console shows to whoever looks there first. */
async function homeSays(text: RegExp): Promise<void> {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(platform.http);
    await signInTo(page, platform.firstRun().tokens.fullAdmin ?? '');
    await page.getByText(text).waitFor({ timeout: PATIENCE_MS });
    await page.screenshot({ path: artefactPath('console/home-journal-away.png') });
  } finally {
    await browser.close();
  }
}

test('without its journal the platform takes calls, says so, and is well again by itself', async () => {
  const client = openClient(platform.http, platform.firstRun().tokens.operator);
  const folder = join(platform.dataDir, 'journal');
  const before = await placeCall();
  assert.deepEqual(await readHealth().then(({ status, journal }) => [status, journal]), ['ready', 'ok']);

  await rm(folder, { recursive: true });
  await writeFile(folder, 'no folder');
  await eventually('the platform notices', PATIENCE_MS, async () => (await readHealth()).journal === 'failing');
  const during = await placeCall();
  const { status, journal } = await readHealth();
  assert.deepEqual([status, journal], ['degraded', 'failing']);
  assert.equal(await readMetric(platform.http, 'waymark_call_journal_degraded'), 1);
  const recorded = await eventually('the calls are recorded all the same', PATIENCE_MS, async () => {
    const calls = await listAllCalls(client);
    return [before, during].every((id) => calls.some(({ callId }) => callId === id)) && calls;
  });
  const late = recorded.find(({ callId }) => callId === during);
  assert.ok(late);
  assert.ok(late.flags.includes('journal-late'));
  assert.ok(late.trace.some(({ step, isLate }) => step === 'journal' && isLate === true));
  await eventually('the operator is told', PATIENCE_MS, async () =>
    (await readOperatorMail()).includes('Waymark: calls go on without journal'),
  );

  if (!skipWithout('chromium')) await homeSays(/without being journaled/);

  await rm(folder);
  await eventually('the platform is well again', PATIENCE_MS, async () => (await readHealth()).journal === 'ok');
  await placeCall();
  assert.equal((await readHealth()).status, 'ready');
  await eventually('the operator is told that too', PATIENCE_MS, async () =>
    (await readOperatorMail()).includes('Waymark: calls are journaled again'),
  );
  await eventually('listeners are told', PATIENCE_MS, async () => {
    const told = await fetch(`${platform.http}/api/events?all=true&follow=false`, {
      headers: { authorization: `Bearer ${platform.firstRun().tokens.operator}` },
    });
    return /event: journal\.degraded\n[^]*event: journal\.recovered\n/.test(await told.text());
  });
});

/** A link in a mail works while PostgreSQL is stopped, also after the process was killed and started anew without it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { IncidentItem } from '../../src/alerts/incidents/incidents.ts';
import { callFrom } from '../support/journey-steps.ts';
import { skipWithout } from '../support/parts.ts';
import { eventually, openClient } from '../support/platform-client.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';
import { type SmtpReceiver, startSmtpReceiver } from '../support/smtp-receiver.ts';
import { stablePort } from '../support/stable-port.ts';

const skip = skipWithout('postgresql');
const WAIT_MS = 60_000;

let cluster: PostgresCluster;
let smtp: SmtpReceiver;
let platform: RunningPlatform;
let env: Readonly<Record<string, string>>;

before(async () => {
  if (skip) return;
  cluster = await startPostgresCluster();
  smtp = await startSmtpReceiver();
  env = {
    WAYMARK_DATABASE_URL: await cluster.createDatabase(),
    WAYMARK_SMTP_URL: smtp.url,
    // Links name the port; the next start must have the same.
    WAYMARK_HTTP_PORT: String(await stablePort()),
  };
  platform = await runPlatform({ env });
});
after(async () => {
  if (skip) return;
  await platform.stop();
  removeData(platform.dataDir);
  await smtp.close();
  cluster.remove();
});

test('a click after a start without the database is answered honestly, and stored when it is back', {
  skip,
}, async () => {
  const { tokens, examples } = platform.firstRun();
  const client = openClient(platform.http, tokens['fullAdmin'] ?? '');
  await callFrom(platform, { dialed: '911', from: examples?.['callerNumber'] ?? '' });
  const incidents = async () => (await client.must<{ items: IncidentItem[] }>('GET', '/api/incidents')).items;
  const { id } = await eventually('the incident', WAIT_MS, async () => (await incidents())[0]);
  const linkIn = (text: string | undefined) => /http:\/\/[^\s"<]+\/act\/[\w-]+/.exec(text ?? '')?.[0];
  const link = await eventually('the mail with its link', WAIT_MS, () =>
    smtp.received.map(({ mail }) => linkIn(mail.text)).find((found) => found !== undefined),
  );

  cluster.stop();
  await platform.kill();
  platform = await runPlatform({ env, dataDir: platform.dataDir });
  const shown = await fetch(link);
  assert.equal(shown.status, 200);
  assert.match(await shown.text(), /<form method="post"/);
  const clicked = await fetch(link, { method: 'POST' });
  assert.equal(clicked.status, 202);
  assert.match(await clicked.text(), /could not be stored centrally yet/);

  cluster.start();
  const taken = await eventually('the acknowledgement in the database', WAIT_MS, async () => {
    const answer = await client.ask<IncidentItem>('GET', `/api/incidents/${id}`);
    return answer.status === 200 && answer.body.state === 'acknowledged' ? answer.body : undefined;
  });
  assert.deepEqual([taken.acknowledgedVia, taken.acknowledgedBy?.includes('@')], ['link', true]);
});

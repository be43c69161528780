import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { createLogger } from '../../support/logger.ts';
import { openDatabase } from '../database.ts';
import { migrations } from './index.ts';

const ORGANIZATION = '00000000-0000-4000-8000-000000000001';
const CALL = '00000000-0000-4000-8000-00000000000c';
const NAME = '0035-alert-channels';

test('mails that an earlier version had not sent become messages; its job queue is gone', async () => {
  const database = await openDatabase({ url: undefined, embeddedDir: undefined }, createLogger('silent'));
  try {
    const { db } = database;
    const names = Object.keys(migrations).toSorted();
    const before = names[names.indexOf(NAME) - 1] ?? '';
    const provider = { getMigrations: () => Promise.resolve(migrations) };
    assert.equal((await new Migrator({ db, provider }).migrateTo(before)).error, undefined);
    const run = (text: string): Promise<unknown> => sql.raw(text).execute(db);
    await run(`insert into organizations (id, name) values ('${ORGANIZATION}', 'Example')`);
    const receipt = (key: string, kind: string, state: string): Promise<unknown> =>
      run(`insert into alert_receipts (mail_key, organization_id, call_id, kind, channel, recipient, reasons, message_id, state, queued_at)
        values ('${key}', '${ORGANIZATION}', ${kind === 'call-alert' ? `'${CALL}'` : 'null'}, '${kind}', 'email', 'Desk@example.com',
          '["because"]', '<${key}@x>', '${state}', now())`);
    await run('create schema pgboss');
    await run('create table pgboss.job (name text, state text, data jsonb)');
    await receipt('waiting', 'call-alert', 'failed');
    await receipt('invited', 'invitation', 'queued');
    await receipt('taken', 'call-alert', 'accepted');
    await receipt('lost', 'call-alert', 'failed');
    for (const [key, state] of [
      ['waiting', 'retry'],
      ['invited', 'created'],
      ['taken', 'completed'],
    ]) {
      const data = {
        key,
        recipient: 'Desk@example.com',
        reasons: ['because'],
        subject: `It's ${key}`,
        text: 'text',
        html: '<p>html</p>',
        startedAt: '2026-03-05T18:30:15.000Z',
        writtenAt: '2026-03-05T18:30:16.000Z',
      };
      await sql`insert into pgboss.job values ('call-alerts', ${state}, ${JSON.stringify(data)})`.execute(db);
    }

    assert.equal((await new Migrator({ db, provider }).migrateTo(NAME)).error, undefined);

    const rows = await db.selectFrom('alertReceipts').selectAll().orderBy('key').execute();
    assert.deepEqual(
      rows.map(({ key, kind, severity, state, dueAt, message }) => [
        key,
        kind,
        severity,
        state,
        dueAt !== null,
        message !== null,
      ]),
      [
        ['invited', 'invitation', 'info', 'queued', true, true],
        ['lost', 'call-started', 'emergency', 'exhausted', false, false],
        ['taken', 'call-started', 'emergency', 'accepted', false, false],
        ['waiting', 'call-started', 'emergency', 'failed', true, true],
      ],
    );
    assert.deepEqual(JSON.parse(rows[3]?.message ?? ''), {
      key: 'waiting',
      kind: 'call-started',
      severity: 'emergency',
      organizationId: ORGANIZATION,
      callId: CALL,
      incidentId: CALL,
      startedAt: '2026-03-05T18:30:15.000Z',
      endpoint: { channel: 'email', address: 'Desk@example.com' },
      recipientId: null,
      label: 'Desk@example.com',
      reasons: ['because'],
      content: { channel: 'email', subject: "It's waiting", text: 'text', html: '<p>html</p>', map: null },
      writtenAt: '2026-03-05T18:30:16.000Z',
    });
    const schemas = await sql`select 1 from information_schema.schemata where schema_name = 'pgboss'`.execute(db);
    assert.equal(schemas.rows.length, 0);
  } finally {
    await database.close();
  }
});

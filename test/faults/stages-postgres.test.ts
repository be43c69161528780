/** Stage changes and account creation when others hold what they need, on real PostgreSQL with two nodes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAccounts } from '../../src/accounts/accounts.ts';
import { createE911Accounts, type E911Accounts } from '../../src/accounts/e911-accounts.ts';
import { createSignInTrail } from '../../src/accounts/sign-in-trail.ts';
import { createAddresses } from '../../src/addresses/addresses.ts';
import { createAudit } from '../../src/audit/audit.ts';
import { type Compliance, createCompliance } from '../../src/compliance/compliance.ts';
import { ProblemError } from '../../src/domain/problem.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { createPlaces } from '../../src/places/places.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { createManualClock } from '../../src/support/manual-clock.ts';
import { createMetrics } from '../../src/support/metrics.ts';
import { webexProblem } from '../../src/webex-api/webex-api.ts';
import { addOrganization, silentLogger } from '../support/alerts-fixture.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';

const LOCK_WAIT_MS = 150;
const operator = { organizationId: null, tokenId: 'test', trackingId: 'test' };

type Node = { database: Database; accounts: E911Accounts; compliance: Compliance; mails: string[] };

let cluster: PostgresCluster;
const nodes: Node[] = [];

function openNode(database: Database): Node {
  const clock = createManualClock();
  const audit = createAudit({ database, clock });
  const mails: string[] = [];
  const deps = { database, audit, clock, logger: silentLogger, snapshotFolder: undefined };
  const accounts = createE911Accounts({
    ...deps,
    trail: createSignInTrail({ ...deps, metrics: createMetrics({ processMetrics: false }) }),
    secretGraceMs: 1_000,
    invitationLink: (token) => token,
    enqueueMail(_tx, mail) {
      mails.push(mail.to);
      return Promise.resolve();
    },
  });
  const places = createPlaces({ ...deps, addresses: createAddresses() });
  const compliance = createCompliance({ ...deps, accounts, places, lockWaitMs: LOCK_WAIT_MS });
  return { database, accounts, compliance, mails };
}

before(async () => {
  cluster = await startPostgresCluster();
  const url = await cluster.createDatabase();
  for (const _ of [1, 2]) nodes.push(openNode(await openDatabase({ url, embeddedDir: undefined }, silentLogger)));
  const { database } = node(0);
  await database.migrate();
  const clock = createManualClock();
  const management = createAccounts({ database, audit: createAudit({ database, clock }), clock, logger: silentLogger });
  await management.createPartner(operator, { name: 'Platform', isDefault: true });
});
after(async () => {
  for (const { database } of nodes) await database.close();
  cluster.remove();
});

function node(index: number): Node {
  const found = nodes[index];
  assert.ok(found);
  return found;
}

async function withAccount(): Promise<Scope> {
  const scope = await addOrganization(node(0).database);
  await node(0).accounts.createAccount(scope, { email: 'admin@sites.example' });
  return scope;
}

/** Holds the organization's stages, as a change under way at some other node does, until `work` has ended. */
async function whileHeld(scope: Scope, work: () => Promise<void>): Promise<void> {
  await node(1)
    .database.db.transaction()
    .execute(async (tx) => {
      await tx
        .selectFrom('complianceOrganizations')
        .selectAll()
        .where('organizationId', '=', scope.organizationId)
        .forUpdate()
        .executeTakeFirstOrThrow();
      await work();
    });
}

function isLocked(error: unknown): boolean {
  assert.ok(error instanceof ProblemError, String(error));
  assert.equal(error.kind, 'locked');
  const answer = webexProblem(error, 'track');
  assert.equal(answer.status, 423);
  assert.equal(answer.headers?.['retry-after'], '1');
  return true;
}

test('a change that waits too long is locked, has done nothing, and works when it is sent again', async () => {
  const scope = await withAccount();
  const { compliance } = node(0);
  await compliance.updateOrganizationStatus(scope, 'LOCATION_SETUP');
  await whileHeld(scope, async () => {
    const tries = ['ALERTS', 'OPTED_OUT', 'ALERTS'] as const;
    // The first waits at the row, the others behind it in this process: none waits for ever.
    await Promise.all(
      tries.map((stage) => assert.rejects(compliance.updateOrganizationStatus(scope, stage), isLocked)),
    );
    // Reading needs no lock.
    assert.equal((await compliance.readOrganizationStatus(scope)).organization.completed, 'LOCATION_SETUP');
  });
  assert.equal((await compliance.updateOrganizationStatus(scope, 'ALERTS')).organization.completed, 'ALERTS');
  // The same again is no error: the answer to the first may have been lost.
  assert.equal((await compliance.updateOrganizationStatus(scope, 'ALERTS')).organization.completed, 'ALERTS');
  const entries = await node(0)
    .database.db.selectFrom('auditEntries')
    .select('action')
    .where('organizationId', '=', scope.organizationId)
    .where('action', 'like', 'compliance.%')
    .execute();
  assert.equal(entries.length, 2);
});

test('another organization is not held up', async () => {
  const held = await withAccount();
  const free = await withAccount();
  await node(0).compliance.updateOrganizationStatus(held, 'LOCATION_SETUP');
  await whileHeld(held, async () => {
    await node(0).compliance.updateOrganizationStatus(free, 'LOCATION_SETUP');
  });
});

test('two administrators at two nodes never skip a stage', async () => {
  const scope = await withAccount();
  for (const stage of ['LOCATION_SETUP', 'ALERTS', 'NETWORK_ELEMENTS', 'ROUTING_ENABLED'] as const) {
    const results = await Promise.allSettled(
      [0, 1, 0, 1].map((index) => node(index).compliance.updateOrganizationStatus(scope, stage)),
    );
    for (const result of results) {
      if (result.status === 'fulfilled') assert.equal(result.value.organization.completed, stage);
      else isLocked(result.reason);
    }
    assert.ok(results.some((result) => result.status === 'fulfilled'));
    assert.equal((await node(1).compliance.readOrganizationStatus(scope)).organization.completed, stage);
  }
});

test('an account asked for many times at once is created once; every other request is a conflict and harms nothing', async () => {
  const scope = await addOrganization(node(0).database);
  const mailsBefore = node(0).mails.length + node(1).mails.length;
  const results = await Promise.allSettled(
    [0, 1, 0, 1, 0, 1].map((index) => node(index).accounts.createAccount(scope, { email: `a${index}@sites.example` })),
  );
  const created = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  assert.equal(created.length, 1);
  for (const result of results) {
    if (result.status === 'rejected') assert.equal((result.reason as ProblemError).kind, 'conflict');
  }
  const account = await node(1).accounts.readAccount(scope.organizationId);
  assert.equal(account?.companyId, created[0]?.companyId);
  assert.equal(node(0).mails.length + node(1).mails.length, mailsBefore + 1);
  await assert.rejects(
    node(0).accounts.createAccount(scope, { email: 'late@sites.example' }),
    (error) => error instanceof ProblemError && error.kind === 'conflict',
  );
  assert.equal((await node(0).accounts.readAccount(scope.organizationId))?.companyId, account?.companyId);
});

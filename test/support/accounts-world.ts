import assert from 'node:assert/strict';
import { createAccounts } from '../../src/accounts/accounts.ts';
import { createE911Accounts } from '../../src/accounts/e911-accounts.ts';
import { createProviderDocuments, type FetchJson } from '../../src/accounts/provider-documents.ts';
import { createSessions } from '../../src/accounts/sessions/sessions.ts';
import { createSignInTrail } from '../../src/accounts/sign-in-trail.ts';
import { createVerifyIdentity, type IdentityProvider } from '../../src/accounts/verify-identity.ts';
import { createAudit } from '../../src/audit/audit.ts';
import type { MailJob } from '../../src/domain/mail-job.ts';
import type { Role, Scope } from '../../src/domain/scope.ts';
import type { Change } from '../../src/storage/change-feed.ts';
import { newId } from '../../src/support/ids.ts';
import { createLogger } from '../../src/support/logger.ts';
import { createManualClock } from '../../src/support/manual-clock.ts';
import { createMetrics } from '../../src/support/metrics.ts';
import { openMigratedDatabase } from './embedded-template.ts';

export const GRACE_MS = 7 * 86_400_000;
export const PASSWORD = 'correct horse battery';

const ACTOR = { organizationId: null, tokenId: 'test', trackingId: 'test' };

/** Both halves of the room over an in-memory database, or a real one, and a clock that stands still. */
export async function openAccountsWorld(
  options: { identityProvider?: { provider: IdentityProvider; fetchJson: FetchJson }; databaseUrl?: string } = {},
) {
  const clock = createManualClock();
  const logger = createLogger('silent');
  const database = await openMigratedDatabase(logger, options.databaseUrl);
  const audit = createAudit({ database, clock });
  const mails: MailJob[] = [];
  const metrics = createMetrics({ processMetrics: false });
  const trail = createSignInTrail({ database, audit, clock, logger, metrics });
  const outside = options.identityProvider && openOutside(options.identityProvider);

  function openOutside({ provider, fetchJson }: { provider: IdentityProvider; fetchJson: FetchJson }) {
    const documents = createProviderDocuments({ clock, logger, issuer: provider.issuer, fetchJson });
    return { documents, identities: createVerifyIdentity({ database, clock, logger, documents, provider }) };
  }
  const accounts = createAccounts({
    database,
    audit,
    clock,
    logger,
    holderOfBearer: outside && ((token) => outside.identities.holderOfBearer(token)),
    holderOfSession: (secret) => sessions.holderOf(secret),
  });
  const e911 = createE911Accounts({
    database,
    audit,
    clock,
    logger,
    snapshotFolder: undefined,
    secretGraceMs: GRACE_MS,
    trail,
    invitationLink: (token) => `https://e911.example/invite#${token}`,
    enqueueMail(_tx, mail) {
      mails.push(mail);
      return Promise.resolve();
    },
  });
  const sessions = createSessions({
    database,
    audit,
    clock,
    logger,
    trail,
    verifyAdmin: e911.verifyAdmin,
    holderOfToken: accounts.holderOfToken,
  });
  const platformPartner = await accounts.createPartner(ACTOR, { name: 'Platform', isDefault: true });
  const reseller = await accounts.createPartner(ACTOR, { name: 'Reseller', isDefault: false });

  function scopeOf(organizationId: string, role: Role = 'fullAdmin', partnerId?: string): Scope {
    return {
      organizationId,
      homeOrganizationId: organizationId,
      tokenId: 'test',
      trackingId: 'test',
      role,
      scopes: new Set(),
      ...(partnerId !== undefined && { partnerId }),
    };
  }

  return {
    clock,
    logger,
    database,
    audit,
    metrics,
    trail,
    /** What is known of the outside provider, where there is one. */
    outside,
    accounts,
    e911,
    sessions,
    actor: ACTOR,
    platformPartner,
    reseller,
    scopeOf,
    async organization(name: string, partnerId?: string): Promise<Scope> {
      return scopeOf((await accounts.createOrganization(ACTOR, { name, partnerId })).id);
    },
    /** Sets the password of the administrator who was invited last. */
    async acceptLastInvitation(password = PASSWORD): Promise<void> {
      const token = /https:\/\/e911\.example\/invite#(\S+)/.exec(mails.at(-1)?.text ?? '')?.[1];
      assert.ok(token);
      await e911.acceptInvitation({ token, password, remoteAddress: newId(), trackingId: 'test' });
    },
    /** Brings what was announced into memory, change by change, as the feed does. */
    async catchUp(): Promise<void> {
      const rows = await database.db.selectFrom('changeFeed').selectAll().orderBy('sequence').execute();
      const changes = rows.map((row) => ({ ...row, sequence: Number(row.sequence) }) as Change);
      for (const snapshot of e911.snapshots) await snapshot.apply(changes);
    },
    /** The newest entry of the organization's trail. */
    async lastAudit(scope: Scope) {
      const [entry] = await audit.list(scope.organizationId, { max: 1 });
      return entry;
    },
    close: () => database.close(),
  };
}

export type AccountsWorld = Awaited<ReturnType<typeof openAccountsWorld>>;

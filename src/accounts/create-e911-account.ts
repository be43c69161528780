import type { Audit } from '../audit/audit.ts';
import { ADDRESS_TOO_LONG, fitsIntoMail } from '../domain/email-address.ts';
import type { MailJob } from '../domain/mail-job.ts';
import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database, Queryable, Transaction } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { newId, newSecret, sha256Hex } from '../support/ids.ts';
import { type EnqueueMail, ORG_PREFIXES, type OrgPrefix } from './e911-account.ts';
import { insertE911Account, insertE911Admin } from './e911-account-records.ts';
import { type PartnerRow, selectOrganization, selectPartners } from './organization-records.ts';

export type CreateE911AccountRequest = {
  email: string;
  orgPrefix?: string | null | undefined;
  partnerRedskyOrgId?: string | null | undefined;
};

/** The only time the secret is seen in clear; store it or rotate it. */
export type CreatedE911Account = { companyId: string; redskyOrgId: string; secret: string; adminEmail: string };

export type CreateE911AccountDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  enqueueMail: EnqueueMail;
  /** The page on which an invited administrator sets a password, for one one-time token. */
  invitationLink: (token: string) => string;
};

/** How long an invitation link works. */
export const INVITATION_LIFETIME_MS = 7 * 24 * 60 * 60 * 1_000;

// RFC 5321 §4.5.3.1.3 limits a path to 256 octets with its angle brackets.
const MAX_EMAIL = 254;
const MAX_PADDED = 2 * MAX_EMAIL;
const MAX_NAME = 256;
const EMAIL = /^[^\s@<>()[\],;:"\\]+@[^\s@<>()[\],;:"\\.]+(?:\.[^\s@<>()[\],;:"\\.]+)+$/;

function requireEmail(text: string): string {
  // Line ends around it are refused too, not trimmed. A long run of spaces would keep the expression busy.
  const email = text.length > MAX_PADDED ? text : text.replace(/^ +| +$/g, '');
  if (email.length > MAX_EMAIL || !EMAIL.test(email)) throw invalidField('email', 'expected an e-mail address');
  if (!fitsIntoMail(email)) throw invalidField('email', ADDRESS_TOO_LONG);
  return email;
}

function requireOrgPrefix(text: string | null | undefined): OrgPrefix {
  const prefix = ORG_PREFIXES.find((known) => known === (text ?? 'wxc'));
  if (prefix === undefined) throw invalidField('orgPrefix', `expected one of ${ORG_PREFIXES.join(', ')}`);
  return prefix;
}

/** Decision 5: the named partner, or the platform's default one. */
async function choosePartner(db: Queryable, redskyOrgId: string | null | undefined): Promise<PartnerRow> {
  const partners = await selectPartners(db);
  if (redskyOrgId === null || redskyOrgId === undefined) {
    const standard = partners.find((partner) => partner.isDefault);
    if (!standard) throw new ProblemError('conflict', 'no default partner is set up; name one in partnerRedskyOrgId');
    return standard;
  }
  const named = partners.find((partner) => partner.redskyOrgId === redskyOrgId);
  if (!named) throw invalidField('partnerRedskyOrgId', 'no partner has this id');
  return named;
}

/** The partner of whoever asks; the operator names any. */
async function chooseReachedPartner(
  db: Queryable,
  scope: Scope,
  redskyOrgId: string | null | undefined,
): Promise<PartnerRow> {
  if (scope.role === 'operator') return choosePartner(db, redskyOrgId);
  const own = (await selectPartners(db)).find((partner) => partner.id === scope.partnerId);
  if (!own) throw new ProblemError('forbidden', 'only a partner creates accounts without an organization');
  if (redskyOrgId !== null && redskyOrgId !== undefined && redskyOrgId !== own.redskyOrgId) {
    throw invalidField('partnerRedskyOrgId', 'no partner has this id');
  }
  return own;
}

function writeInvitation(to: string, customerName: string, link: string): MailJob {
  return {
    kind: 'invitation',
    to,
    subject: `Set your password for the E911 account of ${customerName}`,
    text: [
      `An Enhanced 911 account was created for ${customerName}, and you are its administrator.`,
      '',
      'Set your password here. The link works once, for 7 days:',
      link,
      '',
      'If you did not expect this message, tell the administrator of your organization.',
    ].join('\n'),
  };
}

/** The account's row, its audit entry, its first administrator and the invitation; false when the organization has one. */
async function openAccount(
  deps: CreateE911AccountDeps,
  tx: Transaction,
  scope: Scope,
  wanted: {
    organizationId: string | null;
    customerName: string;
    email: string;
    orgPrefix: OrgPrefix;
    partner: PartnerRow;
  },
): Promise<CreatedE911Account | undefined> {
  const { organizationId, email, orgPrefix, partner } = wanted;
  const secret = newSecret();
  const invitation = newSecret();
  const ids = { companyId: newId(), redskyOrgId: newId() };
  const created = await insertE911Account(tx, {
    organizationId,
    ...ids,
    orgPrefix,
    partnerId: partner.id,
    enabled: true,
    externalTenantEnabled: !partner.isDefault,
    secretHash: sha256Hex(secret),
    secretRequired: false,
  });
  if (!created) return undefined;
  await insertE911Admin(tx, {
    id: newId(),
    companyId: ids.companyId,
    email,
    invitationHash: sha256Hex(invitation),
    invitationExpiresAt: new Date(deps.clock.nowMs() + INVITATION_LIFETIME_MS),
  });
  await deps.audit.record(tx, scope, {
    action: 'account.created',
    subject: `account ${ids.companyId}`,
    after: { ...ids, orgPrefix, partnerId: partner.id, adminEmail: email, organizationId },
  });
  await deps.enqueueMail(tx, writeInvitation(email, wanted.customerName, deps.invitationLink(invitation)));
  return { ...ids, secret, adminEmail: email };
}

/**
 * Creates the E911 account of an organization with its ids and secret, and its first administrator, whose invitation goes
 * out by e-mail after the commit. Throws `invalid` (e-mail, prefix, partner) or `conflict` (there is one already).
 */
export function createCreateE911Account(deps: CreateE911AccountDeps) {
  return async function createAccount(scope: Scope, request: CreateE911AccountRequest): Promise<CreatedE911Account> {
    const { organizationId } = scope;
    const email = requireEmail(request.email);
    const orgPrefix = requireOrgPrefix(request.orgPrefix);
    return deps.database.db.transaction().execute(async (tx) => {
      const partner = await choosePartner(tx, request.partnerRedskyOrgId);
      const organization = await selectOrganization(tx, organizationId);
      if (!organization) throw new ProblemError('not-found', 'the organization does not exist');
      const customerName = organization.name;
      const created = await openAccount(deps, tx, scope, { organizationId, customerName, email, orgPrefix, partner });
      if (!created) throw new ProblemError('conflict', 'the organization already has an E911 account');
      await announceChange(tx, 'accounts', organizationId);
      return created;
    });
  };
}

/** A customer's account that no organization uses yet. */
export type CreateDetachedAccountRequest = CreateE911AccountRequest & {
  /** Whose account it is, for the invitation. */
  customerName: string;
};

/**
 * Creates an account that no organization uses until one takes it with PUT serviceSettings (decision 37): a reseller's customer
 * before it comes to calling. Partner administrators create them under their own partner, the operator under any.
 * Throws `invalid` (e-mail, prefix, partner, name) or `forbidden`.
 */
export function createCreateDetachedAccount(deps: CreateE911AccountDeps) {
  return async function createDetachedAccount(
    scope: Scope,
    request: CreateDetachedAccountRequest,
  ): Promise<CreatedE911Account> {
    const email = requireEmail(request.email);
    const orgPrefix = requireOrgPrefix(request.orgPrefix);
    const customerName = request.customerName.trim();
    if (customerName === '' || customerName.length > MAX_NAME) {
      throw invalidField('customerName', `expected 1 to ${MAX_NAME} characters`);
    }
    return deps.database.db.transaction().execute(async (tx) => {
      const partner = await chooseReachedPartner(tx, scope, request.partnerRedskyOrgId);
      const created = await openAccount(deps, tx, scope, {
        organizationId: null,
        customerName,
        email,
        orgPrefix,
        partner,
      });
      if (!created) throw new Error('an account without organization cannot be there already');
      return created;
    });
  };
}

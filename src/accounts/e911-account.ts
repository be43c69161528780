import type { MailJob } from '../domain/mail-job.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Transaction } from '../storage/database.ts';

/** Contract section 2, POST redSky: a Webex Calling customer or a wholesale one; stored and shown, decides nothing. */
export const ORG_PREFIXES = ['wxc', 'wxc-whs'] as const;

export type OrgPrefix = (typeof ORG_PREFIXES)[number];

/** An E911 account, whether an organization uses it or not. Dates are ISO 8601 text, because snapshots keep accounts on disk. */
export type StoredAccount = {
  /** null = no organization uses it. */
  organizationId: string | null;
  /** Unguessable; phones present it as their HELD token (decision 7). */
  companyId: string;
  redskyOrgId: string;
  orgPrefix: OrgPrefix;
  partnerId: string;
  /** false: switched off; calls go on, through the relay centre (decision 37). */
  enabled: boolean;
  /** The account stands under a reseller and not under the platform's own partner. */
  externalTenantEnabled: boolean;
  /** SHA-256 of the secret, lower-case hex. */
  secretHash: string;
  /** What the last rotation replaced, good until then. */
  previousSecret: { hash: string; validUntil: string } | null;
  /** HELD requests must carry the secret, not the company id alone. */
  secretRequired: boolean;
  /** Whose it was until it took another account; phones may name this one until then. */
  former: { organizationId: string; validUntil: string } | null;
  /** An administrator of the account was created. */
  adminExists: boolean;
  createdAt: string;
};

/** The account that an organization uses. */
export type E911Account = StoredAccount & { organizationId: string };

/** What opens the HELD door for one company id (decision 7), as of now. */
export type HeldCredentialsRecord = {
  organizationId: string;
  /** SHA-256 of the secret, lower-case hex. */
  secretHash: string;
  /** The hash of the secret before the last rotation, while it is still good. */
  previousSecretHash: string | undefined;
  secretRequired: boolean;
  /** Fingerprints of client certificates that stand for the secret: SHA-256, lower-case hex. */
  certificates: ReadonlySet<string>;
};

/** Queues one e-mail in the transaction of the change that causes it; it is sent after the commit. */
export type EnqueueMail = (tx: Transaction, mail: MailJob) => Promise<void>;

/** The change cannot be made before the organization has an E911 account (decision 6). */
export function noAccountYet(): ProblemError {
  return new ProblemError(
    'conflict',
    'the organization has no E911 account yet; create one with POST telephony/config/redSky',
  );
}

import type { MailJob } from '../domain/mail-job.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Transaction } from '../storage/database.ts';

/** Contract section 2, POST redSky: a Webex Calling customer or a wholesale one; stored and shown, decides nothing. */
export const ORG_PREFIXES = ['wxc', 'wxc-whs'] as const;

export type OrgPrefix = (typeof ORG_PREFIXES)[number];

/** An organization's E911 account. Dates are ISO 8601 text, because snapshots keep accounts on disk. */
export type E911Account = {
  organizationId: string;
  /** Unguessable; phones present it as their HELD token (decision 7). */
  companyId: string;
  redskyOrgId: string;
  orgPrefix: OrgPrefix;
  partnerId: string;
  enabled: boolean;
  externalTenantEnabled: boolean;
  /** SHA-256 of the secret, lower-case hex. */
  secretHash: string;
  /** HELD requests must carry the secret, not the company id alone. */
  secretRequired: boolean;
  /** An administrator of the account was created. */
  adminExists: boolean;
  createdAt: string;
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

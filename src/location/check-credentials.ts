import { equalInConstantTime, sha256Hex } from '../support/ids.ts';

/** Reads of the accounts room that the HELD door needs. */
export type HeldAccounts = {
  /** What opens the door for a company id as of now; undefined for one that opens nothing. */
  heldCredentials(companyId: string):
    | {
        organizationId: string;
        /** SHA-256, lower-case hex; so is the one before, while it is in its grace time. */
        secretHash: string;
        previousSecretHash: string | undefined;
        secretRequired: boolean;
        /** Fingerprints of client certificates that stand for the secret: SHA-256, lower-case hex. */
        certificates: ReadonlySet<string>;
      }
    | undefined;
};

export type HeldCredentials = {
  /** From the path `/held/c/<companyId>`. */
  pathCompanyId: string | undefined;
  authorization: string | undefined;
  /** Fingerprint of the certificate whose key the client proved to have. */
  certificate?: string | undefined;
};

const MAX_HEADER = 1_024;
const BASIC = /^Basic +([A-Za-z0-9+/_-]+={0,2}) *$/i;
const BEARER = /^Bearer +(\S+) *$/i;

type Claim = { companyId: string; secret: string | undefined };

/** Basic `companyId:secret`; Bearer `companyId` or `companyId.secret` (a colon cannot stand in a bearer token). */
function readAuthorization(authorization: string): Claim | undefined {
  if (authorization.length > MAX_HEADER) return undefined;
  const basic = BASIC.exec(authorization)?.[1];
  const pair = basic === undefined ? BEARER.exec(authorization)?.[1] : Buffer.from(basic, 'base64').toString('utf8');
  if (pair === undefined) return undefined;
  const separator = pair.search(basic === undefined ? /[.:]/ : /:/);
  const companyId = separator < 0 ? pair : pair.slice(0, separator);
  const secret = separator < 0 ? '' : pair.slice(separator + 1);
  return { companyId, secret: secret === '' ? undefined : secret };
}

/**
 * Whose phone asks (decision 7): the company id is unguessable and enough, unless the organization wants the secret too. A
 * secret that is given must be right either way, or the one that was replaced, in its grace time (decision 37). A client
 * certificate that the organization registered stands for the secret (decision 45); any other says nothing. undefined for
 * credentials that are missing or wrong. Neither the account's stage nor a service that is switched off matters: a location is
 * never withheld for it (decision 8).
 */
export function checkHeldCredentials(accounts: HeldAccounts, credentials: HeldCredentials): string | undefined {
  const { pathCompanyId, authorization } = credentials;
  const claim = authorization === undefined ? undefined : readAuthorization(authorization);
  // A header we cannot read is not waved through because the path is good: whoever sends one means it.
  if (authorization !== undefined && claim === undefined) return undefined;
  const companyId = pathCompanyId ?? claim?.companyId;
  if (companyId === undefined) return undefined;
  if (claim !== undefined && claim.companyId.toLowerCase() !== companyId.toLowerCase()) return undefined;

  const known = accounts.heldCredentials(companyId) ?? accounts.heldCredentials(companyId.toLowerCase());
  if (claim?.secret === undefined) {
    if (known === undefined) return undefined;
    const { certificate } = credentials;
    const isOpen = !known.secretRequired || (certificate !== undefined && known.certificates.has(certificate));
    return isOpen ? known.organizationId : undefined;
  }
  // The same work for a company that does not exist or has no other secret, so that the time tells nothing.
  const secretHash = sha256Hex(claim.secret);
  const fits = equalInConstantTime(secretHash, known?.secretHash ?? '');
  const fitsPrevious = equalInConstantTime(secretHash, known?.previousSecretHash ?? '');
  return fits || fitsPrevious ? known?.organizationId : undefined;
}

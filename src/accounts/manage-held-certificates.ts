import { X509Certificate } from 'node:crypto';
import type { Audit } from '../audit/audit.ts';
import { invalidField, missing, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import { isUniqueViolation } from '../storage/constraint-violation.ts';
import type { Database } from '../storage/database.ts';
import { recordRemoval, wasRemoved } from '../storage/removed-resources.ts';
import type { Clock } from '../support/clock.ts';
import { isUuid, newId } from '../support/ids.ts';
import {
  countHeldCertificates,
  deleteHeldCertificate,
  type HeldCertificateRow,
  insertHeldCertificate,
  selectHeldCertificates,
} from './held-certificate-records.ts';

/** A client certificate that stands for the secret of the organization's phones (decision 45). */
export type HeldCertificate = {
  id: string;
  /** SHA-256, lower-case hexadecimal. */
  fingerprint: string;
  /** As the certificate says it; empty when only the fingerprint was given. */
  subject: string;
  /** ISO 8601; null when only the fingerprint was given. Told, not enforced. */
  validUntil: string | null;
  description: string;
  createdAt: string;
};

/** One of the two: the certificate as PEM, or its SHA-256 fingerprint with or without colons. */
export type NewHeldCertificate = {
  certificate?: string | undefined;
  fingerprint?: string | undefined;
  description?: string | undefined;
};

export type HeldCertificates = {
  /** Throws `invalid` (certificate, fingerprint), `conflict` (registered already, too many). */
  addHeldCertificate(scope: Scope, input: NewHeldCertificate): Promise<HeldCertificate>;
  listHeldCertificates(
    scope: Scope,
    window: { start: number; max: number },
  ): Promise<{ items: HeldCertificate[]; total: number }>;
  removeHeldCertificate(scope: Scope, id: string): Promise<void>;
};

const MAX_CERTIFICATES = 10_000;
const FINGERPRINT = /^[0-9a-f]{64}$/;
const MAX_SUBJECT = 512;

function toView({ organizationId: _own, validUntil, createdAt, ...row }: HeldCertificateRow): HeldCertificate {
  return { ...row, validUntil: validUntil?.toISOString() ?? null, createdAt: createdAt.toISOString() };
}

function readFingerprint(text: string): string | undefined {
  const plain = text.replaceAll(/[:\s]/g, '').toLowerCase();
  return FINGERPRINT.test(plain) ? plain : undefined;
}

type Read = Pick<HeldCertificateRow, 'fingerprint' | 'subject' | 'validUntil'>;

function readCertificate({ certificate, fingerprint }: NewHeldCertificate): Read {
  if ((certificate === undefined) === (fingerprint === undefined)) {
    throw invalidField('certificate', 'expected a certificate or a fingerprint, one of them');
  }
  if (fingerprint !== undefined) {
    const read = readFingerprint(fingerprint);
    if (read === undefined) throw invalidField('fingerprint', 'is not a SHA-256 in hexadecimal');
    return { fingerprint: read, subject: '', validUntil: null };
  }
  try {
    const read = new X509Certificate(certificate ?? '');
    const { fingerprint256, validToDate } = read;
    // A certificate without a subject has none, whatever the type says.
    const subject = read.subject as string | undefined;
    return {
      fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
      subject: (subject ?? '').replaceAll('\n', ', ').replaceAll('\0', '').slice(0, MAX_SUBJECT),
      validUntil: validToDate,
    };
  } catch (error) {
    const message = 'is not a certificate in PEM';
    throw new ProblemError('invalid', `certificate ${message}`, {
      fields: [{ path: 'certificate', message }],
      cause: error,
    });
  }
}

/** Which client certificates open the HELD door as the secret does. */
export function createHeldCertificates(deps: { database: Database; audit: Audit; clock: Clock }): HeldCertificates {
  const { database, audit, clock } = deps;
  return {
    async addHeldCertificate(scope, input) {
      const { organizationId } = scope;
      const row: HeldCertificateRow = {
        id: newId(),
        organizationId,
        ...readCertificate(input),
        description: (input.description ?? '').trim(),
        createdAt: new Date(clock.nowMs()),
      };
      try {
        await database.db.transaction().execute(async (tx) => {
          if ((await countHeldCertificates(tx, organizationId)) >= MAX_CERTIFICATES) {
            throw new ProblemError('conflict', `the organization already has ${MAX_CERTIFICATES} certificates`);
          }
          await insertHeldCertificate(tx, row);
          const { fingerprint, subject, description } = row;
          await audit.record(tx, scope, {
            action: 'account.certificate-added',
            subject: `certificate ${row.id}`,
            after: { fingerprint, subject, description },
          });
          await announceChange(tx, 'accounts', organizationId);
        });
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw new ProblemError('conflict', 'this certificate is registered already', { cause: error });
      }
      return toView(row);
    },

    async listHeldCertificates({ organizationId }, window) {
      const [rows, total] = await Promise.all([
        selectHeldCertificates(database.db, organizationId, window),
        countHeldCertificates(database.db, organizationId),
      ]);
      return { items: rows.map(toView), total };
    },

    async removeHeldCertificate(scope, id) {
      const { organizationId } = scope;
      await database.db.transaction().execute(async (tx) => {
        const removed = isUuid(id) ? await deleteHeldCertificate(tx, organizationId, id) : undefined;
        if (removed === undefined) {
          throw missing(await wasRemoved(tx, { organizationId, kind: 'held-certificate', id }), `certificate ${id}`);
        }
        await recordRemoval(tx, { organizationId, kind: 'held-certificate', id: removed.id });
        const { fingerprint, subject, description } = removed;
        await audit.record(tx, scope, {
          action: 'account.certificate-removed',
          subject: `certificate ${removed.id}`,
          before: { fingerprint, subject, description },
        });
        await announceChange(tx, 'accounts', organizationId);
      });
    },
  };
}

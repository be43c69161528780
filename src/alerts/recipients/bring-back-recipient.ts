import { createFieldFaults } from '../../domain/field-faults.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Transaction } from '../../storage/database.ts';
import type { KeptRemoval } from '../../storage/kept-removals.ts';
import { createEndpointCheck } from './check-endpoints.ts';
import { lockRecipients, selectRecipients } from './recipient-records.ts';
import { selectRules } from './rule-records.ts';

/**
 * Puts a removed recipient, group or rule back by `putBack`, while nobody else changes them. Throws `conflict` when a recipient is
 * reached over a connection or by a browser that is gone, and when everybody is gone whom a rule told: it would seem to watch and tell
 * nobody.
 */
export async function bringBackRecipient(
  tx: Transaction,
  { organizationId, kind, id }: Pick<KeptRemoval, 'organizationId' | 'kind' | 'id'>,
  putBack: () => Promise<void>,
): Promise<void> {
  await lockRecipients(tx, organizationId);
  await putBack();
  if (kind === 'alert-rule') return requireTargets(tx, organizationId, id);
  if (kind !== 'alert-recipient') return;
  const faults = createFieldFaults();
  for (const { endpoints } of await selectRecipients(tx, { organizationId, ids: [id] })) {
    await createEndpointCheck(tx, organizationId)(endpoints, faults);
  }
  try {
    faults.throwIfAny();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const detail = `what it was reached over is gone: ${error.message}`;
    throw new ProblemError('conflict', detail, { cause: error, fields: error.fields });
  }
}

async function requireTargets(tx: Transaction, organizationId: string, id: string): Promise<void> {
  const [rule] = await selectRules(tx, { organizationId, ids: [id] });
  if (rule === undefined || rule.steps.length > 0) return;
  throw new ProblemError('conflict', `whom the rule "${rule.name}" told is gone; bring one of them back first`);
}

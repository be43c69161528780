import { createFieldFaults } from '../../domain/field-faults.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Transaction } from '../../storage/database.ts';
import type { KeptRemoval } from '../../storage/kept-removals.ts';
import { createEndpointCheck } from './check-endpoints.ts';
import { lockRecipients, selectRecipients } from './recipient-records.ts';

/**
 * Puts a removed recipient, group or rule back by `putBack`, while nobody else changes them. Throws `conflict` when a recipient is
 * reached over a connection or by a browser that is gone.
 */
export async function bringBackRecipient(
  tx: Transaction,
  { organizationId, kind, id }: Pick<KeptRemoval, 'organizationId' | 'kind' | 'id'>,
  putBack: () => Promise<void>,
): Promise<void> {
  await lockRecipients(tx, organizationId);
  await putBack();
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

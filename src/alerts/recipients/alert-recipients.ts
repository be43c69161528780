import type { Places } from '../../places/places.ts';
import type { Database } from '../../storage/database.ts';
import { createSnapshot, type Snapshot } from '../../storage/snapshot.ts';
import type { Logger } from '../../support/logger.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type { AlertRecipient } from './alert-recipient.ts';
import type { ContractRecipients } from './contract-recipients.ts';
import { type JudgeSources, judgeOccasion } from './judge-occasion.ts';
import { recipientSnapshotDefinition } from './recipient-snapshot.ts';

export type { AlertGroup, AlertRecipient } from './alert-recipient.ts';
export type { AlertRule, AlertRulePlace, AlertStep } from './alert-rule.ts';
export type { AlertSchedule } from './alert-schedule.ts';

/** Who is told of what: recipients, their groups, and the rules that name them. */
export type AlertRecipients = {
  readonly snapshots: readonly Snapshot<unknown>[];

  // From memory: synchronous, never throw, never touch the database.
  /** Everybody who is told of an occasion, each endpoint once, earliest first. */
  whoIsTold(occasion: AlertOccasion): readonly ToldRecipient[];
  recipient(organizationId: string, id: string): AlertRecipient | undefined;
};

export type AlertRecipientsDeps = {
  database: Database;
  places: Pick<Places, 'location' | 'building' | 'responseLocation'>;
  /** Whom the notification settings, the building and the response location name; from memory. */
  contractRecipients: ContractRecipients;
  settingsOf: JudgeSources['settingsOf'];
  /** Folder of saved snapshots; undefined = none are kept. */
  snapshotFolder: string | undefined;
  logger: Logger;
};

export function createAlertRecipients(deps: AlertRecipientsDeps): AlertRecipients {
  const { contractRecipients, places, settingsOf } = deps;
  const snapshot = createSnapshot(
    { folder: deps.snapshotFolder, logger: deps.logger },
    recipientSnapshotDefinition(deps.database),
  );
  const judge = (occasion: AlertOccasion) =>
    judgeOccasion(
      { book: snapshot.current().get(occasion.organizationId), contractRecipients, settingsOf, places },
      occasion,
    );
  return {
    snapshots: [snapshot],
    whoIsTold: (occasion) => judge(occasion).told,
    recipient: (organizationId, id) => snapshot.current().get(organizationId)?.recipients.get(id),
  };
}

import { ALERT_LANGUAGES, ALERT_TRIGGERS } from '../../domain/alert-trigger.ts';
import type { Queryable, Transaction } from '../../storage/database.ts';
import { type AlertSettings, DEFAULT_ALERT_SETTINGS } from './alert-settings.ts';

type Row = {
  staleAfterSeconds: number | null;
  contractTriggers: readonly string[];
  language: string;
  tellsAcknowledgements: boolean;
  retentionDays: number | null;
};

const COLUMNS = [
  'staleAfterSeconds',
  'contractTriggers',
  'language',
  'tellsAcknowledgements',
  'retentionDays',
] as const;

function settingsOf({ contractTriggers, language, ...row }: Row): AlertSettings {
  const { staleAfterSeconds, tellsAcknowledgements, retentionDays } = row;
  return {
    staleAfterSeconds,
    tellsAcknowledgements,
    retentionDays,
    contractTriggers: ALERT_TRIGGERS.filter((trigger) => contractTriggers.includes(trigger)),
    language: ALERT_LANGUAGES.find((one) => one === language) ?? DEFAULT_ALERT_SETTINGS.language,
  };
}

export async function findAlertSettings(db: Queryable, organizationId: string): Promise<AlertSettings | undefined> {
  const row = await db
    .selectFrom('alertSettings')
    .select(COLUMNS)
    .where('organizationId', '=', organizationId)
    .executeTakeFirst();
  return row && settingsOf(row);
}

export async function saveAlertSettings(
  tx: Transaction,
  organizationId: string,
  settings: AlertSettings,
  now: Date,
): Promise<void> {
  const values = { ...settings, contractTriggers: [...settings.contractTriggers], updatedAt: now };
  await tx
    .insertInto('alertSettings')
    .values({ organizationId, ...values })
    .onConflict((conflict) => conflict.column('organizationId').doUpdateSet(values))
    .execute();
}

/** What one organization (or, without `organizationId`, every organization) settled, for the snapshot. */
export async function selectAlertSettings(db: Queryable, organizationId?: string): Promise<Map<string, AlertSettings>> {
  let query = db.selectFrom('alertSettings').select(['organizationId', ...COLUMNS]);
  if (organizationId !== undefined) query = query.where('organizationId', '=', organizationId);
  return new Map((await query.execute()).map((row) => [row.organizationId, settingsOf(row)]));
}

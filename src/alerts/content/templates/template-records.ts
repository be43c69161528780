import type { AlertLanguage, AlertTrigger } from '../../../domain/alert-trigger.ts';
import type { Queryable, Transaction } from '../../../storage/database.ts';
import type { TemplateChannel, TemplateKey, TemplateVersion } from './template.ts';

function versions(db: Queryable) {
  return db.selectFrom('alertTemplateVersions').selectAll();
}

type Row = Awaited<ReturnType<ReturnType<typeof versions>['execute']>>[number];

export type StoredTemplate = { key: TemplateKey; newest: TemplateVersion };

function versionOf({ version, title, body, html, changedBy, changedAt }: Row): TemplateVersion {
  return {
    version,
    text: body === null ? null : { title, body, html },
    changedBy,
    changedAt: changedAt.toISOString(),
  };
}

/** The newest version of every template that was ever changed, of all organizations or of one. */
export async function selectNewestTemplates(
  db: Queryable,
  organizationId?: string,
): Promise<(StoredTemplate & { organizationId: string })[]> {
  let query = versions(db)
    .distinctOn(['organizationId', 'trigger', 'channel', 'language'])
    .orderBy('organizationId')
    .orderBy('trigger')
    .orderBy('channel')
    .orderBy('language')
    .orderBy('version', 'desc');
  if (organizationId !== undefined) query = query.where('organizationId', '=', organizationId);
  return (await query.execute()).map((row) => ({
    organizationId: row.organizationId,
    key: {
      trigger: row.trigger as AlertTrigger,
      channel: row.channel as TemplateChannel,
      language: row.language as AlertLanguage,
    },
    newest: versionOf(row),
  }));
}

function ofTemplate(db: Queryable, organizationId: string, { trigger, channel, language }: TemplateKey) {
  return versions(db)
    .where('organizationId', '=', organizationId)
    .where('trigger', '=', trigger)
    .where('channel', '=', channel)
    .where('language', '=', language);
}

/** Newest first. */
export async function selectVersions(
  db: Queryable,
  organizationId: string,
  key: TemplateKey,
  max: number,
): Promise<TemplateVersion[]> {
  const rows = await ofTemplate(db, organizationId, key).orderBy('version', 'desc').limit(max).execute();
  return rows.map(versionOf);
}

export async function selectVersion(
  db: Queryable,
  organizationId: string,
  key: TemplateKey,
  version: number,
): Promise<TemplateVersion | undefined> {
  const row = await ofTemplate(db, organizationId, key).where('version', '=', version).executeTakeFirst();
  return row && versionOf(row);
}

/** A unique violation means that somebody else wrote the same version. */
export async function insertVersion(
  tx: Transaction,
  organizationId: string,
  key: TemplateKey,
  { version, text, changedBy, changedAt }: TemplateVersion,
): Promise<void> {
  const said: { title: string | null; body: string | null; html: string | null } = text ?? {
    title: null,
    body: null,
    html: null,
  };
  await tx
    .insertInto('alertTemplateVersions')
    .values({
      organizationId,
      ...key,
      version,
      title: said.title,
      body: said.body,
      html: said.html,
      changedBy,
      changedAt: new Date(changedAt),
    })
    .execute();
}

/** Forgets the versions before `version`. */
export async function deleteVersionsBefore(
  tx: Transaction,
  organizationId: string,
  { trigger, channel, language }: TemplateKey,
  version: number,
): Promise<void> {
  await tx
    .deleteFrom('alertTemplateVersions')
    .where('organizationId', '=', organizationId)
    .where('trigger', '=', trigger)
    .where('channel', '=', channel)
    .where('language', '=', language)
    .where('version', '<', version)
    .execute();
}

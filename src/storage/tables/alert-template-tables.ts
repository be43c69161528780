export interface AlertTemplateTables {
  /** Every version of an organization's own words; the newest of a trigger, channel and language counts. */
  alertTemplateVersions: {
    organizationId: string;
    trigger: string;
    channel: string;
    language: string;
    version: number;
    title: string | null;
    /** null: from this version on the words of ours count again. */
    body: string | null;
    html: string | null;
    changedBy: string;
    changedAt: Date;
  };
}

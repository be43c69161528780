import type { Audit } from '../../audit/audit.ts';
import type { CallRecord } from '../../domain/call-record.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database } from '../../storage/database.ts';
import { createSnapshot, type Snapshot } from '../../storage/snapshot.ts';
import { BoundedMap } from '../../support/bounded-map.ts';
import type { Clock } from '../../support/clock.ts';
import type { Logger } from '../../support/logger.ts';
import type { Metrics } from '../../support/metrics.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type { AlertContext } from './alert-context.ts';
import { FACT_TABLE, type FactDescription } from './fact-table.ts';
import { MOMENT_OF_TRIGGER, sampleContext, sampleTold } from './sample-occasion.ts';
import {
  createTemplateManagement,
  type TemplateFault,
  type TemplateItem,
  type TemplateManagement,
  type TemplateView,
} from './templates/manage-templates.ts';
import { previewTemplate, type TemplatePreview } from './templates/preview-template.ts';
import {
  type TemplateBook,
  type TemplateChannel,
  type TemplateKey,
  type TemplateText,
  type TemplateVersion,
  templateName,
} from './templates/template.ts';
import { templateSnapshotDefinition } from './templates/template-snapshot.ts';
import { WEBHOOKS, type WebhookDescription } from './webhook-payload.ts';

export type {
  TemplateChannel,
  TemplateItem,
  TemplateKey,
  TemplatePreview,
  TemplateText,
  TemplateVersion,
  TemplateView,
};

/** What alerts say: the words of ours, and those of organizations in their place. */
export type AlertContent = TemplateManagement & {
  readonly snapshots: readonly Snapshot<unknown>[];
  /** The organization's own words, from memory; null: it has none. */
  templatesOf(organizationId: string): TemplateBook | null;
  /** What webhooks carry, as JSON schemas. */
  readonly webhooks: readonly WebhookDescription[];
  /** What templates can name. */
  facts(): (FactDescription & { name: string })[];
  /** What a template would say of a sample, or of a call. */
  preview(scope: Scope, key: TemplateKey, text: TemplateText, call: CallRecord | null): TemplatePreview;
};

export type AlertContentDeps = {
  database: Database;
  audit: Audit;
  clock: Pick<Clock, 'nowMs'>;
  logger: Logger;
  metrics: Metrics;
  snapshotFolder: string | undefined;
  /** Base of links, without a slash at the end. */
  publicUrl: string;
  /** What messages of an occasion say beside what happened. Never throws. */
  contextOf(occasion: AlertOccasion, told: readonly ToldRecipient[]): AlertContext;
};

const REMEMBERED_FAULTS = 5_000;
const SECOND_MS = 1_000;
/** A template that fails does so with every call: its line of the log comes once a minute. */
const QUIET_SECONDS = 60;

export function createAlertContent(deps: AlertContentDeps): AlertContent {
  const { clock, logger } = deps;
  const snapshot = createSnapshot({ folder: deps.snapshotFolder, logger }, templateSnapshotDefinition(deps.database));
  const faults = new BoundedMap<string, TemplateFault & { loggedMs: number }>(REMEMBERED_FAULTS);
  const faultCounter = deps.metrics.counter(
    'waymark_alert_template_faults_total',
    'Templates of organizations that failed, so that the words of ours went out',
    ['channel'],
  );
  const sampleContextNow = (): AlertContext => sampleContext(deps.publicUrl, clock.nowMs());
  const management = createTemplateManagement({
    ...deps,
    sampleContext: sampleContextNow,
    lastFault(organizationId, key) {
      const known = faults.get(`${organizationId} ${templateName(key)}`);
      return known ? { at: known.at, fault: known.fault } : null;
    },
  });

  function noteFault(organizationId: string, key: TemplateKey, fault: string): void {
    const name = `${organizationId} ${templateName(key)}`;
    const nowMs = clock.nowMs();
    const loggedMs = faults.get(name)?.loggedMs ?? Number.NEGATIVE_INFINITY;
    const isLogged = nowMs - loggedMs >= QUIET_SECONDS * SECOND_MS;
    faults.set(name, { at: new Date(nowMs).toISOString(), fault, loggedMs: isLogged ? nowMs : loggedMs });
    faultCounter.inc({ channel: key.channel });
    if (isLogged)
      logger.warn(
        { organizationId, template: templateName(key), fault },
        'an alert template failed; the alert said what ours says',
      );
  }

  return {
    ...management,
    snapshots: [snapshot],
    webhooks: WEBHOOKS,
    templatesOf(organizationId) {
      const index = snapshot.current();
      if (!index.hasAny(organizationId)) return null;
      return {
        find: (key) => index.find(organizationId, key),
        onFault: (key, fault) => noteFault(organizationId, key, fault),
      };
    },
    facts: () => Object.entries(FACT_TABLE).map(([name, description]) => ({ name, ...description })),
    preview(scope, key, text, call) {
      if (call === null) return previewTemplate(key, text, sampleContextNow());
      const organizationId = call.organizationId ?? scope.organizationId;
      const occasion: AlertOccasion = {
        subjectId: call.id,
        moment: MOMENT_OF_TRIGGER[key.trigger],
        triggers: [key.trigger],
        organizationId,
        place: {
          locationId: call.location?.locationId ?? call.caller.locationId,
          responseLocationId: call.location?.erlId ?? null,
        },
        at: call.startedAt,
        call,
        news: null,
      };
      const told = sampleTold(key);
      // No link of a preview acknowledges anything.
      const context: AlertContext = {
        ...deps.contextOf(occasion, [told]),
        acknowledgeUrl: () => `${deps.publicUrl}/acknowledge/sample`,
      };
      return previewTemplate(key, text, context, { occasion, told });
    },
  };
}

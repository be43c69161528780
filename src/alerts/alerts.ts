import type { Audit } from '../audit/audit.ts';
import type { CallRecord } from '../domain/call-record.ts';
import type { MailJob } from '../domain/mail-job.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Places } from '../places/places.ts';
import type { Routing } from '../routing/routing.ts';
import type { Database, Transaction } from '../storage/database.ts';
import { createSnapshot, type Snapshot } from '../storage/snapshot.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import { newId } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import type { AlertChannel, AlertEndpoint } from './alert-endpoint.ts';
import type { AlertMessage } from './alert-message.ts';
import type { AlertOccasion } from './alert-occasion.ts';
import { type AlertContent, createAlertContent } from './content/content.ts';
import { createAlertMetrics } from './delivery/alert-metrics.ts';
import { createDelivery } from './delivery/delivery.ts';
import type { AlertOutcome } from './delivery/dispatch-messages.ts';
import {
  createReceiptList,
  type ReceiptListRequest,
  type ReceiptPage,
  type ReceiptPageRequest,
} from './delivery/list-receipts.ts';
import { messageKey } from './delivery/message-key.ts';
import type { Receipt } from './delivery/receipt.ts';
import {
  type ReceiptFilter,
  selectOwnMessageIds,
  selectReceiptsOfCall,
  selectReceiptsOfIncident,
} from './delivery/receipt-records.ts';
import { createResending, type ResendResult } from './delivery/resend-messages.ts';
import type { RetryPolicy } from './delivery/retry-delay.ts';
import type { SendNow } from './delivery/send-now.ts';
import { inTime } from './incidents/in-time.ts';
import { incidentIdOf } from './incidents/incident-id.ts';
import { createIncidents, type IncidentEvent, type Incidents, type IncidentsDeps } from './incidents/incidents.ts';
import { readLocationSettings, updateLocationSettings } from './location-settings.ts';
import type {
  LocationNotification,
  LocationNotificationPatch,
  LocationNotificationView,
  OrganizationNotification,
  OrganizationNotificationPatch,
} from './notification-settings.ts';
import { notificationSnapshotDefinition } from './notification-snapshot.ts';
import { createOccasionContexts } from './occasions/context-of-occasion.ts';
import { startForgettingOldAlerts } from './occasions/forget-old-alerts.ts';
import { type AlertSettingsManagement, createAlertSettings } from './occasions/manage-alert-settings.ts';
import { createDrills, type DrillManagement } from './occasions/manage-drills.ts';
import { createOccasionTelling, PATIENCE_MS } from './occasions/tell-occasions.ts';
import { createTroubleTelling, type DestinationTrouble } from './occasions/tell-troubles.ts';
import { createUntoldTelling } from './occasions/tell-untold.ts';
import { readOrganizationSettings, updateOrganizationSettings } from './organization-settings.ts';
import { withSubscribers } from './push/with-subscribers.ts';
import type { Recipient } from './recipient.ts';
import { type AlertRecipients, createAlertRecipients } from './recipients/alert-recipients.ts';
import type { AlertSender } from './senders/alert-sender.ts';
import type { ToldRecipient } from './told-recipient.ts';

export type { AlertNews, AlertOccasion, AlertPlace } from './alert-occasion.ts';
export type { AlertOutcome } from './delivery/dispatch-messages.ts';
export type { ReceiptPage, ReceiptPageRequest } from './delivery/list-receipts.ts';
export type { Receipt, ReceiptState } from './delivery/receipt.ts';
export type { ReceiptFilter } from './delivery/receipt-records.ts';
export type { ResendResult } from './delivery/resend-messages.ts';
export type { SendNow } from './delivery/send-now.ts';
export type { MapPicture, MapPictures } from './map-picture/map-pictures.ts';
export type {
  LocationNotification,
  LocationNotificationPatch,
  LocationNotificationView,
  OrganizationNotification,
  OrganizationNotificationPatch,
} from './notification-settings.ts';
export type { AlertSettings, AlertSettingsPatch } from './occasions/alert-settings.ts';
export type { DrillItem, DrillPlan, DrillRequest, DrillView } from './occasions/drill.ts';
export type { AlertSettingsManagement } from './occasions/manage-alert-settings.ts';
export type { DrillManagement } from './occasions/manage-drills.ts';
export { stageOccasion, unmappedOccasion } from './occasions/news-occasions.ts';
export type { Recipient, RecipientReason } from './recipient.ts';

/** Public face of NOTIFY: who is told of a call, durably sent mail, and receipts of it. */
export type Alerts = {
  readonly snapshots: readonly Snapshot<unknown>[];

  /** Recipients, groups and rules; `whoIsTold`. */
  readonly recipients: AlertRecipients;
  /** What people should act on: escalation, acknowledgement, timelines. */
  readonly incidents: Incidents;
  /** What alerts say: templates. */
  readonly content: AlertContent;

  readOrganizationSettings(scope: Scope): Promise<OrganizationNotification>;
  /** Problems: `invalid` (`emailAddress`). */
  updateOrganizationSettings(scope: Scope, patch: OrganizationNotificationPatch): Promise<OrganizationNotification>;
  /** Problems: `not-found` when the organization has no such location. */
  readLocationSettings(scope: Scope, locationId: string): Promise<LocationNotificationView>;
  /** Problems: `not-found`, `invalid` (`emailAddress`). */
  updateLocationSettings(
    scope: Scope,
    locationId: string,
    patch: LocationNotificationPatch,
  ): Promise<LocationNotification>;

  /** From memory: everybody who is told of a call, each address once, with the reasons. */
  recipientsFor(organizationId: string, locationId: string | null, erlId: string | null): readonly Recipient[];

  /**
   * Enqueues one mail per call and recipient in the caller's transaction, which also holds the call records. Idempotent by
   * call and recipient: a mail that exists, or that the essential path has sent, is not enqueued again. `previous` holds, by call,
   * the version of which people were told; absent: nobody knows. What it gives sends them at once; call it after the commit.
   */
  enqueueCallAlerts(
    tx: Transaction,
    records: readonly CallRecord[],
    previous?: ReadonlyMap<string, CallRecord>,
  ): Promise<SendNow>;
  /** Tells of something that is no call, in the caller's transaction. Idempotent by subject, moment and endpoint. */
  enqueueOccasion(tx: Transaction, occasion: AlertOccasion): Promise<SendNow>;
  /** The same where nobody tells of the commit: its messages are sent as soon as they are seen. */
  enqueueOccasionQuietly(tx: Transaction, occasion: AlertOccasion): Promise<void>;
  /** The same in a transaction of its own; while the database is away it is sent from memory. Never rejects. */
  tell(occasion: AlertOccasion): Promise<void>;
  readonly settings: Omit<AlertSettingsManagement, 'snapshot'>;
  readonly drills: DrillManagement;
  /** Enqueues one mail in the caller's transaction; it goes out soon after the commit. */
  enqueueMail(tx: Transaction, mail: MailJob): Promise<void>;
  /**
   * Tells the operator of the platform (`operatorMail`) that something is wrong with it, or well again: durably where the database
   * takes it, else from memory. Never rejects; without an address it does nothing.
   */
  tellOperator(subject: string, text: string): Promise<void>;
  /** Tells the operator, and the organizations concerned, that a destination of calls does not answer, or does again. Never rejects. */
  tellDestination(change: DestinationTrouble): Promise<void>;
  /**
   * Sends the alert mails of a call without the database (decision 18). Resolves when every recipient's mail was accepted,
   * a durable job has taken over, or two hours are over. Problems: `unavailable` when the platform ends before. Safe to call again
   * for the same call, also after a restart. `previous`: the version of which people were told before.
   */
  sendEssential(record: CallRecord, previous?: CallRecord | null): Promise<void>;
  /** Whether there is room in memory for what `sendEssential` holds; without it a call is to wait in the journal. */
  hasEssentialRoom(): boolean;

  /** Everything that was sent about one call, to whom and when. */
  listReceipts(scope: Scope, callId: string): Promise<Receipt[]>;
  /** The same of one incident, in the order of time. */
  listReceiptsOfIncident(organizationId: string, incidentId: string): Promise<Receipt[]>;
  /** Receipts of the organization, newest first. Problems: `invalid` (max, before, callId). */
  listAlerts(scope: Scope, request: ReceiptPageRequest): Promise<ReceiptPage>;
  /** The same, all of them, as CSV that is made as it is read. */
  exportAlerts(scope: Scope, request: ReceiptListRequest): Promise<AsyncIterable<string>>;
  /** Has messages sent again that were given up or wait for their next attempt; `dryRun` counts them only. Problems: `invalid`. */
  resendAlerts(scope: Scope, filter: ReceiptFilter, dryRun: boolean): Promise<ResendResult>;
  /** The same of one message. Problems: `not-found`; `conflict` for one that was taken or is kept no longer. */
  resendAlert(scope: Scope, key: string, dryRun: boolean): Promise<ResendResult>;

  /** Which of these messages were for the organization: captured mail of all lies in one folder. */
  ownMessageIds(scope: Scope, messageIds: readonly string[]): Promise<ReadonlySet<string>>;

  /** Takes up the jobs of an earlier process as soon as the database answers, and goes on trying until then; resolves at once. */
  startWorker(): Promise<void>;
  /** True once those are taken up. */
  queueReady(): boolean;
  /** Ends sending in an orderly way: mails under way get a moment to finish. */
  stop(): Promise<void>;
};

export type AlertsDeps = {
  database: Database;
  audit: Audit;
  places: Pick<
    Places,
    | 'getLocation'
    | 'getBuildingById'
    | 'getResponseLocation'
    | 'location'
    | 'locationsOf'
    | 'building'
    | 'responseLocation'
    | 'responseLocationsOf'
  >;
  /** One for every channel; see `everySender` for those that are not set up. */
  senders: Readonly<Record<AlertChannel, AlertSender>>;
  /** `name@host` or `Name <name@host>`: whose domain stands in each `Message-ID`. */
  mailFrom: string;
  /** Base of links in mails, without a slash at the end. */
  publicUrl: string;
  /** Folder of saved snapshots; undefined = none are kept. */
  snapshotFolder: string | undefined;
  /** The file that remembers which mails were accepted; undefined = memory only. */
  acceptedLogPath: string | undefined;
  /** Whether a destination URI is a simulator of this platform. */
  isSimulated(uri: string): boolean;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** The name of this node, the same after a restart: what it had taken it takes up again. */
  node?: string | undefined;
  retryPolicy?: Partial<RetryPolicy> | undefined;
  /** From memory: browsers that asked to be told of this by themselves; must not throw. Absent: none. */
  subscribersOf?: ((occasion: AlertOccasion) => readonly ToldRecipient[]) | undefined;
  /** The newest records of calls, by id, asked inside a transaction; absent: none are known. */
  findCalls?: IncidentsDeps['findCalls'] | undefined;
  /** The file for what people do about incidents while the database is away; undefined = memory only. */
  actLogPath?: string | undefined;
  /** Days after the last change of an incident for which it is kept; 730 unless told. */
  incidentDays?: number | undefined;
  /** Told what happens to incidents. Must not throw. */
  onIncident?: ((event: IncidentEvent) => void) | undefined;
  /** Who is told when something is wrong with the platform itself; absent: nobody. */
  operatorMail?: string | undefined;
  /** Bytes that messages may take while the database is away; 128 MiB unless told. */
  essentialBytes?: number | undefined;
  /** Told of every attempt to tell somebody. Must not throw. */
  onAlert?: ((outcome: AlertOutcome) => void) | undefined;
  /** Which destination serves a place; from memory. */
  routing: Pick<Routing, 'destinationsFor'>;
  /** Whose a connection is, and what it is called; from memory. */
  connectionOf?: ((id: string) => { organizationId: string; name: string } | undefined) | undefined;
};

const INCIDENT_DAYS = 730;

export function createAlerts(deps: AlertsDeps): Alerts {
  const { database, places, clock, logger } = deps;
  const metrics = createAlertMetrics(deps.metrics);
  const findCalls: IncidentsDeps['findCalls'] = (db, ids) => deps.findCalls?.(db, ids) ?? Promise.resolve(new Map());
  const delivery = createDelivery({
    ...deps,
    node: deps.node ?? newId(),
    metrics,
    findCalls,
    writing: {
      acknowledgeUrlOf: (draft) => contexts.acknowledgeUrlOf(draft),
      templatesOf: (organizationId) => content.templatesOf(organizationId),
    },
    onAlert(outcome) {
      deps.onAlert?.(outcome);
      void troubles.tellOutcome(outcome);
    },
    onLaneChange: (change) => void troubles.tellChannel(change),
  });
  const receiptList = createReceiptList({ database });
  const resending = createResending({ database, audit: deps.audit, clock, hurry: () => delivery.hurry() });
  const snapshot = createSnapshot({ folder: deps.snapshotFolder, logger }, notificationSnapshotDefinition(database));
  const settingsDeps = {
    database,
    audit: deps.audit,
    clock,
    requireLocation: (scope: Scope, locationId: string) => places.getLocation(scope, locationId),
  };
  const alertSettings = createAlertSettings({ ...settingsDeps, logger, snapshotFolder: deps.snapshotFolder });
  const recipients = createAlertRecipients({
    database,
    audit: deps.audit,
    clock,
    places,
    settings: () => snapshot.current(),
    settingsOf: (organizationId) => alertSettings.settingsOf(organizationId),
    snapshotFolder: deps.snapshotFolder,
    logger,
  });
  const whoIsTold = (occasion: AlertOccasion): readonly ToldRecipient[] =>
    withSubscribers(recipients.whoIsTold(occasion), deps.subscribersOf?.(occasion) ?? []);
  const contexts = createOccasionContexts({
    places,
    isSimulated: (uri) => deps.isSimulated(uri),
    publicUrl: deps.publicUrl,
    incidentIdOf: (occasion, told) => incidents.incidentIdOf(occasion, told),
    acknowledgeLink: (incidentId, told) => incidents.actionLink(incidentId, told),
    templatesOf: (organizationId) => content.templatesOf(organizationId),
    clock,
  });
  const content: AlertContent = createAlertContent({ ...deps, contextOf: contexts.contextOf });
  const { operatorMail } = deps;
  const untold =
    operatorMail === undefined
      ? undefined
      : createUntoldTelling({
          writeOperatorMail: (subject, text, stableKey) =>
            writeMail({ kind: 'alarm', to: operatorMail, subject, text, stableKey }),
          tellOperator,
          publicUrl: deps.publicUrl,
          clock,
        });
  const telling = createOccasionTelling({
    database,
    settingsOf: (organizationId) => alertSettings.settingsOf(organizationId),
    whoIsTold,
    contextOf: (...about) => contexts.draftContextOf(...about),
    openIncidents: (tx, openings) => incidents.openIncidents(tx, openings),
    openWithoutDatabase: (openings) => incidents.openWithoutDatabase(openings),
    enqueue: (tx, messages) => delivery.enqueue(tx, messages),
    enqueueQuietly: (tx, messages) => delivery.enqueueQuietly(tx, messages),
    sendEssential: async (messages) => void (await delivery.deliver(messages)),
    hasRoom: () => delivery.hasRoom(),
    onLeftUntold: (moment) => metrics.leftUntold(moment),
    onNobodyToTell(records) {
      metrics.nobodyToTell(records.length);
      return untold?.mailsAbout(records) ?? [];
    },
    clock,
    logger,
  });
  let endForgetting = (): void => undefined;
  const troubles = createTroubleTelling({
    database,
    places,
    routing: deps.routing,
    organizationsTold: (trigger) =>
      new Set([...recipients.organizationsTold(trigger), ...alertSettings.organizationsTold(trigger)]),
    connectionOf: (id) => deps.connectionOf?.(id),
    enqueueOccasion: (tx, occasion) => telling.enqueueOccasion(tx, occasion),
    tell: (occasion) => telling.tell(occasion),
    tellOperator,
    clock,
    logger,
  });
  const incidents: Incidents = createIncidents({
    ...deps,
    actLogPath: deps.actLogPath,
    keptDays: deps.incidentDays ?? INCIDENT_DAYS,
    whoIsTold,
    findCalls,
    tell: (tx, tellings) => telling.enqueueTellings(tx, tellings),
    tellWithoutDatabase: (step) => void telling.sendTelling(step),
    hasRoomWithoutDatabase: () => delivery.hasRoom(),
    listReceipts: ({ organizationId, id }) => selectReceiptsOfIncident(database.db, organizationId, id),
    toldOfDrill: (db, drill) => drills.toldOf(db, drill),
    languageOf: (organizationId) => alertSettings.settingsOf(organizationId).language,
    placeNameOf: (occasion) => contexts.placeNameOf(occasion),
    tellsAcknowledgements: (organizationId) => alertSettings.settingsOf(organizationId).tellsAcknowledgements,
    publish: (event) => deps.onIncident?.(event),
  });
  const drills = createDrills({
    database,
    audit: deps.audit,
    places,
    judgeDrill: (...about) => recipients.judgeDrill(...about),
    incidentIdOf,
    enqueueTold: (tx, occasion, told) => telling.enqueueTold(tx, occasion, told),
    clock,
  });

  function writeMail(mail: MailJob): AlertMessage {
    const endpoint: AlertEndpoint = { channel: 'email', address: mail.to };
    return {
      key: messageKey(mail.stableKey ?? newId(), endpoint, mail.kind),
      kind: mail.kind,
      severity: mail.kind === 'alarm' ? 'critical' : 'info',
      organizationId: mail.organizationId ?? null,
      callId: null,
      incidentId: null,
      startedAt: null,
      endpoint,
      recipientId: null,
      label: mail.to,
      reasons: [],
      content: { channel: 'email', subject: mail.subject, text: mail.text, html: mail.html ?? null, map: null },
      writtenAt: new Date(clock.nowMs()).toISOString(),
    };
  }

  async function tellOperator(subject: string, text: string): Promise<void> {
    if (operatorMail === undefined) return;
    const mail = writeMail({ kind: 'alarm', to: operatorMail, subject, text });
    try {
      await inTime(
        clock,
        PATIENCE_MS,
        database.db
          .transaction()
          .execute((tx) => delivery.enqueue(tx, [mail]))
          // Also where the commit comes later than was waited for.
          .then((sendNow) => sendNow()),
      );
    } catch (stored) {
      logger.warn({ err: errorText(stored) }, 'a mail to the operator goes out without the database');
      const [end] = await delivery.deliver([mail]);
      if (end === 'given-up') logger.error({ subject }, 'the operator could not be told');
    }
  }

  return {
    snapshots: [
      snapshot,
      alertSettings.snapshot,
      ...recipients.snapshots,
      ...content.snapshots,
      ...incidents.snapshots,
    ],
    recipients,
    incidents,
    content,
    readOrganizationSettings: (scope) => readOrganizationSettings(settingsDeps, scope),
    updateOrganizationSettings: (scope, patch) => updateOrganizationSettings(settingsDeps, scope, patch),
    readLocationSettings: (scope, locationId) => readLocationSettings(settingsDeps, scope, locationId),
    updateLocationSettings: (scope, locationId, patch) =>
      updateLocationSettings(settingsDeps, scope, locationId, patch),
    recipientsFor: recipients.contractRecipients,
    async enqueueCallAlerts(tx, records, previous = new Map()) {
      const { messages, sendNow } = await telling.enqueueCalls(tx, records, previous);
      // Recipients may have changed since the essential path told those of its day.
      const toldBefore = records.flatMap(({ id }) => (previous.has(id) ? [] : [id]));
      await delivery.noteSentOf(tx, toldBefore, new Set(messages.map(({ key }) => key)));
      return sendNow;
    },
    enqueueOccasion: (tx, occasion) => telling.enqueueOccasion(tx, occasion),
    enqueueOccasionQuietly: (tx, occasion) => telling.enqueueQuietly(tx, occasion),
    tell: (occasion) => telling.tell(occasion),
    settings: alertSettings,
    drills,
    tellOperator,
    tellDestination: (change) => troubles.tellDestination(change),
    enqueueMail: (tx, mail) => delivery.enqueueQuietly(tx, [writeMail(mail)]),
    async sendEssential(record, previous = null) {
      const ends = await delivery.deliver(telling.essentialMessages(record, previous));
      if (ends.includes('stopped')) throw new ProblemError('unavailable', 'the platform ends before all were told');
    },
    hasEssentialRoom: () => delivery.hasRoom(),
    listReceipts: (scope, callId) => selectReceiptsOfCall(database.db, scope.organizationId, callId),
    listReceiptsOfIncident: (organizationId, incidentId) =>
      selectReceiptsOfIncident(database.db, organizationId, incidentId),
    listAlerts: (scope, request) => receiptList.listPage(scope, request),
    exportAlerts: (scope, filter) => receiptList.exportAll(scope, filter),
    resendAlerts: (scope, filter, dryRun) => resending.resend(scope, filter, dryRun),
    resendAlert: (scope, key, dryRun) => resending.resendOne(scope, key, dryRun),
    ownMessageIds: (scope, messageIds) => selectOwnMessageIds(database.db, scope.organizationId, messageIds),
    async startWorker() {
      await delivery.start();
      endForgetting = startForgettingOldAlerts({ database, clock, logger });
      await incidents.start();
    },
    queueReady: () => delivery.ready(),
    async stop() {
      endForgetting();
      await untold?.stop();
      await incidents.stop();
      await delivery.stop();
    },
  };
}

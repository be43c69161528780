import type { Audit } from '../audit/audit.ts';
import type { CallRecord } from '../domain/call-record.ts';
import type { MailJob } from '../domain/mail-job.ts';
import type { Scope } from '../domain/scope.ts';
import type { Places } from '../places/places.ts';
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
import { createAcceptedLog } from './delivery/accepted-log.ts';
import { createAlertMetrics } from './delivery/alert-metrics.ts';
import { type AlertOutcome, createMessageDelivery } from './delivery/deliver-message.ts';
import { messageKey } from './delivery/message-key.ts';
import { createMessageQueue, type MessageQueueName, type RetryPolicy } from './delivery/message-queue.ts';
import { createMessageWorker } from './delivery/message-worker.ts';
import type { Receipt } from './delivery/receipt.ts';
import {
  findReceiptState,
  insertReceipts,
  receiptFacts,
  selectOwnMessageIds,
  selectReceiptsOfCall,
  selectTroubledReceipts,
} from './delivery/receipt-records.ts';
import { sendEssential } from './delivery/send-essential.ts';
import { createMessageWatch } from './delivery/watch-messages.ts';
import { readLocationSettings, updateLocationSettings } from './location-settings.ts';
import type {
  LocationNotification,
  LocationNotificationPatch,
  LocationNotificationView,
  OrganizationNotification,
  OrganizationNotificationPatch,
} from './notification-settings.ts';
import { notificationSnapshotDefinition } from './notification-snapshot.ts';
import type { AlertSettings, AlertSettingsPatch } from './occasions/alert-settings.ts';
import { createContextOfOccasion } from './occasions/context-of-occasion.ts';
import { createAlertSettings } from './occasions/manage-alert-settings.ts';
import { createOccasionTelling } from './occasions/tell-occasions.ts';
import { readOrganizationSettings, updateOrganizationSettings } from './organization-settings.ts';
import type { Recipient } from './recipient.ts';
import { type AlertRecipients, createAlertRecipients } from './recipients/alert-recipients.ts';
import { createContractRecipients } from './recipients/contract-recipients.ts';
import type { AlertSender } from './senders/alert-sender.ts';

export type { AlertNews, AlertOccasion, AlertPlace } from './alert-occasion.ts';
export type { AlertOutcome } from './delivery/deliver-message.ts';
export type { Receipt, ReceiptState } from './delivery/receipt.ts';
export type {
  LocationNotification,
  LocationNotificationPatch,
  LocationNotificationView,
  OrganizationNotification,
  OrganizationNotificationPatch,
} from './notification-settings.ts';
export type { AlertSettings, AlertSettingsPatch } from './occasions/alert-settings.ts';
export type { Recipient, RecipientReason } from './recipient.ts';

/** Public face of NOTIFY: who is told of a call, durably sent mail, and receipts of it. */
export type Alerts = {
  readonly snapshots: readonly Snapshot<unknown>[];

  /** Recipients, groups and rules; `whoIsTold`. */
  readonly recipients: AlertRecipients;

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
   * the version of which people were told; absent: nobody knows.
   * Problems: `unavailable` while the job queue has not started; the transaction must then be tried again.
   */
  enqueueCallAlerts(
    tx: Transaction,
    records: readonly CallRecord[],
    previous?: ReadonlyMap<string, CallRecord>,
  ): Promise<void>;
  /** Tells of something that is no call, in the caller's transaction. Idempotent by subject, moment and endpoint. Problems as above. */
  enqueueOccasion(tx: Transaction, occasion: AlertOccasion): Promise<void>;
  /** The same in a transaction of its own; while the database is away it is sent from memory. Never rejects. */
  tell(occasion: AlertOccasion): Promise<void>;
  readAlertSettings(scope: Scope): Promise<AlertSettings>;
  /** Problems: `invalid`. */
  updateAlertSettings(scope: Scope, patch: AlertSettingsPatch): Promise<AlertSettings>;
  /** Enqueues one mail in the caller's transaction. Problems: `unavailable`, as above. */
  enqueueMail(tx: Transaction, mail: MailJob): Promise<void>;
  /**
   * Tells the operator of the platform (`operatorMail`) that something is wrong with it, or well again: durably where the database
   * takes it, else by one attempt now. Never rejects; without an address it does nothing.
   */
  tellOperator(subject: string, text: string): Promise<void>;
  /**
   * Sends the alert mails of a call without the database (decision 18). Resolves when every recipient's mail was accepted,
   * a durable job has taken over, or trying ended; never rejects. Safe to call again for the same call, also after a restart.
   */
  sendEssential(record: CallRecord): Promise<void>;

  /** Everything that was sent about one call, to whom and when. */
  listReceipts(scope: Scope, callId: string): Promise<Receipt[]>;
  /** Mails that failed and are tried again, or were given up: newest first. */
  listTroubled(scope: Scope, max: number): Promise<Receipt[]>;

  /** Which of these messages were for the organization: captured mail of all lies in one folder. */
  ownMessageIds(scope: Scope, messageIds: readonly string[]): Promise<ReadonlySet<string>>;

  /** Starts the job queue as soon as the database answers and goes on trying until then; resolves at once. */
  startWorker(): Promise<void>;
  /** True once jobs can be enqueued. */
  queueReady(): boolean;
  /** Ends sending in an orderly way: mails under way get a moment to finish. */
  stop(): Promise<void>;
};

export type AlertsDeps = {
  database: Database;
  audit: Audit;
  places: Pick<Places, 'getLocation' | 'location' | 'locationsOf' | 'building' | 'responseLocation'>;
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
  retryPolicy?: RetryPolicy;
  /** Who is told when something is wrong with the platform itself; absent: nobody. */
  operatorMail?: string | undefined;
  /** Told of every attempt to tell somebody of a call. Must not throw. */
  onAlert?: ((outcome: AlertOutcome) => void) | undefined;
};

const ALERT_CONCURRENCY = 6;
const MAIL_CONCURRENCY = 2;
// While the essential path is sending a mail, its job waits: another node must not send it beside.
const ESSENTIAL_UNDER_WAY_SECONDS = 30;
const MAX_LISTED = 1_000;

export function createAlerts(deps: AlertsDeps): Alerts {
  const { database, places, mailFrom, clock, logger } = deps;
  const metrics = createAlertMetrics(deps.metrics);
  const log = createAcceptedLog({ path: deps.acceptedLogPath, clock, logger });
  const delivery = createMessageDelivery({ senders: deps.senders, log, metrics, clock, onAlert: deps.onAlert });
  const queue = createMessageQueue({
    database,
    clock,
    logger,
    ...(deps.retryPolicy && { retryPolicy: deps.retryPolicy }),
  });
  const watch = createMessageWatch({
    delivery,
    log,
    findState: (key) => findReceiptState(database.db, key),
    clock,
    logger,
  });
  const workerDeps = { queue, delivery, database, metrics, clock, logger };
  const workers = {
    'call-alerts': createMessageWorker({ ...workerDeps, queueName: 'call-alerts', concurrency: ALERT_CONCURRENCY }),
    mails: createMessageWorker({ ...workerDeps, queueName: 'mails', concurrency: MAIL_CONCURRENCY }),
  };
  const snapshot = createSnapshot({ folder: deps.snapshotFolder, logger }, notificationSnapshotDefinition(database));
  const settingsDeps = {
    database,
    audit: deps.audit,
    clock,
    requireLocation: (scope: Scope, locationId: string) => places.getLocation(scope, locationId),
  };
  const recipientsFor = createContractRecipients({ settings: () => snapshot.current(), places });
  const alertSettings = createAlertSettings({ ...settingsDeps, logger, snapshotFolder: deps.snapshotFolder });
  const recipients = createAlertRecipients({
    database,
    places,
    contractRecipients: recipientsFor,
    settingsOf: alertSettings.settingsOf,
    snapshotFolder: deps.snapshotFolder,
    logger,
  });
  let stopping = false;
  const sendWithoutDatabase = (subjectId: string, messages: readonly AlertMessage[]): Promise<void> =>
    sendEssential({ delivery, database, metrics, clock, logger, isStopping: () => stopping }, subjectId, messages);
  const telling = createOccasionTelling({
    database,
    settingsOf: alertSettings.settingsOf,
    whoIsTold: (occasion) => recipients.whoIsTold(occasion),
    contextOf: createContextOfOccasion({
      places,
      isSimulated: deps.isSimulated,
      publicUrl: deps.publicUrl,
      incidentIdOf: ({ call }) => (call?.kind === '911' ? call.id : null),
      acknowledgeLink: () => null,
      templatesOf: () => null,
      clock,
    }),
    openIncident: () => Promise.resolve(),
    enqueue: (tx, messages) => enqueue(tx, 'call-alerts', messages),
    sendEssential: sendWithoutDatabase,
    onNobodyToTell: metrics.nobodyToTell,
    clock,
    logger,
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

  /** Adds jobs and receipts for the mails that have none, and a finished receipt for those that went out already. */
  async function enqueue(tx: Transaction, queueName: MessageQueueName, mails: readonly AlertMessage[]): Promise<void> {
    if (mails.length === 0) return;
    await log.load();
    const added = await insertReceipts(
      tx,
      mails.map((mail) => ({ ...receiptFacts(mail), accepted: log.find(mail.key) })),
      mailFrom,
      new Date(clock.nowMs()),
    );
    const waiting = mails.filter((mail) => added.has(mail.key) && !log.find(mail.key));
    const atOnce: AlertMessage[] = [];
    const later: AlertMessage[] = [];
    for (const mail of waiting) (delivery.isUnderWay(mail.key) ? later : atOnce).push(mail);
    await queue.enqueue(tx, queueName, atOnce);
    await queue.enqueue(tx, queueName, later, ESSENTIAL_UNDER_WAY_SECONDS);
    for (const mail of waiting) metrics.queued(mail.kind);
    workers[queueName].hurry();
    if (queueName === 'call-alerts') watch.add(waiting);
  }

  return {
    snapshots: [snapshot, alertSettings.snapshot, ...recipients.snapshots],
    recipients,
    readOrganizationSettings: (scope) => readOrganizationSettings(settingsDeps, scope),
    updateOrganizationSettings: (scope, patch) => updateOrganizationSettings(settingsDeps, scope, patch),
    readLocationSettings: (scope, locationId) => readLocationSettings(settingsDeps, scope, locationId),
    updateLocationSettings: (scope, locationId, patch) =>
      updateLocationSettings(settingsDeps, scope, locationId, patch),
    recipientsFor,
    async enqueueCallAlerts(tx, records, previous = new Map()) {
      await log.load();
      const messages = await telling.enqueueCalls(tx, records, previous);
      const keys = new Set(messages.map(({ key }) => key));
      // Recipients may have changed since the essential path told those of its day.
      const told = records
        .flatMap(({ id }) => (previous.has(id) ? [] : log.ofCall(id)))
        .filter(({ key }) => !keys.has(key));
      await insertReceipts(
        tx,
        told.map((accepted) => ({ ...accepted, accepted })),
        mailFrom,
        new Date(clock.nowMs()),
      );
    },
    enqueueOccasion: (tx, occasion) => telling.enqueueOccasion(tx, occasion),
    tell: (occasion) => telling.tell(occasion),
    readAlertSettings: (scope) => alertSettings.readAlertSettings(scope),
    updateAlertSettings: (scope, patch) => alertSettings.updateAlertSettings(scope, patch),
    async tellOperator(subject, text) {
      if (deps.operatorMail === undefined) return;
      const mail = writeMail({ kind: 'alarm', to: deps.operatorMail, subject, text });
      try {
        await database.db.transaction().execute((tx) => enqueue(tx, 'mails', [mail]));
      } catch (stored) {
        logger.warn({ err: errorText(stored) }, 'a mail to the operator goes out without the database');
        await delivery.deliver(mail, 'essential').catch((error: unknown) => {
          logger.error({ err: errorText(error), subject }, 'the operator could not be told');
        });
      }
    },
    async enqueueMail(tx, mail) {
      await enqueue(tx, 'mails', [writeMail(mail)]);
    },
    sendEssential: (record) => sendWithoutDatabase(record.id, telling.essentialMessages(record)),
    listReceipts: (scope, callId) => selectReceiptsOfCall(database.db, scope.organizationId, callId),
    listTroubled: (scope, max) => selectTroubledReceipts(database.db, scope.organizationId, Math.min(max, MAX_LISTED)),
    ownMessageIds: (scope, messageIds) => selectOwnMessageIds(database.db, scope.organizationId, messageIds),
    async startWorker() {
      await log.load();
      queue.start(() => {
        for (const worker of Object.values(workers)) worker.start();
      });
    },
    queueReady: () => queue.ready(),
    async stop() {
      stopping = true;
      watch.stop();
      // First no new work, then the mails under way, then the queue they settle in.
      await Promise.all(Object.values(workers).map((worker) => worker.stop()));
      await queue.stop();
      await Promise.all(Object.values(deps.senders).map((sender) => sender.stop()));
    },
  };
}

import type { CallRecord } from '../../domain/call-record.ts';
import type { Database, Transaction } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { AlertMessage } from '../alert-message.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import { composeMessage } from '../content/compose-message.ts';
import type { SendNow } from '../delivery/send-now.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type { AlertSettings } from './alert-settings.ts';
import { occasionsOf } from './call-occasions.ts';
import type { ContextOfOccasion } from './context-of-occasion.ts';

/** Turns what happened into messages: who is told of it, in which words, stored with what it is about. */
export type OccasionTelling = {
  /** In the transaction that stores the calls. `previous`: by call, the version of which people were told. */
  enqueueCalls(
    tx: Transaction,
    records: readonly CallRecord[],
    previous: ReadonlyMap<string, CallRecord>,
  ): Promise<{ messages: readonly AlertMessage[]; sendNow: SendNow }>;
  /** The messages that tell of a call's start, for the path without database. */
  essentialMessages(record: CallRecord): readonly AlertMessage[];
  /** In the caller's transaction, which also holds what is told of. Idempotent by subject, moment and endpoint. */
  enqueueOccasion(tx: Transaction, occasion: AlertOccasion): Promise<SendNow>;
  /** The same for recipients that were chosen already. */
  enqueueTold(tx: Transaction, occasion: AlertOccasion, told: readonly ToldRecipient[]): Promise<void>;
  /** In a transaction of its own; while the database is away it is sent from memory. Never rejects. */
  tell(occasion: AlertOccasion): Promise<void>;
};

export type OccasionTellingDeps = {
  database: Pick<Database, 'db'>;
  settingsOf(organizationId: string): AlertSettings;
  /** From memory; never throws. */
  whoIsTold(occasion: AlertOccasion): readonly ToldRecipient[];
  /** Never throws. */
  contextOf: ContextOfOccasion;
  /** Opens the incident behind it, with the steps that are told later. */
  openIncident(tx: Transaction, occasion: AlertOccasion, told: readonly ToldRecipient[]): Promise<void>;
  /** Jobs and receipts for messages that have none yet; what it gives sends them, after the commit. */
  enqueue(tx: Transaction, messages: readonly AlertMessage[]): Promise<SendNow>;
  /** Sends without the database, trying again for a while; never rejects. */
  sendEssential(subjectId: string, messages: readonly AlertMessage[]): Promise<void>;
  /** Nobody could be told of so many calls. */
  onNobodyToTell(count: number): void;
  clock: Clock;
  logger: Logger;
};

/** A database that does not answer by then is taken to be away: keys keep what it does later from being told twice. */
const PATIENCE_MS = 3_000;
/** Calls that one line of the log names. */
const MAX_NAMED = 20;

export function createOccasionTelling(deps: OccasionTellingDeps): OccasionTelling {
  const { database, clock, logger } = deps;

  /** The messages of the first step: later ones are told while nobody acknowledged. */
  function compose(occasion: AlertOccasion, told: readonly ToldRecipient[]): AlertMessage[] {
    const first = told.filter(({ afterSeconds }) => afterSeconds === 0);
    if (first.length === 0) return [];
    const context = deps.contextOf(occasion);
    return first.map((one) => composeMessage(occasion, one, context));
  }

  /** Gives the messages, and the subjects of which somebody is told, now or later. */
  async function enqueueAll(
    tx: Transaction,
    occasions: readonly AlertOccasion[],
  ): Promise<{ messages: AlertMessage[]; toldOf: Set<string>; sendNow: SendNow }> {
    const messages: AlertMessage[] = [];
    const toldOf = new Set<string>();
    for (const occasion of occasions) {
      const told = deps.whoIsTold(occasion);
      if (told.length === 0) continue;
      toldOf.add(occasion.subjectId);
      messages.push(...compose(occasion, told));
      await deps.openIncident(tx, occasion, told);
    }
    const sendNow = await deps.enqueue(tx, messages);
    return { messages, toldOf, sendNow };
  }

  /** An emergency call of which nobody hears is noted, whatever the reason. */
  function noteUntold(records: readonly CallRecord[], told: ReadonlySet<string>): void {
    const untold = records.filter(({ id, kind }) => kind === '911' && !told.has(id));
    if (untold.length === 0) return;
    deps.onNobodyToTell(untold.length);
    const named = untold.slice(0, MAX_NAMED).map(({ id, organizationId }) => ({ callId: id, organizationId }));
    logger.warn({ count: untold.length, calls: named }, 'nobody can be told of calls: no recipient is set');
  }

  function occasionsOfCall(record: CallRecord, previous: CallRecord | null): AlertOccasion[] {
    const { organizationId } = record;
    return organizationId === null ? [] : occasionsOf(record, previous, deps.settingsOf(organizationId));
  }

  async function withinPatience(work: Promise<unknown>): Promise<void> {
    let cancel = (): void => undefined;
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(PATIENCE_MS, () => reject(new Error(`not stored within ${PATIENCE_MS} ms`)));
    });
    try {
      await Promise.race([work, late]);
    } finally {
      cancel();
    }
  }

  return {
    async enqueueCalls(tx, records, previous) {
      const occasions = records.flatMap((record) => occasionsOfCall(record, previous.get(record.id) ?? null));
      const { messages, toldOf, sendNow } = await enqueueAll(tx, occasions);
      noteUntold(
        records.filter(({ id }) => !previous.has(id)),
        toldOf,
      );
      return { messages, sendNow };
    },
    essentialMessages(record) {
      const messages: AlertMessage[] = [];
      let isTold = false;
      for (const occasion of occasionsOfCall(record, null)) {
        if (occasion.moment !== 'call-started') continue;
        const told = deps.whoIsTold(occasion);
        isTold ||= told.length > 0;
        messages.push(...compose(occasion, told));
      }
      if (!isTold) noteUntold([record], new Set());
      return messages;
    },
    async enqueueOccasion(tx, occasion) {
      return (await enqueueAll(tx, [occasion])).sendNow;
    },
    async enqueueTold(tx, occasion, told) {
      await deps.openIncident(tx, occasion, told);
      await deps.enqueue(tx, compose(occasion, told));
    },
    async tell(occasion) {
      const { moment, subjectId } = occasion;
      try {
        const told = deps.whoIsTold(occasion);
        if (told.length === 0) return;
        try {
          await withinPatience(
            database.db
              .transaction()
              .execute((tx) => enqueueAll(tx, [occasion]))
              .then(({ sendNow }) => sendNow()),
          );
        } catch (error) {
          logger.warn({ err: errorText(error), moment, subjectId }, 'an alert goes out without the database');
          await deps.sendEssential(subjectId, compose(occasion, told));
        }
      } catch (error) {
        logger.error({ err: errorText(error), moment, subjectId }, 'nobody could be told of an occasion');
      }
    },
  };
}

import type { CallRecord } from '../../domain/call-record.ts';
import type { Database, Transaction } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { AlertDraft, OutgoingAlert } from '../alert-draft.ts';
import type { AlertMessage } from '../alert-message.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import { messageHead } from '../content/compose-message.ts';
import type { SendNow } from '../delivery/send-now.ts';
import { inTime } from '../incidents/in-time.ts';
import type { Opening, Telling } from '../incidents/incidents.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type { AlertSettings } from './alert-settings.ts';
import { occasionsOf } from './call-occasions.ts';
import type { OccasionContexts } from './context-of-occasion.ts';
import { isRelief } from './news-occasions.ts';

/** Turns what happened into messages: who is told of it, in which words, stored with what it is about. */
export type OccasionTelling = {
  /** In the transaction that stores the calls. `previous`: by call, the version of which people were told. */
  enqueueCalls(
    tx: Transaction,
    records: readonly CallRecord[],
    previous: ReadonlyMap<string, CallRecord>,
  ): Promise<{ messages: readonly OutgoingAlert[]; sendNow: SendNow }>;
  /** The messages that tell of a call's start, for the path without database. `previous`: the version of which people were told before. */
  essentialMessages(record: CallRecord, previous: CallRecord | null): readonly OutgoingAlert[];
  /** In the caller's transaction, which also holds what is told of. Idempotent by subject, moment and endpoint. */
  enqueueOccasion(tx: Transaction, occasion: AlertOccasion): Promise<SendNow>;
  /** The same where nobody tells of the commit. */
  enqueueQuietly(tx: Transaction, occasion: AlertOccasion): Promise<void>;
  /** The same for recipients that were chosen already. */
  enqueueTold(tx: Transaction, occasion: AlertOccasion, told: readonly ToldRecipient[]): Promise<SendNow>;
  /** In a transaction of its own; while the database is away it is sent from memory. Never rejects. */
  tell(occasion: AlertOccasion): Promise<void>;
  /** Later steps of incidents, and what becomes of them, in the caller's transaction. */
  enqueueTellings(tx: Transaction, tellings: readonly Telling[]): Promise<SendNow>;
  /** The same without the database; never rejects. */
  sendTelling(telling: Telling): Promise<void>;
};

export type OccasionTellingDeps = {
  database: Pick<Database, 'db'>;
  settingsOf(organizationId: string): AlertSettings;
  /** From memory; never throws. */
  whoIsTold(occasion: AlertOccasion): readonly ToldRecipient[];
  /** Never throws. */
  contextOf: OccasionContexts['draftContextOf'];
  /** Opens the incidents behind them, with the steps that are told later; what it gives is to be called after the commit. */
  openIncidents(tx: Transaction, openings: readonly Opening[]): Promise<() => void>;
  /** The same in memory, while the database is away. */
  openWithoutDatabase(openings: readonly Opening[]): void;
  /** Jobs and receipts for messages that have none yet; what it gives sends them, after the commit. */
  enqueue(tx: Transaction, messages: readonly OutgoingAlert[]): Promise<SendNow>;
  /** The same where nobody tells of the commit: they are sent as soon as they are seen. */
  enqueueQuietly(tx: Transaction, messages: readonly AlertDraft[]): Promise<void>;
  /** Sends without the database, trying again for a while; never rejects. */
  sendEssential(messages: readonly AlertDraft[]): Promise<void>;
  /** Whether more can be sent that way. */
  hasRoom(): boolean;
  /** Nobody is told of news of this moment, for want of room. */
  onLeftUntold(moment: string): void;
  /** Of these emergency calls nobody is told: gives the mails to whom else that concerns. Must not throw. */
  onNobodyToTell(records: readonly CallRecord[]): readonly AlertMessage[];
  clock: Clock;
  logger: Logger;
};

/** A database that does not answer by then is taken to be away: keys keep what it does later from being told twice. */
export const PATIENCE_MS = 3_000;
/** Calls that one line of the log names. */
const MAX_NAMED = 20;

export function createOccasionTelling(deps: OccasionTellingDeps): OccasionTelling {
  const { database, clock, logger } = deps;

  function draft({ occasion, told, incidentId }: Opening & Partial<Telling>): AlertDraft[] {
    if (told.length === 0) return [];
    const context = deps.contextOf(occasion, told, incidentId);
    return told.map((one) => ({ ...messageHead(occasion, one, context), content: null, told: one, occasion, context }));
  }

  /** Those of the first step: later ones are told while nobody acknowledged. */
  function draftFirst({ occasion, told }: Opening): AlertDraft[] {
    return draft({ occasion, told: told.filter(({ afterSeconds }) => afterSeconds === 0) });
  }

  /** Nobody has to act on what is well again. */
  function openingOf(occasion: AlertOccasion): Opening {
    const told = deps.whoIsTold(occasion);
    return { occasion, told: isRelief(occasion) ? told.map((one) => ({ ...one, severity: 'info' })) : told };
  }

  async function enqueueOpenings(
    tx: Transaction,
    openings: readonly Opening[],
    others: readonly AlertMessage[] = [],
  ): Promise<{ messages: readonly OutgoingAlert[]; sendNow: SendNow }> {
    const messages = [...openings.flatMap(draftFirst), ...others];
    // An emergency call is on the desk also where nobody is told of it.
    const toOpen = openings.filter(({ occasion, told }) => told.length > 0 || occasion.moment === 'call-started');
    const afterCommit = toOpen.length > 0 ? await deps.openIncidents(tx, toOpen) : () => undefined;
    const send = await deps.enqueue(tx, messages);
    return {
      messages,
      sendNow() {
        send();
        afterCommit();
      },
    };
  }

  /** An emergency call of which nobody hears is noted, whatever the reason, and told to the operator. */
  function noteUntold(records: readonly CallRecord[], openings: readonly Opening[]): readonly AlertMessage[] {
    const told = new Set(openings.flatMap(({ occasion, told }) => (told.length > 0 ? [occasion.subjectId] : [])));
    const untold = records.filter(({ id, kind }) => kind === '911' && !told.has(id));
    if (untold.length === 0) return [];
    const named = untold.slice(0, MAX_NAMED).map(({ id, organizationId }) => ({ callId: id, organizationId }));
    logger.warn({ count: untold.length, calls: named }, 'nobody can be told of calls: no recipient is set');
    return deps.onNobodyToTell(untold);
  }

  function occasionsOfCall(record: CallRecord, previous: CallRecord | null): AlertOccasion[] {
    const { organizationId } = record;
    return organizationId === null ? [] : occasionsOf(record, previous, deps.settingsOf(organizationId));
  }

  return {
    async enqueueCalls(tx, records, previous) {
      const openings = records
        .flatMap((record) => occasionsOfCall(record, previous.get(record.id) ?? null))
        .map(openingOf);
      const unknown = records.filter(({ id }) => !previous.has(id));
      return enqueueOpenings(tx, openings, noteUntold(unknown, openings));
    },
    essentialMessages(record, previous) {
      const openings = occasionsOfCall(record, previous)
        .filter(({ moment }) => moment === 'call-started')
        .map(openingOf);
      const untold = previous === null ? noteUntold([record], openings) : [];
      deps.openWithoutDatabase(openings);
      return [...openings.flatMap(draftFirst), ...untold];
    },
    async enqueueOccasion(tx, occasion) {
      return (await enqueueOpenings(tx, [openingOf(occasion)])).sendNow;
    },
    async enqueueQuietly(tx, occasion) {
      const opening = openingOf(occasion);
      if (opening.told.length === 0) return;
      await deps.openIncidents(tx, [opening]);
      await deps.enqueueQuietly(tx, draftFirst(opening));
    },
    async enqueueTold(tx, occasion, told) {
      return (await enqueueOpenings(tx, [{ occasion, told }])).sendNow;
    },
    enqueueTellings: (tx, tellings) => deps.enqueue(tx, tellings.flatMap(draft)),
    async sendTelling(telling) {
      await deps.sendEssential(draft(telling));
    },
    async tell(occasion) {
      const { moment, subjectId } = occasion;
      try {
        const opening = openingOf(occasion);
        if (opening.told.length === 0) return;
        try {
          await inTime(
            clock,
            PATIENCE_MS,
            database.db
              .transaction()
              .execute((tx) => enqueueOpenings(tx, [opening]))
              .then(({ sendNow }) => sendNow()),
          );
        } catch (error) {
          if (!deps.hasRoom()) {
            deps.onLeftUntold(moment);
            logger.error(
              { moment, subjectId },
              'nobody is told of news: messages that wait without the database take all their room',
            );
            return;
          }
          logger.warn({ err: errorText(error), moment, subjectId }, 'an alert goes out without the database');
          deps.openWithoutDatabase([opening]);
          await deps.sendEssential(draftFirst(opening));
        }
      } catch (error) {
        logger.error({ err: errorText(error), moment, subjectId }, 'nobody could be told of an occasion');
      }
    },
  };
}

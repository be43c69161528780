/** The thread that writes and sends mails, at the priority of the others: one that gives way on a busy machine tells people seconds later (decision 84). */
import { parentPort, workerData } from 'node:worker_threads';
import { errorText } from '../../support/error-text.ts';
import { type SendAcceptance, SendError } from './alert-sender.ts';
import type { MailDraft } from './mail-draft.ts';
import { createSmtpSender, type SmtpSenderOptions } from './smtp-sender.ts';
import type { PicturedMessage } from './write-mail.ts';

/** What the mail thread is started with. */
export type MailWorkerData = Omit<SmtpSenderOptions, 'clock'>;

/** What the thread is asked, of the attempt `id`; it comes many at once. */
export type MailRequest =
  | { kind: 'send'; id: number; message: PicturedMessage }
  | { kind: 'draft'; id: number; draft: MailDraft }
  | { kind: 'abort'; id: number };

/** What it tells, many at once. */
export type MailReply =
  | { kind: 'accepted'; id: number; response: string }
  | ({ kind: 'failed'; id: number; error: string } & Pick<
      SendError,
      'isPermanent' | 'isOfMessage' | 'isUnreached' | 'retryAfterSeconds'
    >);

if (!parentPort) throw new Error('runs only as a worker thread');
const toMain = parentPort;
const sender = createSmtpSender(workerData as MailWorkerData);
const underWay = new Map<number, AbortController>();
let replies: MailReply[] = [];

function tell(reply: MailReply): void {
  replies.push(reply);
  if (replies.length > 1) return;
  setImmediate(() => {
    toMain.postMessage(replies);
    replies = [];
  });
}

async function send(id: number, handOver: (signal: AbortSignal) => Promise<SendAcceptance>): Promise<void> {
  const controller = new AbortController();
  underWay.set(id, controller);
  try {
    tell({ kind: 'accepted', id, response: (await handOver(controller.signal)).response });
  } catch (error) {
    const { isPermanent, isOfMessage, isUnreached, retryAfterSeconds } =
      error instanceof SendError ? error : new SendError('');
    tell({ kind: 'failed', id, error: errorText(error), isPermanent, isOfMessage, isUnreached, retryAfterSeconds });
  } finally {
    underWay.delete(id);
  }
}

toMain.on('message', (requests: readonly MailRequest[]) => {
  for (const request of requests) {
    if (request.kind === 'abort') underWay.get(request.id)?.abort();
    else if (request.kind === 'send') void send(request.id, (signal) => sender.send(request.message, signal));
    else void send(request.id, (signal) => sender.sendMailDraft(request.draft, signal));
  }
});

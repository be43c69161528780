import { parentPort, workerData } from 'node:worker_threads';
import { errorText } from '../../support/error-text.ts';
import type { AlertMessage } from '../alert-message.ts';
import { SendError } from './alert-sender.ts';
import { createSmtpSender, type SmtpSenderOptions } from './smtp-sender.ts';

/** What the mail thread is started with. */
export type MailWorkerData = Omit<SmtpSenderOptions, 'clock'>;

/** What the thread is asked, of the attempt `id`. */
export type MailRequest = { kind: 'send'; id: number; message: AlertMessage } | { kind: 'abort'; id: number };

/** What it tells. */
export type MailReply =
  | { kind: 'accepted'; id: number; response: string }
  | { kind: 'failed'; id: number; error: string; isPermanent: boolean; retryAfterSeconds: number | undefined };

if (!parentPort) throw new Error('runs only as a worker thread');
const toMain = parentPort;
const sender = createSmtpSender(workerData as MailWorkerData);
const underWay = new Map<number, AbortController>();

async function send(id: number, message: AlertMessage): Promise<MailReply> {
  const controller = new AbortController();
  underWay.set(id, controller);
  try {
    return { kind: 'accepted', id, response: (await sender.send(message, controller.signal)).response };
  } catch (error) {
    const { isPermanent, retryAfterSeconds } = error instanceof SendError ? error : new SendError('');
    return { kind: 'failed', id, error: errorText(error), isPermanent, retryAfterSeconds };
  } finally {
    underWay.delete(id);
  }
}

toMain.on('message', (request: MailRequest) => {
  if (request.kind === 'abort') underWay.get(request.id)?.abort();
  else void send(request.id, request.message).then((reply) => toMain.postMessage(reply));
});

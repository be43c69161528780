import { parentPort, workerData } from 'node:worker_threads';
import { BoundedMap } from '../../support/bounded-map.ts';
import { errorText } from '../../support/error-text.ts';
import { lowerThreadPriority } from '../../support/lower-priority.ts';
import type { AlertDraft } from '../alert-draft.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import { writeDraft } from '../content/compose-message.ts';
import type { MapPicture } from '../map-picture/map-pictures.ts';
import { SendError } from './alert-sender.ts';
import type { PicturedMessage } from './mail-message.ts';
import { createSmtpSender, type SmtpSenderOptions } from './smtp-sender.ts';

lowerThreadPriority();

/** What the mail thread is started with. */
export type MailWorkerData = Omit<SmtpSenderOptions, 'clock'>;

/** What the thread is asked, of the attempt `id`. */
export type MailRequest =
  | { kind: 'send'; id: number; message: PicturedMessage }
  | { kind: 'draft'; id: number; draft: DraftParts }
  | { kind: 'abort'; id: number };

/** A draft as it passes from thread to thread: what many drafts have in common is text, which costs little to hand over. */
export type DraftParts = {
  /** `AlertDraft` without its occasion, as JSON. */
  draft: string;
  /** `AlertOccasion`, as JSON. */
  occasion: string;
  acknowledgeUrl: string | null;
  picture: MapPicture | null;
};

/** What it tells. */
export type MailReply =
  | { kind: 'accepted'; id: number; response: string }
  | ({ kind: 'failed'; id: number; error: string } & Pick<
      SendError,
      'isPermanent' | 'isOfMessage' | 'retryAfterSeconds'
    >);

if (!parentPort) throw new Error('runs only as a worker thread');
const toMain = parentPort;
const sender = createSmtpSender(workerData as MailWorkerData);
const KEPT_OCCASIONS = 200;
const underWay = new Map<number, AbortController>();

/** Several people are told of the same. */
const occasions = new BoundedMap<string, AlertOccasion>(KEPT_OCCASIONS);

function readOccasion(json: string): AlertOccasion {
  let occasion = occasions.get(json);
  if (occasion === undefined) {
    occasion = JSON.parse(json) as AlertOccasion;
    occasions.set(json, occasion);
  }
  return occasion;
}

function write({ draft, occasion, acknowledgeUrl, picture }: DraftParts): PicturedMessage {
  const whole = { ...(JSON.parse(draft) as Omit<AlertDraft, 'occasion'>), occasion: readOccasion(occasion) };
  return { ...writeDraft(whole, acknowledgeUrl, null), picture };
}

async function send(id: number, read: () => PicturedMessage): Promise<MailReply> {
  const controller = new AbortController();
  underWay.set(id, controller);
  try {
    return { kind: 'accepted', id, response: (await sender.send(read(), controller.signal)).response };
  } catch (error) {
    const { isPermanent, isOfMessage, retryAfterSeconds } = error instanceof SendError ? error : new SendError('');
    return { kind: 'failed', id, error: errorText(error), isPermanent, isOfMessage, retryAfterSeconds };
  } finally {
    underWay.delete(id);
  }
}

toMain.on('message', (request: MailRequest) => {
  if (request.kind === 'abort') underWay.get(request.id)?.abort();
  else
    void send(request.id, () => (request.kind === 'send' ? request.message : write(request.draft))).then((reply) =>
      toMain.postMessage(reply),
    );
});

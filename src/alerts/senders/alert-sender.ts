import type { AlertDraft } from '../alert-draft.ts';
import type { AlertMessage } from '../alert-message.ts';

/** Hands messages of one channel to the outside. */
export type AlertSender = {
  /** Resolves when the other side has taken responsibility for the message; rejects with `SendError` when this attempt failed. */
  send(message: AlertMessage, signal: AbortSignal): Promise<SendAcceptance>;
  /**
   * The same for a message whose words are to be written in the sender's own thread; absent: only written ones are sent.
   * `acknowledgeUrl`: by which its recipient acknowledges.
   */
  sendDraft?(draft: AlertDraft, acknowledgeUrl: string | null, signal: AbortSignal): Promise<SendAcceptance>;
  /** Ends in an orderly way: messages under way get a moment to finish. */
  stop(): Promise<void>;
};

/** The other side's words, at most 200 characters: the reply of a mail server, the status of a web server. */
export type SendAcceptance = { response: string };

/** One attempt failed. */
export class SendError extends Error {
  /** Trying again cannot help: the mailbox does not exist, the webhook answered 410. */
  readonly isPermanent: boolean;
  /** The other side answered, and refused this message for now: others may fare better. */
  readonly isOfMessage: boolean;
  /** The other side was not reached, or turned everybody away: no other message would have fared better. */
  readonly isUnreached: boolean;
  /** What the other side asked for (`Retry-After`). */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    message: string,
    options: {
      isPermanent?: boolean;
      isOfMessage?: boolean;
      isUnreached?: boolean;
      retryAfterSeconds?: number | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'SendError';
    this.isPermanent = options.isPermanent ?? false;
    this.isOfMessage = options.isOfMessage ?? false;
    this.isUnreached = options.isUnreached ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

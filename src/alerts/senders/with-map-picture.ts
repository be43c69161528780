import type { AlertDraft } from '../alert-draft.ts';
import { mapPlace } from '../content/map-place.ts';
import type { MapPictures } from '../map-picture/map-pictures.ts';
import type { AlertSender, SendAcceptance } from './alert-sender.ts';
import type { PicturedMessage } from './write-mail.ts';

/** A sender of mail that takes the picture of the place along. */
export type PicturedSender = {
  send(message: PicturedMessage, signal: AbortSignal): Promise<SendAcceptance>;
  sendDraft?: (
    draft: AlertDraft,
    acknowledgeUrl: string | null,
    signal: AbortSignal,
    picture?: PicturedMessage['picture'],
  ) => Promise<SendAcceptance>;
  stop(): Promise<void>;
};

/**
 * Gives mails the picture of their place before they go to `sender`. A picture that fails or is late costs the mail nothing but the
 * picture.
 */
export function withMapPicture(sender: PicturedSender, pictures: MapPictures): AlertSender {
  const { sendDraft } = sender;
  return {
    async send(message, signal) {
      const { content } = message;
      if (content.channel !== 'email' || content.html === null || content.map === null)
        return sender.send(message, signal);
      const picture = await pictures.picture(content.map, message.organizationId);
      return sender.send({ ...message, picture }, signal);
    },
    ...(sendDraft && {
      async sendDraft(draft, acknowledgeUrl, signal) {
        const place = mapPlace(draft.occasion);
        const picture = place && (await pictures.picture(place, draft.organizationId));
        return sendDraft(draft, acknowledgeUrl, signal, picture);
      },
    }),
    async stop() {
      await pictures.stop();
      await sender.stop();
    },
  };
}

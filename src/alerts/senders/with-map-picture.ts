import type { MapPictures } from '../map-picture/map-pictures.ts';
import type { AlertSender } from './alert-sender.ts';
import type { PicturedMessage } from './mail-message.ts';

/**
 * Gives mails the picture of their place before they go to `sender`. A picture that fails or is late costs the mail nothing but the
 * picture.
 */
export function withMapPicture(
  sender: {
    send(message: PicturedMessage, signal: AbortSignal): ReturnType<AlertSender['send']>;
    stop(): Promise<void>;
  },
  pictures: MapPictures,
): AlertSender {
  return {
    async send(message, signal) {
      const { content } = message;
      if (content.channel !== 'email' || content.html === null || content.map === null)
        return sender.send(message, signal);
      const picture = await pictures.picture(content.map, message.organizationId);
      return sender.send({ ...message, picture }, signal);
    },
    async stop() {
      await pictures.stop();
      await sender.stop();
    },
  };
}

import type { SendMailOptions } from 'nodemailer';
import type { AlertMessage } from '../alert-message.ts';
import { MAP_SLOT, mapFigure } from '../content/mail-layout.ts';
import { cutText, oneLine } from '../content/one-line.ts';
import { messageIdOf, messageKey } from '../delivery/message-key.ts';
import { isAddress } from '../email-addresses.ts';
import type { MapPicture } from '../map-picture/map-pictures.ts';
import { SendError } from './alert-sender.ts';
import { picturePart, textPart } from './mime-part.ts';

/** A message with the picture of its place, which is drawn when it leaves and stored nowhere. */
export type PicturedMessage = AlertMessage & { picture?: MapPicture | null };

/** Longer ones are cut: what is shown of a subject is much shorter. */
const MAX_SUBJECT_LENGTH = 300;
/** RFC 5321 §4.5.3.1.3, without the brackets. */
const MAX_ADDRESS_BYTES = 254;

/** The mail that begins the thread of an incident at this endpoint: its key is known, whether or not it was ever sent. */
function threadOf(message: AlertMessage, mailFrom: string): { inReplyTo?: string; references?: string } {
  const incident = message.callId ?? message.incidentId;
  if (incident === null) return {};
  const first = messageKey(incident, message.endpoint, 'call-started');
  if (first === message.key) return {};
  const id = messageIdOf(first, mailFrom);
  return { inReplyTo: id, references: id };
}

/** The HTML with its picture, or with nothing in its place; `null`: there is no place for one. */
function putPicture(html: string, figure: string): string | null {
  if (html.includes(MAP_SLOT)) return html.replace(MAP_SLOT, () => figure);
  const end = html.lastIndexOf('</body>');
  return end < 0 ? null : `${html.slice(0, end)}${figure}${html.slice(end)}`;
}

type Parts = Pick<SendMailOptions, 'text' | 'html' | 'attachments'>;

function partsOf(message: PicturedMessage, mailFrom: string): Parts {
  const { content, picture } = message;
  if (content.channel !== 'email') return {};
  const { html, map, text } = content;
  // A text alone is no part: it stands below the header of the mail.
  if (html === null) return { text: text.toWellFormed() };
  const plainText = { text: textPart('text/plain', text) };
  const unpictured = (): Parts => ({ ...plainText, html: textPart('text/html', html.replace(MAP_SLOT, '')) });
  if (!picture || map === null) return unpictured();
  const cid = `map.${messageIdOf(message.key, mailFrom).slice(1, -1)}`;
  const pictured = putPicture(html, mapFigure(cid, oneLine(map.caption), oneLine(picture.attribution)));
  if (pictured === null) return unpictured();
  return {
    ...plainText,
    html: textPart('text/html', pictured),
    attachments: [picturePart(picture.png, 'map.png', cid)],
  };
}

/**
 * A mail as nodemailer wants it: nothing is fetched; automatic replies are discouraged (RFC 3834 §5); mails of one incident are one
 * thread (RFC 5322 §3.6.4). Throws `SendError` for good where the address is none.
 */
export function mailMessage(message: PicturedMessage, mailFrom: string): SendMailOptions {
  const { content, endpoint, severity } = message;
  if (endpoint.channel !== 'email' || content.channel !== 'email') {
    throw new SendError(`a message for the channel ${endpoint.channel} is no mail`, { isPermanent: true });
  }
  const { address } = endpoint;
  if (!isAddress(address) || !address.isWellFormed() || Buffer.byteLength(address) > MAX_ADDRESS_BYTES) {
    throw new SendError(`${cutText(oneLine(address), 80)} is not an e-mail address`, { isPermanent: true });
  }
  const isUrgent = severity === 'emergency' || severity === 'critical';
  return {
    messageId: messageIdOf(message.key, mailFrom),
    ...threadOf(message, mailFrom),
    from: mailFrom,
    to: { name: '', address },
    subject: cutText(oneLine(content.subject), MAX_SUBJECT_LENGTH),
    ...partsOf(message, mailFrom),
    date: new Date(message.writtenAt),
    headers: {
      'Auto-Submitted': 'auto-generated',
      // Exchange sends absence notes to what is generated, too, unless told this.
      'X-Auto-Response-Suppress': 'All',
      ...(isUrgent && { Priority: 'urgent' }),
    },
    ...(isUrgent && { priority: 'high' as const }),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

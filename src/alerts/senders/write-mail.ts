import { encodeWord, foldLines } from 'nodemailer/lib/mime-funcs';
import MimeNode from 'nodemailer/lib/mime-node';
import { BoundedMap } from '../../support/bounded-map.ts';
import type { AlertDraft } from '../alert-draft.ts';
import type { AlertMessage, MessageContent } from '../alert-message.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import { writeDraft } from '../content/compose-message.ts';
import { escapeHtml } from '../content/escape-html.ts';
import { MAP_SLOT, mapFigure } from '../content/mail-layout.ts';
import { cutText, oneLine } from '../content/one-line.ts';
import { messageIdOf, messageKey } from '../delivery/message-key.ts';
import { isAddress } from '../email-addresses.ts';
import type { MapPicture } from '../map-picture/map-pictures.ts';
import { SendError } from './alert-sender.ts';
import type { CommonDraft, MailDraft } from './mail-draft.ts';
import { encodeQuotedPrintable, picturePart, textPartHead } from './mime-part.ts';

/** A message with the picture of its place, which is drawn when it leaves and stored nowhere. */
export type PicturedMessage = AlertMessage & { picture?: MapPicture | null };

/**
 * A mail as SMTP takes it: lines ended by CRLF, none of them beginning with a dot, no line end after the last. ASCII but for a
 * recipient whose address is not, which is UTF-8 (RFC 6532 §3.2).
 */
export type WrittenMail = {
  envelope: { from: string; to: string[] };
  /** With its angle brackets. */
  messageId: string;
  pieces: readonly Buffer[];
};

/** Longer ones are cut: what is shown of a subject is much shorter. */
const MAX_SUBJECT_LENGTH = 300;
/** `=_` stands in no text that is quoted-printable and in no base64, so nobody writes a boundary into a name (RFC 2045 §6.7). */
const ALTERNATIVE = 'waymark=_alternative';
const RELATED = 'waymark=_related';
/** Stands for the link of one recipient in what is written for all of an occasion. */
const LINK_PLACE = `https://link.invalid/${crypto.randomUUID()}`;

const KEPT_OCCASIONS = 200;
const KEPT_BODIES = 200;
const KEPT_PICTURES = 100;
const KEPT_ADDRESSES = 5_000;

type Mail = Extract<MessageContent, { channel: 'email' }>;
type Heading = Pick<AlertMessage, 'callId' | 'incidentId' | 'severity' | 'writtenAt'>;

/** What of a mail is the same for everybody: header fields, and parts with places for a link. */
type Body = {
  heading: Heading;
  fields: string;
  /** Encoded, with the link between one and the next. */
  text: readonly string[];
  html: readonly string[];
  picture: Buffer | null;
};

type Party = { fields: string; envelope: WrittenMail['envelope'] };

/** Who sends and who receives, as nodemailer writes them: encoded (RFC 2047) and folded, but for letters of an address before its `@`. */
function writeParty(mailFrom: string, address: string): Party {
  const node = new MimeNode('text/plain');
  node.setHeader({ from: mailFrom });
  node.setHeader('To', { name: '', address });
  const fields = node.buildHeaders().split(/\r\n(?![ \t])/);
  const { from, to } = node.getEnvelope();
  return {
    fields: fields.filter((field) => /^(?:From|To):/i.test(field)).join('\r\n'),
    envelope: { from: from === false ? '' : from, to },
  };
}

/** What our mails have beside who, when and what about: fields of ASCII. */
const COMMON_FIELDS = [
  'Auto-Submitted: auto-generated',
  // Exchange sends absence notes to what is generated, too, unless told this.
  'X-Auto-Response-Suppress: All',
  'MIME-Version: 1.0',
];
const URGENT_FIELDS = ['Priority: urgent', 'X-Priority: 1 (Highest)', 'X-MSMail-Priority: High', 'Importance: High'];

/** Also what looks like an encoded word: a caller's name is shown as it is, and not as what it may decode to (RFC 2047 §2). */
const NEEDS_ENCODING = /[^\x20-\x7e]|=\?/;

function writeFields({ severity, writtenAt }: Heading, subject: string): string {
  const isUrgent = severity === 'emergency' || severity === 'critical';
  const words = cutText(oneLine(subject), MAX_SUBJECT_LENGTH);
  return [
    foldLines(`Subject: ${NEEDS_ENCODING.test(words) ? encodeWord(words, 'Q', 52) : words}`, 76),
    `Date: ${new Date(writtenAt).toUTCString().replace('GMT', '+0000')}`,
    ...COMMON_FIELDS,
    ...(isUrgent ? URGENT_FIELDS : []),
  ].join('\r\n');
}

/** The mail that begins the thread of an incident at this endpoint: its key is known, whether or not it was ever sent. */
function threadFields({ callId, incidentId }: Heading, key: string, address: string, mailFrom: string): string {
  const incident = callId ?? incidentId;
  if (incident === null) return '';
  const first = messageKey(incident, { channel: 'email', address }, 'call-started');
  if (first === key) return '';
  const id = messageIdOf(first, mailFrom);
  return `In-Reply-To: ${id}\r\nReferences: ${id}\r\n`;
}

/** The HTML with its picture, or with nothing in its place; `null`: there is no place for one. */
function putPicture(html: string, figure: string): string | null {
  if (html.includes(MAP_SLOT)) return html.replace(MAP_SLOT, () => figure);
  const end = html.lastIndexOf('</body>');
  return end < 0 ? null : `${html.slice(0, end)}${figure}${html.slice(end)}`;
}

/** Each but the last ends in a soft line break (RFC 2045 §6.7), before the link. */
const encodeAround = (text: string): string[] =>
  text.split(LINK_PLACE).map((part, number, { length }) => encodeQuotedPrintable(part, number < length - 1 ? '=' : ''));

const linkBetween = (link: string): string => `\r\n${encodeQuotedPrintable(link, '=')}\r\n`;

/** Writes mails: whole ones, and drafts, of which what several people are told alike is written once. */
export type MailWriting = {
  /** Throws `SendError` for good where the address is none, or the message no mail. */
  write(message: PicturedMessage): WrittenMail;
  /** The same. */
  writeDraft(draft: MailDraft): WrittenMail;
};

/**
 * Mails leave as they were written: nothing is fetched; automatic replies are discouraged (RFC 3834 §5); mails of one incident
 * are one thread (RFC 5322 §3.6.4).
 */
export function createMailWriting(mailFrom: string): MailWriting {
  const occasions = new BoundedMap<number, AlertOccasion>(KEPT_OCCASIONS);
  const bodies = new BoundedMap<string, Body>(KEPT_BODIES);
  const pictures = new BoundedMap<string, Buffer>(KEPT_PICTURES);
  const parties = new BoundedMap<string, Party>(KEPT_ADDRESSES);

  function partyOf(address: string): Party {
    let party = parties.get(address);
    if (party !== undefined) return party;
    if (!isAddress(address)) {
      throw new SendError(`${cutText(oneLine(address), 80)} is not an e-mail address`, { isPermanent: true });
    }
    party = writeParty(mailFrom, address);
    parties.set(address, party);
    return party;
  }

  function pictureOf({ id, png }: MapPicture, cid: string): Buffer {
    let part = pictures.get(id);
    if (part === undefined) {
      const text = `\r\n--${RELATED}\r\n${picturePart(png, 'map.png', cid)}\r\n--${RELATED}--\r\n\r\n--${ALTERNATIVE}--`;
      part = Buffer.from(text, 'latin1');
      pictures.set(id, part);
    }
    return part;
  }

  function bodyOf(heading: Heading, { html, map, subject, text }: Mail, picture: MapPicture | null): Body {
    const common = { heading, fields: writeFields(heading, subject), text: encodeAround(text) };
    if (html === null) return { ...common, html: [], picture: null };
    const cid = picture && messageIdOf(`map.${picture.id}`, mailFrom).slice(1, -1);
    const pictured =
      picture && cid && map && putPicture(html, mapFigure(cid, oneLine(map.caption), oneLine(picture.attribution)));
    if (!pictured) return { ...common, html: encodeAround(html.replace(MAP_SLOT, '')), picture: null };
    return { ...common, html: encodeAround(pictured), picture: pictureOf(picture, cid) };
  }

  function assemble(body: Body, key: string, address: string, link: string | null): WrittenMail {
    const { envelope, fields } = partyOf(address);
    const messageId = messageIdOf(key, mailFrom);
    const head =
      `Message-ID: ${messageId}\r\n${threadFields(body.heading, key, address, mailFrom)}` +
      `${fields}\r\n${body.fields}\r\n`;
    const text = textPartHead('text/plain') + body.text.join(linkBetween(link ?? ''));
    const pieces: Buffer[] = [];
    if (body.html.length === 0) pieces.push(Buffer.from(head + text, 'utf8'));
    else {
      const html = textPartHead('text/html') + body.html.join(linkBetween(escapeHtml(link ?? '')));
      const begin = `${head}Content-Type: multipart/alternative; boundary="${ALTERNATIVE}"\r\n\r\n--${ALTERNATIVE}\r\n${text}\r\n--${ALTERNATIVE}\r\n`;
      if (body.picture === null) pieces.push(Buffer.from(`${begin}${html}\r\n--${ALTERNATIVE}--`, 'utf8'));
      else {
        const related = `Content-Type: multipart/related; type="text/html"; boundary="${RELATED}"\r\n\r\n--${RELATED}\r\n${html}`;
        pieces.push(Buffer.from(begin + related, 'utf8'), body.picture);
      }
    }
    return { envelope, messageId, pieces };
  }

  function occasionOf({ json, number }: MailDraft['occasion']): AlertOccasion {
    let occasion = occasions.get(number);
    if (occasion === undefined) {
      occasion = JSON.parse(json) as AlertOccasion;
      occasions.set(number, occasion);
    }
    return occasion;
  }

  /** What the draft says to whoever is told the same. */
  function commonBody({ acknowledgeUrl, common, occasion, picture }: MailDraft): Body {
    const name = `${occasion.number} ${picture?.id ?? ''} ${acknowledgeUrl === null} ${common}`;
    let body = bodies.get(name);
    if (body !== undefined) return body;
    const known = JSON.parse(common) as CommonDraft;
    const endpoint = { channel: 'email', address: '' } as const;
    const nobody = { endpoint, recipientId: null, label: '', reasons: known.told.reasons };
    const draft: AlertDraft = {
      ...known,
      ...nobody,
      key: '',
      content: null,
      told: { ...known.told, ...nobody, afterSeconds: 0 },
      occasion: occasionOf(occasion),
    };
    const { content } = writeDraft(draft, acknowledgeUrl === null ? null : LINK_PLACE, null);
    body = bodyOf(known, content as Mail, picture);
    bodies.set(name, body);
    return body;
  }

  return {
    write(message) {
      const { content, endpoint, key, picture = null } = message;
      if (endpoint.channel !== 'email' || content.channel !== 'email') {
        throw new SendError(`a message for the channel ${endpoint.channel} is no mail`, { isPermanent: true });
      }
      partyOf(endpoint.address);
      return assemble(bodyOf(message, content, picture), key, endpoint.address, null);
    },
    writeDraft: (draft) => assemble(commonBody(draft), draft.key, draft.address, draft.acknowledgeUrl),
  };
}

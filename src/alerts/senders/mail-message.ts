import type { SendMailOptions } from 'nodemailer';
import type { OutgoingMail } from './mail-sender.ts';

/** A mail as nodemailer wants it: nothing is fetched, automatic replies are discouraged (RFC 3834 §5). */
export function mailMessage(mail: OutgoingMail): SendMailOptions {
  return {
    messageId: mail.messageId,
    from: mail.from,
    to: { name: '', address: mail.to },
    subject: mail.subject,
    text: mail.text,
    ...(mail.html !== null && { html: mail.html }),
    date: mail.date,
    headers: { 'Auto-Submitted': 'auto-generated' },
    ...(mail.urgent && { priority: 'high' as const }),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

import type { SendMailOptions } from 'nodemailer';
import type { AlertMessage } from '../alert-message.ts';
import { messageIdOf } from '../delivery/message-key.ts';
import { SendError } from './alert-sender.ts';

/** A mail as nodemailer wants it: nothing is fetched, automatic replies are discouraged (RFC 3834 §5). */
export function mailMessage(message: AlertMessage, mailFrom: string): SendMailOptions {
  const { content, endpoint, severity } = message;
  if (endpoint.channel !== 'email' || content.channel !== 'email') {
    throw new SendError(`a message for the channel ${endpoint.channel} is no mail`, { isPermanent: true });
  }
  return {
    messageId: messageIdOf(message.key, mailFrom),
    from: mailFrom,
    to: { name: '', address: endpoint.address },
    subject: content.subject,
    text: content.text,
    ...(content.html !== null && { html: content.html }),
    date: new Date(message.writtenAt),
    headers: { 'Auto-Submitted': 'auto-generated' },
    ...((severity === 'emergency' || severity === 'critical') && { priority: 'high' as const }),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

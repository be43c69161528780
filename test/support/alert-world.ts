/** An organization whose alerts go to real servers of every channel: a mail server, a webhook, an SMS gateway, a chat room. */
import type { TestContext } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { AlertTrigger } from '../../src/domain/alert-trigger.ts';
import { openReceiver, type SeenRequest } from './connection-fixture.ts';
import type { PlatformClient } from './platform-client.ts';
import type { SmtpReceiver } from './smtp-receiver.ts';

/** What a webhook of ours carries. */
export type WebhookEvent = { type: string; timestamp: string; data: Record<string, unknown> & { subjectId: string } };

export type AlertWorld = {
  /** Verified by the public library, in order of arrival. */
  webhooks(): WebhookEvent[];
  /** Texts of SMS, in order of arrival. */
  texts(): { to: string; text: string }[];
  chats(): SeenRequest[];
  mailsTo(address: string): { subject: string; text: string; messageId: string }[];
  ids: { mail: string; webhook: string; sms: string; chat: string };
  /** A recipient that has one endpoint by mail. */
  addMail(name: string, more?: object): Promise<string>;
  addRule(name: string, triggers: readonly AlertTrigger[], steps: readonly object[], more?: object): Promise<string>;
  removeRule(id: string): Promise<void>;
};

/** Environment of a platform that may reach the servers of this world. */
export function alertEnv(mail: SmtpReceiver): Record<string, string> {
  return { WAYMARK_SMTP_URL: mail.url, WAYMARK_WEBHOOK_NETWORKS: '127.0.0.0/8' };
}

/** Sets it up as administrators do, over `/api`. */
export async function openAlertWorld(
  client: PlatformClient,
  mail: SmtpReceiver,
  onEnd: (end: () => void) => void,
): Promise<AlertWorld> {
  const t = { after: onEnd } as unknown as TestContext;
  const [webhook, sms, chat] = await Promise.all([openReceiver(t), openReceiver(t), openReceiver(t)]);
  const add = (path: string, body: object): Promise<{ id: string; secret: string | null }> =>
    client.must('POST', path, body);
  const hook = await add('/api/alert-connections', {
    name: 'Hook',
    kind: 'webhook',
    settings: { url: `${webhook.url}/hook` },
  });
  const gateway = await add('/api/alert-connections', {
    name: 'Gateway',
    kind: 'sms-gateway',
    settings: {
      url: `${sms.url}/send`,
      body: '{"to":"{number}","text":"{text}","id":"{key}"}',
      contentType: 'application/json',
    },
  });
  const room = await add('/api/alert-connections', {
    name: 'Room',
    kind: 'chat',
    settings: { url: `${chat.url}/room`, flavour: 'slack' },
  });
  const addRecipient = async (name: string, endpoint: object, more: object = {}): Promise<string> =>
    (await add('/api/alert-recipients', { name, endpoints: [endpoint], ...more })).id;
  const verifier = new Webhook(hook.secret ?? '');
  const addMail = (name: string, more?: object): Promise<string> =>
    addRecipient(name, { channel: 'email', address: `${name.toLowerCase()}@example.com` }, more);
  return {
    webhooks: () =>
      webhook.seen.map(({ body, headers }) => verifier.verify(body, headers as Record<string, string>) as WebhookEvent),
    texts: () =>
      sms.seen.map(({ body }) => {
        const { to, text } = JSON.parse(body) as { to: string; text: string };
        return { to, text };
      }),
    chats: () => chat.seen,
    mailsTo: (address) =>
      mail.received
        .filter(({ to }) => to.includes(address))
        .map(({ mail: { subject = '', text = '', messageId = '' } }) => ({ subject, text, messageId })),
    ids: {
      mail: await addMail('Guard'),
      webhook: await addRecipient('Program', { channel: 'webhook', connectionId: hook.id }),
      sms: await addRecipient('Phone', { channel: 'sms', connectionId: gateway.id, number: '+12145550177' }),
      chat: await addRecipient('Chat', { channel: 'chat', connectionId: room.id }, { language: 'fr' }),
    },
    addMail,
    async addRule(name, triggers, steps, more = {}) {
      return (await add('/api/alert-rules', { name, triggers, steps, ...more })).id;
    },
    async removeRule(id) {
      await client.must('DELETE', `/api/alert-rules/${id}`);
    },
  };
}

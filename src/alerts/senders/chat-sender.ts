import type { Clock } from '../../support/clock.ts';
import type { OutgoingHttp } from '../../transport/outgoing-http.ts';
import type { ChatFlavour } from '../connections/alert-connection.ts';
import { queryValuesIn } from '../connections/read-outgoing-url.ts';
import { SendError } from './alert-sender.ts';
import { composeChat } from './chat-payload.ts';
import { acceptanceOf, type ConnectionAnswer, exchangeWithConnection, refusalOf } from './connection-exchange.ts';
import { type ConnectionSender, createConnectionSender, type FindConnection } from './connection-sender.ts';

/** The room, or its webhook, is no longer there. */
const GONE = [404, 410];

/** Chat rooms by the incoming webhooks of Webex, Microsoft Teams and Slack. */
export function createChatSender(deps: {
  http: OutgoingHttp;
  find: FindConnection;
  clock: Pick<Clock, 'nowMs'>;
}): ConnectionSender {
  const { http, find, clock } = deps;
  return createConnectionSender({
    kind: 'chat',
    find,
    async hand({ settings, secrets }, { content }, signal) {
      if (content.channel !== 'chat')
        throw new SendError(`a chat room takes no ${content.channel}`, { isPermanent: true });
      const answer = await exchangeWithConnection(
        http,
        {
          method: 'POST',
          url: secrets.url,
          headers: { 'content-type': 'application/json' },
          body: composeChat(settings.flavour, content),
          timeoutSeconds: settings.timeoutSeconds,
          secrets: [secrets.url, new URL(secrets.url).pathname, ...queryValuesIn(secrets.url)],
        },
        signal,
      );
      if (isTaken(settings.flavour, answer)) return acceptanceOf(answer);
      throw refusalOf(answer, clock.nowMs(), { isPermanent: GONE.includes(answer.status) });
    },
  });
}

/** Teams answers 200 also where its connector could not hand the card on, and says so in the body. */
function isTaken(flavour: ChatFlavour, { status, body }: ConnectionAnswer): boolean {
  if (status < 200 || status > 299) return false;
  return flavour !== 'teams' || !body.startsWith('Webhook message delivery failed');
}

import type { Clock } from '../../support/clock.ts';
import type { OutgoingHttp } from '../../transport/outgoing-http.ts';
import type { SuccessRule } from '../connections/alert-connection.ts';
import { fillBody, fillHeader, fillUrl, type PlaceholderValues } from '../connections/fill-template.ts';
import { findJsonValue } from '../connections/find-json-value.ts';
import { queryValuesIn } from '../connections/read-outgoing-url.ts';
import { SendError } from './alert-sender.ts';
import { acceptanceOf, type ConnectionAnswer, exchangeWithConnection, refusalOf } from './connection-exchange.ts';
import { type ConnectionSender, createConnectionSender, type FindConnection } from './connection-sender.ts';
import { toSmsText } from './sms-segments.ts';

/** E.164, as recipients hold it. */
const NUMBER = /^\+[1-9]\d{6,14}$/;
/** By these a gateway refuses the message itself. */
const REFUSED = [400, 422];
/** With these it takes no message at all; another number fares no better. */
const SHUT = [401, 403, 404, 408, 429];

/**
 * SMS through whatever gateway an organization has: its request is a template. An answer that its success rule does not
 * recognize is a failure that is tried again, since only the gateway knows what it means.
 */
export function createSmsSender(deps: {
  http: OutgoingHttp;
  find: FindConnection;
  clock: Pick<Clock, 'nowMs'>;
}): ConnectionSender {
  const { http, find, clock } = deps;
  return createConnectionSender({
    kind: 'sms-gateway',
    find,
    async hand({ settings, secrets }, { key, content, endpoint }, signal) {
      if (content.channel !== 'sms' || endpoint.channel !== 'sms') {
        throw new SendError(`an SMS gateway takes no ${content.channel}`, { isPermanent: true });
      }
      const { number } = endpoint;
      if (!NUMBER.test(number)) throw new SendError('the number is none of E.164', { isPermanent: true });
      const values: PlaceholderValues = {
        number,
        digits: number.slice(1),
        text: toSmsText(content.text, settings.maxSegments).text,
        from: settings.from ?? '',
        key,
        secret: secrets.credential ?? '',
      };
      const headers = Object.fromEntries(secrets.headers.map(({ name, value }) => [name, fillHeader(value, values)]));
      const { body, contentType } = settings;
      const hasBody = body !== null && contentType !== null;
      if (hasBody) headers['content-type'] = `${contentType}; charset=utf-8`;
      const answer = await exchangeWithConnection(
        http,
        {
          method: settings.method,
          url: fillUrl(secrets.url, values),
          headers,
          body: hasBody ? fillBody(body, contentType, values) : '',
          timeoutSeconds: settings.timeoutSeconds,
          secrets: [
            values.secret,
            ...secrets.headers.flatMap(({ value }) => [value, ...value.split(' ')]),
            ...queryValuesIn(secrets.url),
          ],
        },
        signal,
      );
      if (isSuccess(settings.successRule, answer)) return acceptanceOf(answer);
      throw refusalOf(answer, clock.nowMs(), {
        isPermanent: REFUSED.includes(answer.status),
        isOfMessage: answer.status < 500 && !SHUT.includes(answer.status),
      });
    },
  });
}

function isSuccess({ statuses, bodyContains, json }: SuccessRule, { status, body }: ConnectionAnswer): boolean {
  if (statuses.length > 0 ? !statuses.includes(status) : status < 200 || status > 299) return false;
  if (bodyContains !== null && !body.includes(bodyContains)) return false;
  if (json === null) return true;
  const found = findJsonValue(body, json.path);
  return found !== undefined && json.equals.includes(found);
}

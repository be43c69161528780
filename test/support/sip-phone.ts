import { randomBytes } from 'node:crypto';
import type { ClientTransaction } from '../../src/calls/transactions/transaction.ts';
import { createTransactionLayer } from '../../src/calls/transactions/transaction-layer.ts';
import { systemClock } from '../../src/support/clock.ts';
import { createLogger } from '../../src/support/logger.ts';
import type { SipProtocol, SipTarget } from '../../src/transport/sip-flow.ts';
import { createSipTransport, type SipTransportDeps } from '../../src/transport/sip-transport.ts';
import {
  headerValue,
  headerValues,
  NO_BODY,
  type SipHeader,
  type SipRequest,
  type SipResponse,
} from '../../src/wire/sip/message.ts';
import { readNameAddr } from '../../src/wire/sip/name-addr.ts';
import { createResponse } from '../../src/wire/sip/responses.ts';
import { readSipUri } from '../../src/wire/sip/uri.ts';

export type InviteOptions = {
  uri?: string;
  from?: string;
  headers?: readonly SipHeader[];
  body?: Buffer;
  contentType?: string;
  callId?: string;
};

/** One call of a test phone. */
export type PhoneCall = {
  readonly callId: string;
  readonly invite: SipRequest;
  /** Every response, in order of arrival. */
  readonly responses: readonly SipResponse[];
  /** Milliseconds from INVITE to each response. */
  readonly arrivalsMs: readonly number[];
  /** The final response; rejects when there is none in time. */
  final(): Promise<SipResponse>;
  /** Resolves at the first response of this status. */
  status(status: number): Promise<SipResponse>;
  ack(body?: Buffer): Promise<void>;
  /** Sends a request in the dialog by its route set, resolves with its final response. */
  request(method: string, options?: { body?: Buffer; contentType?: string }): Promise<SipResponse>;
  cancel(): void;
  /** Resolves when the other side hangs up. */
  hungUp(): Promise<SipRequest>;
};

export type SipPhone = {
  readonly sentBy: string;
  /** Calls that came to it, oldest first; it answers every one. */
  readonly invites: readonly SipRequest[];
  call(options?: InviteOptions): PhoneCall;
  /** Any request outside a dialog. */
  send(request: Omit<SipRequest, 'kind' | 'headers'> & { headers?: readonly SipHeader[] }): Promise<SipResponse>;
  close(): Promise<void>;
};

const OFFER = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 49170 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
  '',
].join('\r\n');

function token(): string {
  return randomBytes(8).toString('hex');
}

/** A phone (or SBC) for tests: our own wire, transport and transactions at the caller's end. */
export async function openPhone(options: {
  host?: string;
  protocol?: SipProtocol;
  target: SipTarget;
  tls?: SipTransportDeps['tls'];
}): Promise<SipPhone> {
  const { host = '127.0.0.1', target } = options;
  const logger = createLogger('silent');
  const clock = systemClock;
  const transport = createSipTransport({ hosts: [host], port: 0, tls: options.tls, isTrusted: () => true, logger });
  const ended = new Map<string, (bye: SipRequest) => void>();
  const invites: SipRequest[] = [];
  const layer = createTransactionLayer({
    transport,
    clock,
    logger,
    onRequest(request, transaction) {
      if (request.method === 'INVITE') {
        invites.push(request);
        const headers = [{ name: 'Contact', value: `<sip:phone@${sentBy}${suffix}>` }];
        transaction.respond(createResponse(request, 200, undefined, { toTag: token(), headers }));
        return;
      }
      transaction.respond(createResponse(request, 200));
      if (request.method === 'BYE') ended.get(headerValue(request, 'Call-ID') ?? '')?.(request);
    },
    onAck: () => undefined,
    onStrayResponse: () => undefined,
  });
  await transport.listen(layer.receive);
  const sentBy = transport.sentBy(target);
  const suffix = target.protocol === 'udp' ? '' : `;transport=${target.protocol}`;

  function targetOf(uri: string): SipTarget {
    const read = readSipUri(uri);
    if (!read) throw new Error(`no SIP URI: ${uri}`);
    const named = read.params.find(({ name }) => name === 'transport')?.value;
    const protocol = named === 'tcp' || named === 'tls' ? named : 'udp';
    const place = { protocol, address: read.host, port: read.port ?? 5060 } as const;
    // The platform is known by one name, wherever in its dialogs it is met.
    return protocol === 'tls' && target.serverName ? { ...place, serverName: target.serverName } : place;
  }

  return {
    sentBy,
    invites,
    call({ uri = `sip:911@${sentBy}`, from = '+12145550100', headers = [], body, contentType, callId = token() } = {}) {
      const startedMs = performance.now();
      const invite: SipRequest = {
        kind: 'request',
        method: 'INVITE',
        uri,
        headers: [
          { name: 'Max-Forwards', value: '70' },
          { name: 'From', value: `"Caller" <sip:${from}@${sentBy}>;tag=${token()}` },
          { name: 'To', value: `<${uri}>` },
          { name: 'Call-ID', value: callId },
          { name: 'CSeq', value: '1 INVITE' },
          { name: 'Contact', value: `<sip:phone@${sentBy}${suffix}>` },
          ...headers,
          { name: 'Content-Type', value: contentType ?? 'application/sdp' },
        ],
        body: body ?? Buffer.from(OFFER, 'utf8'),
      };
      const responses: SipResponse[] = [];
      const arrivalsMs: number[] = [];
      const waiters: { wanted: (response: SipResponse) => boolean; resolve: (response: SipResponse) => void }[] = [];
      const bye = Promise.withResolvers<SipRequest>();
      ended.set(callId, bye.resolve);
      let sequence = 1;
      const fail = (error: Error): void => {
        responses.push({ kind: 'response', status: 599, reason: error.message, headers: [], body: NO_BODY });
        for (const { resolve } of waiters) resolve(responses.at(-1) as SipResponse);
      };
      const transaction: ClientTransaction = layer.sendRequest(invite, target, {
        onResponse(response) {
          responses.push(response);
          arrivalsMs.push(performance.now() - startedMs);
          for (const waiter of waiters) if (waiter.wanted(response)) waiter.resolve(response);
        },
        onTimeout: () => fail(new Error('timeout')),
        onTransportError: fail,
      });
      const until = (wanted: (response: SipResponse) => boolean): Promise<SipResponse> => {
        const known = responses.find(wanted);
        return known ? Promise.resolve(known) : new Promise((resolve) => waiters.push({ wanted, resolve }));
      };
      const answer = (): SipResponse => {
        const found = responses.find(({ status }) => status >= 200 && status < 300);
        if (!found) throw new Error('not answered');
        return found;
      };
      const inDialog = (
        method: string,
        number: number,
        extra: readonly SipHeader[],
        content: Buffer,
      ): [SipRequest, SipTarget] => {
        const ok = answer();
        const remote = readNameAddr(headerValue(ok, 'Contact') ?? '')?.uri ?? '';
        const routes = headerValues(ok, 'Record-Route').reverse();
        const request: SipRequest = {
          kind: 'request',
          method,
          uri: remote,
          headers: [
            ...routes.map((value) => ({ name: 'Route', value })),
            { name: 'Max-Forwards', value: '70' },
            { name: 'From', value: headerValue(invite, 'From') ?? '' },
            { name: 'To', value: headerValue(ok, 'To') ?? '' },
            { name: 'Call-ID', value: callId },
            { name: 'CSeq', value: `${number} ${method}` },
            { name: 'Contact', value: headerValue(invite, 'Contact') ?? '' },
            ...extra,
          ],
          body: content,
        };
        return [request, targetOf(routes[0] === undefined ? remote : (readNameAddr(routes[0])?.uri ?? ''))];
      };
      return {
        callId,
        invite,
        responses,
        arrivalsMs,
        final: () => until(({ status }) => status >= 200),
        status: (status) => until((response) => response.status === status),
        async ack(content = NO_BODY) {
          const extra = content.length > 0 ? [{ name: 'Content-Type', value: 'application/sdp' }] : [];
          await layer.sendStateless(...inDialog('ACK', sequence, extra, content));
        },
        request(method, { body: content = NO_BODY, contentType: type = 'application/sdp' } = {}) {
          sequence++;
          const extra = content.length > 0 ? [{ name: 'Content-Type', value: type }] : [];
          const [request, next] = inDialog(method, sequence, extra, content);
          return new Promise((resolve, reject) => {
            layer.sendRequest(request, next, {
              onResponse(response) {
                if (response.status >= 200) resolve(response);
              },
              onTimeout: () => reject(new Error(`${method} was not answered`)),
              onTransportError: reject,
            });
          });
        },
        cancel: () => transaction.cancel(),
        hungUp: () => bye.promise,
      };
    },
    send(request) {
      const full: SipRequest = {
        ...request,
        kind: 'request',
        headers: [
          { name: 'Max-Forwards', value: '70' },
          { name: 'From', value: `<sip:probe@${sentBy}>;tag=${token()}` },
          { name: 'To', value: `<${request.uri}>` },
          { name: 'Call-ID', value: token() },
          { name: 'CSeq', value: `1 ${request.method}` },
          ...(request.headers ?? []),
        ],
      };
      return new Promise((resolve, reject) => {
        layer.sendRequest(full, target, {
          onResponse(response) {
            if (response.status >= 200) resolve(response);
          },
          onTimeout: () => reject(new Error('timeout')),
          onTransportError: reject,
        });
      });
    },
    async close() {
      layer.close();
      await transport.close();
    },
  };
}

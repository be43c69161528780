import { randomFillSync } from 'node:crypto';
import { ChurningMap } from '../../support/churning-map.ts';
import type { Clock } from '../../support/clock.ts';
import type { Logger } from '../../support/logger.ts';
import type { SipFlow, SipTarget, SipTransport } from '../../transport/sip-flow.ts';
import { cseqOf } from '../../wire/sip/cseq.ts';
import { formatHostPort } from '../../wire/sip/host-port.ts';
import { prependHeader, type SipRequest, type SipResponse } from '../../wire/sip/message.ts';
import { findRequestFault } from '../../wire/sip/request-faults.ts';
import { createResponse } from '../../wire/sip/responses.ts';
import { BRANCH_COOKIE, readTopVia, type Via, viaBranch } from '../../wire/sip/via.ts';
import {
  type ClientMachine,
  type ClientTransactionHost,
  InviteClient,
  NonInviteClient,
} from './client-transactions.ts';
import { createLingerQueue } from './linger-queue.ts';
import {
  InviteServer,
  NonInviteServer,
  type ServerMachine,
  type ServerTransactionHost,
} from './server-transactions.ts';
import { RFC3261_TIMERS, type TimerTable, transactionTimeoutMs } from './timer-table.ts';
import type { ClientHandlers, ClientTransaction, TransactionLayer, TransactionUser } from './transaction.ts';
import { clientTransactionKey, serverTransactionKey } from './transaction-key.ts';

export type TransactionLayerDeps = TransactionUser & {
  readonly transport: Pick<SipTransport, 'post' | 'send' | 'sentBy'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timers?: TimerTable;
  /** Beyond this many transactions of a kind, the oldest that only wait for retransmissions are forgotten. */
  readonly maxTransactions?: number;
};

const MAX_TRANSACTIONS = 400_000;
/** How many old transactions are looked at for one that may go. */
const EVICTION_SCAN = 64;
const TAG_BYTES = 8;
const BRANCH_BYTES = 16;
const BRANCH_MARK_BYTES = 8;

/** Unguessable hex text from a pool of random bytes: one system call serves many. */
function createRandomText(poolBytes = 8_192): (byteCount: number) => string {
  const pool = Buffer.alloc(poolBytes);
  let used = poolBytes;
  return (byteCount) => {
    if (used + byteCount > poolBytes) {
      randomFillSync(pool);
      used = 0;
    }
    used += byteCount;
    return pool.toString('hex', used - byteCount, used);
  };
}

/** Forgets the oldest transaction that already has its final response, when there are too many. */
function makeRoom(machines: ChurningMap<string, { readonly isFinal: boolean; stop(): void }>, limit: number): void {
  if (machines.size < limit) return;
  let scanned = 0;
  for (const [key, machine] of machines) {
    if (machine.isFinal) {
      machine.stop();
      machines.delete(key);
      return;
    }
    if (++scanned >= EVICTION_SCAN) return;
  }
}

/** Server and client transactions over a transport (RFC 3261 §17, RFC 6026). */
export function createTransactionLayer(deps: TransactionLayerDeps): TransactionLayer {
  const { transport, clock, logger, timers = RFC3261_TIMERS, maxTransactions = MAX_TRANSACTIONS } = deps;
  const servers = new ChurningMap<string, ServerMachine>();
  const clients = new ChurningMap<string, ClientMachine>();
  const randomText = createRandomText();
  let isClosed = false;
  /** Begins every branch of this layer, so that a request which comes back is known by it. */
  const branchMark = BRANCH_COOKIE + randomText(BRANCH_MARK_BYTES);

  function guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      logger.error({ err: error }, 'SIP: a handler of a transaction failed');
    }
  }

  /** Finished transactions, forgotten after a time that is the same for all in a queue. */
  function createLinger<Machine extends { readonly isFinal: boolean }>(
    machines: ChurningMap<string, Machine>,
    delayMs: number,
  ) {
    const queue = createLingerQueue<string>(clock, delayMs, (key) => {
      if (machines.get(key)?.isFinal) machines.delete(key);
    });
    return {
      add(key: string, rest: Machine): void {
        machines.set(key, rest);
        queue.add(key);
      },
      close: () => queue.close(),
    };
  }

  const timeoutMs = transactionTimeoutMs(timers);
  const serverLingers = { timeout: createLinger(servers, timeoutMs), t4: createLinger(servers, timers.t4Ms) };
  const clientLingers = {
    timeout: createLinger(clients, timeoutMs),
    'timer-d': createLinger(clients, timers.timerDMs),
    t4: createLinger(clients, timers.t4Ms),
  };

  const overdue = {
    servers: createLingerQueue<string>(clock, timers.t1Ms, (key) => servers.get(key)?.overdue()),
    clients: createLingerQueue<string>(clock, timers.t1Ms, (key) => clients.get(key)?.overdue()),
  };

  const serverHost: ServerTransactionHost = {
    clock,
    timers,
    guard,
    lookAgain: (key) => overdue.servers.add(key),
    send(response, flow, onFailure) {
      transport.post(response, flow, (error) => {
        logger.warn(
          { err: error, status: response.status, remoteAddress: flow.remoteAddress },
          'SIP: response not sent',
        );
        onFailure?.(error);
      });
    },
    forget: (key) => void servers.delete(key),
    linger: (key, rest, howLong) => serverLingers[howLong].add(key, rest),
  };

  const clientHost: ClientTransactionHost = {
    clock,
    timers,
    guard,
    lookAgain: (key) => overdue.clients.add(key),
    send(request, target, onFailure) {
      transport.post(request, target, onFailure);
    },
    sendCancel: (cancel, target, branch) => void startClient(cancel, target, cancelHandlers, branch),
    forget: (key) => void clients.delete(key),
    linger: (key, rest, howLong) => clientLingers[howLong].add(key, rest),
  };

  /** Whatever becomes of a CANCEL, the INVITE's own answer or its timeout decides (RFC 3261 §9.1). */
  const cancelHandlers: ClientHandlers = {
    onResponse: () => undefined,
    onTimeout: () => logger.warn({}, 'SIP: a CANCEL was not answered'),
    onTransportError: (error) => logger.warn({ err: error }, 'SIP: a CANCEL could not be sent'),
  };

  function openServer(key: string, request: SipRequest, flow: SipFlow): InviteServer | NonInviteServer {
    makeRoom(servers, maxTransactions);
    const Kind = request.method === 'INVITE' ? InviteServer : NonInviteServer;
    const transaction = new Kind(key, request, flow, serverHost);
    servers.set(key, transaction);
    return transaction;
  }

  function receiveRequest(request: SipRequest, flow: SipFlow): void {
    const via = readTopVia(request);
    if (!via) {
      // Without a Via there is nowhere to send an answer.
      logger.warn({ remoteAddress: flow.remoteAddress, method: request.method }, 'SIP: request without readable Via');
      return;
    }
    const isAck = request.method === 'ACK';
    const key = serverTransactionKey(request, via, isAck ? 'INVITE' : request.method);
    const known = servers.get(key);
    if (isAck) {
      if (!known?.acknowledged()) guard(() => deps.onAck(request, flow));
    } else if (known) known.retransmitted();
    else receiveNewRequest(key, request, via, flow);
  }

  function receiveNewRequest(key: string, request: SipRequest, via: Via, flow: SipFlow): void {
    const transaction = openServer(key, request, flow);
    const fault = findRequestFault(request);
    if (fault) logger.warn({ remoteAddress: flow.remoteAddress, method: request.method }, `SIP: ${fault.detail}`);
    if (fault && !(fault.isForgivable && deps.mustNotRefuse?.(request))) {
      const toTag = randomText(TAG_BYTES);
      transaction.respond(createResponse(request, fault.status, `Bad Request (${fault.detail})`, { toTag }));
      return;
    }
    if (request.method === 'CANCEL') {
      const cancelled = servers.get(serverTransactionKey(request, via, 'INVITE'));
      transaction.respond(createResponse(request, cancelled ? 200 : 481, undefined, { toTag: randomText(TAG_BYTES) }));
      cancelled?.cancelled(request);
      return;
    }
    try {
      deps.onRequest(request, transaction, flow);
      transaction.expectAnswer();
    } catch (error) {
      logger.error({ err: error, method: request.method }, 'SIP: a request could not be processed');
      transaction.respond(createResponse(request, 500, undefined, { toTag: randomText(TAG_BYTES) }));
    }
  }

  function receiveResponse(response: SipResponse, flow: SipFlow): void {
    const via = readTopVia(response);
    const branch = via && viaBranch(via);
    const method = cseqOf(response)?.method;
    if (!via || branch === undefined || method === undefined) {
      logger.warn({ remoteAddress: flow.remoteAddress, status: response.status }, 'SIP: response without Via or CSeq');
      return;
    }
    const machine = clients.get(clientTransactionKey(branch, method));
    if (machine) machine.received(response, flow);
    // A response whose top Via is not ours was not meant for us (RFC 3261 §18.1.2).
    else if (formatHostPort(via) === transport.sentBy(flow)) guard(() => deps.onStrayResponse(response, flow));
  }

  function newBranch(): string {
    return branchMark + randomText(BRANCH_BYTES);
  }

  function withOwnVia(request: SipRequest, target: SipTarget | SipFlow, branch: string): SipRequest {
    // RFC 5923 §8: who knows us by our certificate may send its requests on this connection.
    const alias = target.protocol === 'tls' ? ';alias' : '';
    const via = `SIP/2.0/${target.protocol.toUpperCase()} ${transport.sentBy(target)};branch=${branch};rport${alias}`;
    return prependHeader(request, 'Via', via);
  }

  function startClient(
    request: SipRequest,
    target: SipTarget | SipFlow,
    handlers: ClientHandlers,
    branch: string,
  ): ClientTransaction {
    makeRoom(clients, maxTransactions);
    const key = clientTransactionKey(branch, request.method);
    const Kind = request.method === 'INVITE' ? InviteClient : NonInviteClient;
    const transaction = new Kind({ key, request, branch, target, handlers }, clientHost);
    clients.set(key, transaction);
    transaction.start();
    return transaction;
  }

  return {
    receive(message, flow) {
      // What stood in line somewhere when the platform was stopped would begin calls that nobody carries on.
      if (isClosed) return;
      if (message.kind === 'request') receiveRequest(message, flow);
      else receiveResponse(message, flow);
    },
    sendRequest(request, target, handlers, options = {}) {
      const branch = options.branch ?? newBranch();
      return startClient(withOwnVia(request, target, branch), target, handlers, branch);
    },
    async sendStateless(message, target) {
      await transport.send(message.kind === 'request' ? withOwnVia(message, target, newBranch()) : message, target);
    },
    newBranch,
    isOwnBranch: (branch) => branch.startsWith(branchMark),
    counts: {
      get server() {
        return servers.size;
      },
      get client() {
        return clients.size;
      },
    },
    close() {
      isClosed = true;
      for (const machine of [...servers.values(), ...clients.values()]) machine.stop();
      servers.clear();
      clients.clear();
      const lingers = [serverLingers, clientLingers, overdue].flatMap((group) => Object.values(group));
      for (const linger of lingers) linger.close();
    },
  };
}

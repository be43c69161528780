import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { Audit } from '../audit/audit.ts';
import type { CallRecord } from '../domain/call-record.ts';
import type { Scope } from '../domain/scope.ts';
import type { Database, Queryable, Transaction } from '../storage/database.ts';
import type { KeptRemoval } from '../storage/kept-removals.ts';
import { createSnapshot, type Snapshot } from '../storage/snapshot.ts';
import type { Clock } from '../support/clock.ts';
import { createFairTurns } from '../support/fair-turns.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import type { DnsClient } from '../transport/dns-client.ts';
import type { SipTransport } from '../transport/sip-flow.ts';
import { type AdditionalData, createAdditionalData, type Provider } from './additional-data/additional-data.ts';
import { dataKeySnapshotDefinition } from './additional-data/data-key-snapshot.ts';
import { createCallerAdmission, type UnknownCallers } from './admit-caller.ts';
import { createAnswerTestCall } from './answer-test-call.ts';
import { createAnsweringDialogs } from './answering-dialogs.ts';
import { createCallDepth } from './call-depth.ts';
import { createCallJournal, type JournalState } from './call-journal.ts';
import type { CallLookups, RelayCentre } from './call-lookups.ts';
import { type CallAlerts, type CallRecorder, createCallRecorder } from './call-recorder.ts';
import { selectCallsById } from './call-records.ts';
import { elinBindingSnapshotDefinition, storeElinBindings } from './callbacks/elin-binding-records.ts';
import { createElinBindings } from './callbacks/elin-bindings.ts';
import { createFindCalledBack } from './callbacks/find-called-back.ts';
import {
  createListElinBindings,
  type ElinBindingItem,
  type ElinBindingRequest,
} from './callbacks/list-elin-bindings.ts';
import { createRecallCaller } from './callbacks/recall-caller.ts';
import { selectRecentCall } from './callbacks/recent-call-records.ts';
import { createRecentCallers, recentCallerOf } from './callbacks/recent-callers.ts';
import { createRememberCaller } from './callbacks/remember-caller.ts';
import { createRouteCallback } from './callbacks/route-callback.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import type { Dereference } from './dereference-foreign.ts';
import {
  createDestinationHealth,
  type DestinationChange,
  type DestinationHealth,
  type DestinationStatus,
  type HopHealth,
  type WatchedDestination,
} from './destination-health.ts';
import type { EmergencyCall } from './emergency-call.ts';
import { createSessionEnder } from './end-unwanted-session.ts';
import type { NewEvent } from './events/call-event.ts';
import { describeChange } from './events/describe-change.ts';
import { createEventPublisher } from './events/event-publisher.ts';
import { createEventStreams, type EventStreamRequest } from './events/event-streams.ts';
import { type CallExplanation, createExplainCall, type ExplainCallRequest } from './explain-call.ts';
import type { CallExportFormat } from './export-calls.ts';
import { openKnownServers } from './known-servers.ts';
import { createCallLadders } from './ladder/call-ladders.ts';
import { drawLadder } from './ladder/draw-ladder.ts';
import type { LadderDetail } from './ladder/ladder-message.ts';
import { createLadderWorker } from './ladder/ladder-worker.ts';
import { type CallLadderView, createReadLadder } from './ladder/read-ladder.ts';
import { tapTransport } from './ladder/tap-transport.ts';
import { type CallPage, type CallPageRequest, createCallList } from './list-calls.ts';
import { createLiveCalls, type LiveCalls } from './live-calls.ts';
import { createTrunkManagement, type TrunkListRequest } from './manage-trunks.ts';
import { createOwnAddress } from './own-address.ts';
import { createPreferTcp } from './prefer-tcp.ts';
import { createMessageRanking } from './rank-message.ts';
import type { NewTrunk, TrunkChanges } from './read-trunk.ts';
import { createInDialogRelay } from './relay-in-dialog.ts';
import { createDestinationResolver, type ResolveDestination } from './resolve-destination.ts';
import { createTrunkResolver, type MayReachTrunk } from './resolve-trunk.ts';
import { type CallRooms, createRoomLookups } from './room-lookups.ts';
import { createRouteEmergencyCall } from './route-emergency-call.ts';
import { createSilentTargets } from './silent-targets.ts';
import { createSipEndpoint } from './sip-endpoint.ts';
import type { TestAgent } from './test-agent/run-test-call.ts';
import { type PlaceCallDeps, placeCall } from './test-caller/place-call.ts';
import { createTestCaller, type TestCaller } from './test-caller/test-caller.ts';
import { CALL_TIMERS, type CallTimers } from './timers.ts';
import type { TimerTable } from './transactions/timer-table.ts';
import { createTransactionLayer } from './transactions/transaction-layer.ts';
import type { Trunk } from './trunk.ts';
import { createTrunkAdmission, type TrunkAdmission } from './trunk-admission.ts';
import { createTrunkLoad } from './trunk-load.ts';
import { trunkSnapshotDefinition } from './trunk-records.ts';
import { createYieldToCalls } from './yield-to-calls.ts';

export type { Provider } from './additional-data/additional-data.ts';
export { type CallItem, toCallItem } from './call-item.ts';
export type { JournalState } from './call-journal.ts';
export type { CallLookups, RelayCentre } from './call-lookups.ts';
export type { CallAlerts } from './call-recorder.ts';
export type { ElinBindingColumn, ElinBindingItem, ElinBindingRequest } from './callbacks/list-elin-bindings.ts';
export type { Decision } from './decision.ts';
export type { Dereference } from './dereference-foreign.ts';
export type { DestinationChange, DestinationStatus, HopHealth, WatchedDestination } from './destination-health.ts';
export type { CallIdentity, ConveyedLocation, EmergencyCall } from './emergency-call.ts';
export type { CallEventType, NewEvent } from './events/call-event.ts';
export type { EventStreamRequest } from './events/event-streams.ts';
export type { CallExplanation, ExplainCallRequest } from './explain-call.ts';
export type { CallExportFormat } from './export-calls.ts';
export type { LadderDetail, LadderMessage } from './ladder/ladder-message.ts';
export type { CallLadderView } from './ladder/read-ladder.ts';
export type { CallPage, CallPageRequest } from './list-calls.ts';
export type { TrunkListRequest } from './manage-trunks.ts';
export {
  createPsapSimulator,
  type PsapBehaviour,
  type PsapSimulator,
  type SimulatedCall,
} from './psap-simulator/psap-simulator.ts';
export type { NewTrunk, TrunkChanges } from './read-trunk.ts';
export type { CallRooms } from './room-lookups.ts';
export { readServiceNumber, type ServiceNumber } from './service-number.ts';
export type { PlacedTestCall, TestCallRequest } from './test-caller/test-caller.ts';
export { CALL_TIMERS, type CallTimers } from './timers.ts';
export type { Trunk } from './trunk.ts';
export type { TrunkColumn } from './trunk-records.ts';

export type CallsDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Where snapshots are kept for starts without database; undefined = nowhere. */
  snapshotFolder: string | undefined;
  /** Where the call journal lies, e.g. `<data>/journal`. */
  journalFolder: string;
  /** Not yet listening: `start` does that. */
  transport: SipTransport;
  rooms: CallRooms;
  alerts: CallAlerts;
  agent: TestAgent;
  /** Host of identifiers and asserted identities. */
  sipDomain: string;
  /** `host:port` of the nodes that this one stands for. */
  sipAliases?: readonly string[];
  /** The relay centres by country of the call. */
  relays: Readonly<Record<'US' | 'CA', RelayCentre>>;
  /** PSAPs that the operator entered, for the watch over destinations. Absent: none. */
  psapContacts?: (() => Iterable<{ name: string; uri: string; alternateUris: readonly string[] }>) | undefined;
  /** Between two OPTIONS to a PSAP, relay centre or monitored trunk; 0: none are sent. 30 seconds unless told. */
  probeIntervalMs?: number | undefined;
  /** What becomes of emergency calls of which nobody knows whose they are; `relay` unless told. */
  unknownCallers?: UnknownCallers | undefined;
  /** Whether calls may be sent to an address because a trunk names it; anywhere unless told. */
  mayReachTrunk?: MayReachTrunk | undefined;
  /** Where in a pool of ELINs this node begins, from 0 to 1; anywhere unless told. */
  elinStartAt?: number | undefined;
  /** A trunk with more emergency calls under way raises an alarm; 200 unless told. */
  trunkAlarmCalls?: number | undefined;
  /** Destinations are the built-in simulation: 933 says so. */
  isSimulated: boolean;
  /** Who we are to PSAPs, and where they find Additional Data (RFC 7852); absent: calls carry none of ours. */
  provider?: Provider | undefined;
  /** WAYMARK_PUBLIC_URL; a function, for the port may be known only after listening. */
  publicUrl?: () => string;
  /** Asks the LIS behind somebody else's location reference; absent: nobody is asked. */
  dereference?: Dereference | undefined;
  /** Name servers, for the names of destinations. */
  dns: DnsClient;
  /** Bytes that the journal may have on disk; 1 GiB unless told. */
  journalMaxBytes?: number | undefined;
  /** Told whenever it becomes known, or changes, whether a destination answers. Must not throw. */
  onDestinationChange?: ((change: DestinationChange) => void) | undefined;
  /** Told when the journal stops taking calls, and when it takes them again. Must not throw. */
  onJournalState?: ((state: JournalState) => void) | undefined;
  /** What is kept of the SIP messages of calls, and for how many days. Absent: texts, for 30 days. */
  ladder?: { detail: LadderDetail; keptDays: number } | undefined;
  timers?: Partial<CallTimers>;
  /** RFC 3261 timers, for tests. */
  transactionTimers?: TimerTable;
  /** Opens what test calls of ours are placed with, beside `transport`. */
  openTestCaller: Pick<PlaceCallDeps, 'openSip' | 'openMedia'>;
};

/** Public face of calls/: SIP, the decision about emergency calls, their records, trunks. */
export type Calls = {
  /** Takes up the journal and listens for SIP. Rejects when an address cannot be bound. */
  start(): Promise<void>;
  /** Stops listening, writes what waits. */
  stop(): Promise<void>;
  /** What would happen to this call now (decision 15); in memory, never throws. */
  decide(call: EmergencyCall): Decision;
  /** The same for an administrator who asks "what if"; Problems: `invalid`, `not-found`. */
  explainCall(scope: Scope, request: ExplainCallRequest): CallExplanation;
  /** Dials 933 as a phone of the organization would. Problems: `invalid`, `too-many-requests`, `unavailable`. */
  placeTestCall: TestCaller['placeTestCall'];
  /** Whether calls are journaled before they leave (decision 16). */
  readonly journalState: JournalState;
  /** Calls of which people are told later than promised: database and mail are away, and memory has no room for more alerts. */
  readonly alertsWaiting: number;
  /** Calls under way, for draining. */
  readonly liveCalls: number;
  /** Resolves when every record is in the database, and every ladder as far as it goes. */
  recordsDrained(): Promise<void>;

  listCalls(scope: Scope, page?: CallPageRequest): Promise<CallPage>;
  exportCalls(scope: Scope, request: CallPageRequest, format: CallExportFormat): Promise<AsyncIterable<string>>;
  getCall(scope: Scope, id: string): Promise<CallRecord>;
  /** The newest records of these calls, by id, as far as they are stored; for those who have a transaction of their own. */
  findCalls(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, CallRecord>>;
  /** Whether destinations answer, as this node sees it. */
  listDestinations(): DestinationStatus[];
  /** Whether a monitored trunk answers, as this node sees it; null for one that is not monitored. */
  trunkHealth(trunk: Trunk): HopHealth | null;
  /** Every SIP message of the call, as far as it was kept. Problems: `not-found`. */
  readLadder(scope: Scope, id: string): Promise<CallLadderView>;
  /** The same as a drawing for people. */
  drawLadder(ladder: CallLadderView): string;
  /** What happens to calls, as text of server-sent events. */
  openEvents(scope: Scope, request: EventStreamRequest): Promise<AsyncIterable<string>>;
  /** Tells those who listen of something that happened elsewhere in the platform. */
  publishEvent(event: Omit<NewEvent, 'at'>): void;
  /** Ends every stream of events. */
  closeEvents(): void;

  /** Who is reached on which ELIN, by number, as this node knows it now. */
  listElinBindings(scope: Scope, request?: ElinBindingRequest): ElinBindingItem[];

  createTrunk(scope: Scope, wanted: NewTrunk): Promise<Trunk>;
  /** By name. */
  listTrunks(scope: Scope, request?: TrunkListRequest): Promise<Trunk[]>;
  getTrunk(scope: Scope, id: string): Promise<Trunk>;
  updateTrunk(scope: Scope, id: string, changes: TrunkChanges): Promise<Trunk>;
  removeTrunk(scope: Scope, id: string): Promise<void>;
  /** Puts a removed trunk back by `putBack`, in the transaction. Throws `conflict`. */
  bringBackTrunk(
    tx: Transaction,
    removal: Pick<KeptRemoval, 'organizationId' | 'id'>,
    putBack: () => Promise<void>,
  ): Promise<void>;

  /** Who may send because some trunk says so. */
  readonly admission: TrunkAdmission;
  /** The door of Additional Data (RFC 7852). */
  readonly additionalData: Pick<AdditionalData, 'handle'>;

  readonly snapshots: readonly Snapshot<unknown>[];
};

const PROBE_INTERVAL_MS = 30_000;
const TRUNK_ALARM_CALLS = 200;
/** Begun in one turn of the event loop. Ordinary traffic never reaches it. */
const EMERGENCY_CALLS_PER_TURN = 64;

export function createCalls(deps: CallsDeps): Calls {
  const { database, clock, logger, metrics, sipDomain } = deps;
  const { detail, keptDays } = deps.ladder ?? { detail: 'texts', keptDays: 30 };
  const sentBy: SipTransport['sentBy'] = (target) => deps.transport.sentBy(target);
  const ladderWorker = createLadderWorker({ database, clock, logger, metrics, detail, keptDays, sentBy });
  const ladders = createCallLadders({ clock, metrics, detail, write: (part) => ladderWorker.write(part) });
  const transport = detail === 'off' ? deps.transport : tapTransport(deps.transport, ladders);
  const timers: CallTimers = { ...CALL_TIMERS, ...deps.timers };
  const dataKeys = createSnapshot({ folder: deps.snapshotFolder, logger }, dataKeySnapshotDefinition(database));
  const trunkSnapshot = createSnapshot({ folder: deps.snapshotFolder, logger }, trunkSnapshotDefinition(database.db));
  const elinSnapshot = createSnapshot(
    { folder: deps.snapshotFolder, logger },
    elinBindingSnapshotDefinition(database.db),
  );
  const elins = createElinBindings(() => elinSnapshot.current(), deps.elinStartAt);
  const recentCallers = createRecentCallers(timers.callbackWindowMs);
  /** Of an earlier run: the device that made the call may still be called back. */
  const rememberCaller = (record: CallRecord): void => {
    const recent = recentCallerOf(record, clock);
    if (recent && record.callback.number !== null) recentCallers.remember(record.callback.number, recent);
  };
  const lookups: CallLookups = createRoomLookups(
    deps.rooms,
    () => trunkSnapshot.current(),
    deps.relays,
    (uri) => health.doubtOf(uri),
    elins,
  );
  const additionalData = createAdditionalData({
    provider: deps.provider,
    keys: () => dataKeys.current(),
    lookups,
    clock,
    publicUrl: deps.publicUrl ?? (() => ''),
    sipDomain,
  });
  const journal = createCallJournal({
    folder: deps.journalFolder,
    clock,
    logger,
    metrics,
    deadlineMs: timers.journalMs,
    maxBytes: deps.journalMaxBytes,
  });
  journal.onStateChange((state) => {
    const type = state.condition === 'ok' ? 'journal.recovered' : 'journal.degraded';
    publisher.publish(() => [{ type, at: nowText(), organizationId: null, locationId: null, data: { ...state } }]);
    deps.onJournalState?.(state);
  });
  const publisher = createEventPublisher({ database, clock, logger, metrics });
  const streams = createEventStreams({ database, clock, logger, metrics });
  const nowText = (): string => new Date(clock.nowMs()).toISOString();
  const callRecorder = createCallRecorder({
    database,
    journal,
    alerts: deps.alerts,
    elins: {
      store: storeElinBindings,
      bindFrom(record) {
        rememberCaller(record);
        return elins.bindFrom(record);
      },
    },
    clock,
    logger,
    metrics,
    essentialAlertMs: timers.essentialAlertMs,
  });
  const recorder: CallRecorder = {
    ...callRecorder,
    save(record) {
      ladders.claim(record.callId, record.id);
      publisher.publish(() => describeChange(null, record, nowText()));
      return callRecorder.save(record);
    },
    update(record, before) {
      publisher.publish(() => describeChange(before ?? record, record, nowText()));
      callRecorder.update(record, before);
    },
  };

  const ownAddress = createOwnAddress(transport, sipDomain, deps.sipAliases);
  const knownServers = openKnownServers({
    file: deps.snapshotFolder && join(deps.snapshotFolder, 'destination-addresses.json'),
    clock,
    logger,
  });
  const silentTargets = createSilentTargets(clock);
  const resolveName = createDestinationResolver({
    clock,
    logger,
    deadlineMs: timers.resolveMs,
    dns: deps.dns,
    known: knownServers,
    canReach: (address) => transport.addresses.some(({ host }) => isIPv6(host) === isIPv6(address)),
  });
  // Later even when it is known at once: the calls of a turn then take this step together, which costs each of them less.
  const resolve: ResolveDestination = async (uri) => silentTargets.order(await resolveName(uri));
  const mayReachTrunk = deps.mayReachTrunk ?? (() => true);
  const resolveTrunk = createTrunkResolver(resolve, mayReachTrunk);
  const trunkLoad = createTrunkLoad({ metrics, logger, alarmAt: deps.trunkAlarmCalls ?? TRUNK_ALARM_CALLS });
  const liveCalls = createLiveCalls(trunkLoad);
  // The layer calls the endpoint, the endpoint uses the layer: one of them has to come second.
  const layer = createTransactionLayer({
    transport,
    clock,
    logger,
    ...(deps.transactionTimers && { timers: deps.transactionTimers }),
    onRequest: (request, transaction, flow) => endpoint.onRequest(request, transaction, flow),
    mustNotRefuse: (request) => endpoint.mustNotRefuse?.(request) ?? false,
    onAck: (request, flow) => endpoint.onAck(request, flow),
    onStrayResponse: (response, flow) => endpoint.onStrayResponse(response, flow),
  });
  metrics.readings('waymark_sip_transactions', 'SIP transactions in memory, the finished ones included', 'side', {
    server: () => layer.counts.server,
    client: () => layer.counts.client,
  });
  const preferTcp = createPreferTcp(transport, silentTargets);
  const isTrunkContact = (uri: string): boolean => {
    const trunks = trunkSnapshot.current().all;
    if (!trunks.some(({ contactUri }) => contactUri === uri)) return false;
    // What the operator entered may be anywhere, whoever names it as well.
    return [...watchedDestinations(deps, [])].every((one) => one.uri !== uri);
  };
  const health: DestinationHealth = createDestinationHealth({
    layer,
    resolve: (uri) => (isTrunkContact(uri) ? resolveTrunk : resolve)(uri),
    clock,
    logger,
    metrics,
    sipDomain,
    intervalMs: deps.probeIntervalMs ?? PROBE_INTERVAL_MS,
    onChange: deps.onDestinationChange,
    watched: () => watchedDestinations(deps, trunkSnapshot.current().all),
  });
  const endSession = createSessionEnder({ layer, ownAddress, resolve, logger });
  const dialogs = createAnsweringDialogs({ layer, ownAddress, resolve, clock, logger });
  const answerTestCall = createAnswerTestCall({
    agent: deps.agent,
    dialogs,
    recorder,
    clock,
    logger,
    metrics,
    isSimulated: deps.isSimulated,
  });
  /** What both kinds of calls that are sent on need for it. */
  const forwarding = {
    layer,
    ownAddress,
    resolve,
    preferTcp,
    endSession,
    health,
    silentTargets,
    clock,
    logger,
    metrics,
    timers,
  };
  const findCalledBack = createFindCalledBack({
    elins,
    recentCallers,
    places: deps.rooms.places,
    members: deps.rooms.members,
    trunks: () => trunkSnapshot.current(),
  });
  const emergencyCalls = createFairTurns({ perTurn: EMERGENCY_CALLS_PER_TURN });
  const endpoint = createSipEndpoint({
    layer,
    routeEmergencyCall: createRouteEmergencyCall({
      ...forwarding,
      lookups,
      recorder,
      fairTurns: emergencyCalls,
      callDepth: createCallDepth(),
      liveCalls,
      answerTestCall,
      rememberCaller: createRememberCaller({ elins, recentCallers, clock, logger, metrics }),
      additionalData,
      issueReference: (organizationId, target) => deps.rooms.location.issueLocationUri(organizationId, target),
      dereference: deps.dereference,
      sipDomain,
    }),
    routeCallback: createRouteCallback({
      ...forwarding,
      recorder,
      liveCalls,
      sipDomain,
      trunks: () => trunkSnapshot.current(),
      resolveTrunk,
      recallCaller: createRecallCaller({
        selectRecentCall: (number, since) => selectRecentCall(database.db, number, since),
        recentCallers,
        windowMs: timers.callbackWindowMs,
        clock,
        logger,
      }),
      findCalledBack,
    }),
    relay: createInDialogRelay({ layer, ownAddress, resolve, preferTcp, clock, ringingMs: timers.ringingMs, logger }),
    dialogs,
    liveCalls,
    ownAddress,
    endSession,
    logger,
  });

  const callList = createCallList({ database });
  const testCaller = createTestCaller({
    database,
    audit: deps.audit,
    clock,
    logger,
    lookups,
    rooms: deps.rooms,
    addresses: () => transport.addresses,
    placeCall: (plan) => placeCall(plan, { clock, logger, ...deps.openTestCaller }),
  });

  const areTrunksKnown = (): boolean => trunkSnapshot.isLoaded;
  const trunkAdmission = createTrunkAdmission(() => trunkSnapshot.current(), areTrunksKnown);
  const admits =
    deps.unknownCallers === 'drop'
      ? createCallerAdmission({ lookups, areTrunksKnown, clock, logger, metrics })
      : undefined;

  const isAwaited = (number: string): boolean =>
    findCalledBack(number, { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() }, [])?.who === 'caller';
  const isPartOfCall: LiveCalls['isPartOfCall'] = (marks) => liveCalls.isPartOfCall(marks);
  const yieldToCalls = createYieldToCalls({
    emergencyCalls,
    isAwaited,
    isPartOfCall,
    transport,
    clock,
    logger,
    metrics,
  });

  return {
    async start() {
      await recorder.start();
      ladderWorker.start();
      publisher.start();
      await transport.listen((message, flow) => {
        if (admits !== undefined && !admits(message, flow)) return;
        yieldToCalls(message, flow, () => layer.receive(message, flow));
      }, createMessageRanking({ isAwaited, isPartOfCall }));
      health.start();
    },
    async stop() {
      await testCaller.stop();
      health.stop();
      await transport.close();
      layer.close();
      ladders.close();
      streams.close();
      await Promise.all([recorder.stop(), ladderWorker.stop(), publisher.stop(), knownServers.stop()]);
    },
    decide: (call) => decide(call, lookups, clock),
    explainCall: createExplainCall({
      decide: (call, known) => decide(call, known, clock),
      lookups,
      places: deps.rooms.places,
    }),
    get alertsWaiting() {
      return recorder.alertsWaiting();
    },
    get journalState() {
      return journal.state;
    },
    get liveCalls() {
      return liveCalls.size + dialogs.size;
    },
    listDestinations: () => health.list(),
    trunkHealth: ({ isMonitored, contactUri }) =>
      isMonitored && contactUri !== null ? health.healthOf(contactUri) : null,
    async recordsDrained() {
      await recorder.drained();
      ladders.flush();
      await Promise.all([ladderWorker.drained(), publisher.drained()]);
    },
    openEvents: (scope, request) => streams.open(scope, request),
    publishEvent: (event) => publisher.publish(() => [{ ...event, at: nowText() }]),
    closeEvents: () => streams.close(),
    ...callList,
    findCalls: selectCallsById,
    drawLadder: ({ id, startedAt, messages, leftOut }) => drawLadder(`call ${id}, ${startedAt}`, messages, leftOut),
    readLadder: createReadLadder({ database, getCall: (scope, id) => callList.getCall(scope, id) }),
    listElinBindings: createListElinBindings({ bindings: elins, clock }),
    ...createTrunkManagement({ database, audit: deps.audit, clock, mayReach: mayReachTrunk }),
    placeTestCall: (scope, request) => testCaller.placeTestCall(scope, request),
    admission: {
      ...trunkAdmission,
      isAddress: (address) => testCaller.callsFrom(address) || trunkAdmission.isAddress(address),
    },
    additionalData,
    snapshots: [trunkSnapshot, dataKeys, elinSnapshot],
  };
}

/** To whom calls may go: relay centres, PSAPs that the operator entered, trunks that are to be monitored. */
function* watchedDestinations(
  { relays, psapContacts = () => [] }: Pick<CallsDeps, 'relays' | 'psapContacts'>,
  trunks: readonly Trunk[],
): Generator<WatchedDestination> {
  for (const { name, uri, alternateUris = [] } of Object.values(relays)) {
    for (const one of [uri, ...alternateUris]) yield { kind: 'relay', name, uri: one };
  }
  for (const { name, uri, alternateUris } of psapContacts()) {
    for (const one of [uri, ...alternateUris]) yield { kind: 'psap', name, uri: one };
  }
  for (const { name, isMonitored, contactUri, organizationId } of trunks) {
    if (isMonitored && contactUri !== null) yield { kind: 'trunk', name, uri: contactUri, organizationId };
  }
}

/** Types of the alert desk's model, for tests and for other consoles. */

export type DeskSeverity = 'emergency' | 'critical' | 'warning' | 'info';

/** As `GET /api/incidents` lists it. */
export type DeskIncident = {
  id: string;
  callId: string | null;
  state: 'open' | 'acknowledged' | 'resolved';
  severity: DeskSeverity;
  trigger: string;
  isDrill: boolean;
  openedAt: string;
  title: string;
  caller: string | null;
  callbackNumber: string | null;
  place: string | null;
  acknowledgedBy: string | null;
  acknowledgedVia: 'link' | 'api' | null;
  acknowledgedAt: string | null;
  resolvedBy: string | null;
  resolvedVia: 'link' | 'api' | null;
  resolvedAt: string | null;
  nextStepAt: string | null;
  stepsTold: number;
  stepsWaiting: number;
};

export type DeskCall = {
  startedAt: string;
  answeredAt: string | null;
  endedAt: string | null;
  outcome: string;
  destination: { name: string } | null;
};

export type DeskReceipt = {
  recipient: string;
  channel: string;
  state: 'queued' | 'accepted' | 'failed' | 'exhausted';
  acceptedAt?: string | null;
  lastAttemptAt?: string | null;
  queuedAt?: string | null;
  lastError?: string | null;
};

export type ToldLine = {
  who: string;
  channel: string;
  state: string;
  stateText: string;
  at: string | null;
  error: string | null;
};

export const SEVERITIES: Readonly<Record<DeskSeverity, { name: string; mark: string }>>;
export function compareIncidents(a: DeskIncident, b: DeskIncident): number;
export function headlineOf(incident: Pick<DeskIncident, 'trigger' | 'isDrill' | 'title'>): string;
export function flagWords(flags: readonly string[] | undefined): string[];
export function ageText(ms: number): string;
export function spokenAge(ms: number): string;
export function callState(call: DeskCall | null): { text: string; at: string; isLive: boolean } | null;
export function toldOf(receipts: readonly DeskReceipt[] | undefined): ToldLine[];
export function toldSummary(told: readonly ToldLine[]): string;
export function escalationText(
  incident: Pick<DeskIncident, 'state' | 'nextStepAt' | 'stepsTold' | 'stepsWaiting'>,
  nowMs: number,
): string | null;
export function standingText(incident: DeskIncident): string;
export function alarmOf(
  incidents: readonly DeskIncident[],
  silenced: ReadonlySet<string>,
): 'emergency' | 'critical' | null;
export function announcement(incident: DeskIncident): string;
export function callerParts(caller: string | null): { name: string; number: string };
export function placeLines(place: string | null, indoor: string | null): { first: string; rest: string };
export function clockSkew(dateHeader: string | null, sentMs: number, receivedMs: number): number | null;
export function skewText(skewMs: number | null): string | null;
export function endingText(endsAt: string | null, nowMs: number): string | null;
export function createEventReader(): {
  readonly lastId: string;
  push(text: string): { type: string; id: string; data: string }[];
};

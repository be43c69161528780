import type { CallRecord } from '../../domain/call-record.ts';

/** Who is reached on an ELIN, and until when: the last one who made an emergency call with it. */
export type ElinBinding = {
  /** E.164. */
  number: string;
  organizationId: string;
  responseLocationId: string;
  /** Number or extension by which the trunk reaches the caller. */
  caller: string;
  memberId: string | null;
  trunkId: string | null;
  /** Id of the call's record. */
  callId: string;
  /** ISO 8601, UTC. */
  boundAt: string;
  expiresAt: string;
};

/** Who wants an ELIN: the same caller keeps the same one. */
export type ElinCaller = Pick<ElinBinding, 'organizationId' | 'caller' | 'memberId' | 'trunkId'>;

/** A record says all that its ELIN's binding needs: whoever has the record, has the binding. */
export function bindingOf(record: CallRecord): ElinBinding | undefined {
  const { callback, caller, organizationId } = record;
  if (record.kind !== '911' || !callback.elin || callback.number === null) return undefined;
  if (organizationId === null || caller.number === null) return undefined;
  return {
    number: callback.number,
    organizationId,
    responseLocationId: callback.elin.responseLocationId,
    caller: caller.number,
    memberId: caller.memberId,
    trunkId: record.trunkId,
    callId: record.id,
    boundAt: callback.elin.boundAt ?? record.startedAt,
    expiresAt: callback.elin.expiresAt,
  };
}

export function isSameCaller(one: ElinCaller, other: ElinCaller): boolean {
  if (one.organizationId !== other.organizationId) return false;
  if (one.memberId !== null || other.memberId !== null) return one.memberId === other.memberId;
  return one.caller === other.caller && one.trunkId === other.trunkId;
}

export function isBound({ expiresAt }: ElinBinding, nowMs: number): boolean {
  return nowMs < Date.parse(expiresAt);
}

/** Of two bindings of a number the later one holds; the same one on every node, even of the same moment. */
export function isLater(one: ElinBinding, other: ElinBinding): boolean {
  const laterMs = Date.parse(one.boundAt) - Date.parse(other.boundAt);
  return laterMs > 0 || (laterMs === 0 && one.callId > other.callId);
}

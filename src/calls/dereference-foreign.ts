import { type LocationValue, namesPlace } from '../domain/location-value.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { NowOrLater } from '../support/now-or-later.ts';
import type { ConveyedLocation, EmergencyCall } from './emergency-call.ts';

/**
 * Asks the LIS behind somebody else's reference (RFC 6753); `how` tells every attempt in words. Rejects when it cannot, or
 * after the deadline, with an error that tells the same.
 */
export type Dereference = (uri: string, deadlineMs: number) => Promise<{ value: LocationValue; how: string }>;

const MAX_REFERENCES = 3;

/**
 * Asks for the values behind foreign references, all at once, before the decision (decision 15); the references themselves
 * stay on the call in any case. Nothing is asked when the call carries a location that can be used without waiting, and the
 * first usable answer ends the wait for the others, for a call is routed by one location.
 */
export function dereferenceForeign(
  call: EmergencyCall,
  deps: {
    dereference: Dereference | undefined;
    /** Whether a reference of ours leads anywhere. */
    resolves: (uri: string) => boolean;
    clock: Clock;
    deadlineMs: number;
  },
): NowOrLater<EmergencyCall> {
  const { dereference, resolves, clock, deadlineMs } = deps;
  const foreign = call.conveyed.filter(isAskable).slice(0, MAX_REFERENCES);
  if (foreign.length === 0) return call;
  const hasOther = call.conveyed.some(
    ({ form, uri, value }) =>
      (form === 'value' && value !== null && namesPlace(value)) || (form === 'own' && uri !== null && resolves(uri)),
  );
  if (hasOther) return call;
  if (!dereference) return withAnswers(call, foreign, () => 'foreign references are not asked here');
  return askAll(call, foreign, dereference, clock, deadlineMs);
}

async function askAll(
  call: EmergencyCall,
  foreign: readonly ConveyedLocation[],
  dereference: Dereference,
  clock: Clock,
  deadlineMs: number,
): Promise<EmergencyCall> {
  const answers = new Map<ConveyedLocation, ConveyedLocation>();
  const settled = Promise.withResolvers<string>();
  const stopTimer = clock.after(deadlineMs, () => settled.resolve(`no answer within ${deadlineMs} ms`));
  const asked = foreign.map(async (conveyed) => {
    const answer = await ask(conveyed, dereference, deadlineMs);
    answers.set(conveyed, answer);
    if (answer.value !== null && namesPlace(answer.value))
      settled.resolve('not waited for: another reference was answered first');
  });
  void Promise.all(asked).then(() => settled.resolve(''));
  const why = await settled.promise;
  stopTimer();
  return withAnswers(call, foreign, (conveyed) => answers.get(conveyed) ?? why);
}

/** What HTTP can ask; sip: and pres: references would take a subscription (RFC 3856), which outlives a call's patience. */
function isAskable({ form, uri }: ConveyedLocation): boolean {
  return form === 'foreign' && uri !== null && /^https?:/i.test(uri);
}

async function ask(
  conveyed: ConveyedLocation,
  dereference: Dereference,
  deadlineMs: number,
): Promise<ConveyedLocation> {
  try {
    const { value, how } = await dereference(conveyed.uri ?? '', deadlineMs);
    return { ...conveyed, value, note: `dereferenced: ${how}` };
  } catch (error) {
    return { ...conveyed, note: `dereference failed: ${errorText(error)}` };
  }
}

/** The call with what became of these references: an answer, or in words why there is none. */
function withAnswers(
  call: EmergencyCall,
  foreign: readonly ConveyedLocation[],
  answerOf: (conveyed: ConveyedLocation) => ConveyedLocation | string,
): EmergencyCall {
  return {
    ...call,
    conveyed: call.conveyed.map((conveyed) => {
      if (!foreign.includes(conveyed)) return conveyed;
      const answer = answerOf(conveyed);
      return typeof answer === 'string' ? { ...conveyed, note: `dereference failed: ${answer}` } : answer;
    }),
  };
}

import type { LocationValue } from '../domain/location-value.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { ConveyedLocation, EmergencyCall } from './emergency-call.ts';

/** Asks the LIS behind somebody else's reference (RFC 6753); rejects when it cannot or within the deadline. */
export type Dereference = (uri: string, deadlineMs: number) => Promise<LocationValue>;

/** Longest time that a call waits for somebody else's LIS. */
export const DEREFERENCE_DEADLINE_MS = 1_500;
const MAX_REFERENCES = 3;

/**
 * Asks for the values behind foreign references, all at once, before the decision (decision 15); the references themselves
 * stay on the call in any case. Nothing is asked when the call carries a location that can be used without waiting.
 */
export async function dereferenceForeign(
  call: EmergencyCall,
  deps: { dereference: Dereference | undefined; clock: Clock; deadlineMs: number },
): Promise<EmergencyCall> {
  const { dereference, clock, deadlineMs } = deps;
  const hasOther = call.conveyed.some(({ form, value }) => form === 'own' || (form === 'value' && value !== null));
  const foreign = call.conveyed.filter(({ form, uri }) => form === 'foreign' && uri !== null).slice(0, MAX_REFERENCES);
  if (hasOther || foreign.length === 0) return call;
  const answers = new Map<ConveyedLocation, ConveyedLocation>();
  await Promise.all(
    foreign.map(async (conveyed) => {
      answers.set(conveyed, await ask(conveyed, dereference, clock, deadlineMs));
    }),
  );
  return { ...call, conveyed: call.conveyed.map((conveyed) => answers.get(conveyed) ?? conveyed) };
}

async function ask(
  conveyed: ConveyedLocation,
  dereference: Dereference | undefined,
  clock: Clock,
  deadlineMs: number,
): Promise<ConveyedLocation> {
  if (!dereference || conveyed.uri === null) return { ...conveyed, note: 'foreign references are not asked here' };
  let stopTimer = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    stopTimer = clock.after(deadlineMs, () => reject(new Error(`no answer within ${deadlineMs} ms`)));
  });
  try {
    const value = await Promise.race([dereference(conveyed.uri, deadlineMs), late]);
    return { ...conveyed, value, note: 'dereferenced at its LIS' };
  } catch (error) {
    return { ...conveyed, note: `dereference failed: ${errorText(error)}` };
  } finally {
    stopTimer();
  }
}

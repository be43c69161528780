import type { CallCallback, CallStep, TraceInputs } from '../domain/call-record.ts';
import { errorText } from '../support/error-text.ts';
import type { CallLookups } from './call-lookups.ts';
import {
  type AttachedLocation,
  type CallerIdentity,
  type ChosenDestination,
  type Decision,
  type DecisionLog,
  type Now,
  note,
  type StepContext,
  type StepResult,
} from './decision.ts';
import type { EmergencyCall } from './emergency-call.ts';
import { NotedLookups } from './noted-lookups.ts';
import { attachLocation, withoutLocation } from './steps/attach-location.ts';
import { chooseCallback, withoutCallback } from './steps/choose-callback.ts';
import { chooseDestination, relayOnly } from './steps/choose-destination.ts';
import { identifyCaller, unidentifiedCaller } from './steps/identify-caller.ts';
import { callbackInputs, destinationInputs, identityInputs, locationInputs } from './trace-inputs.ts';

/** The pure steps, replaceable one by one so that a test can make each of them fail. */
export type DecisionSteps = {
  identifyCaller(context: StepContext): StepResult<CallerIdentity>;
  attachLocation(context: StepContext, identity: CallerIdentity): StepResult<AttachedLocation>;
  chooseCallback(context: StepContext, identity: CallerIdentity, attached: AttachedLocation): StepResult<CallCallback>;
  chooseDestination(
    context: StepContext,
    identity: CallerIdentity,
    attached: AttachedLocation,
  ): StepResult<ChosenDestination>;
};

const STEPS: DecisionSteps = { identifyCaller, attachLocation, chooseCallback, chooseDestination };

/**
 * Decides whose call this is, where it comes from, how to call back and where it goes (decision 15): pure, in memory, the
 * same for a call, a 933, an explanation and a what-if. Never throws, and always names a destination: a step that fails
 * gives its default and the reason. For a 933 the destination is that of the 911 call it stands for.
 */
export function decide(call: EmergencyCall, lookups: CallLookups, now: Now, steps: DecisionSteps = STEPS): Decision {
  const log: DecisionLog = { trace: [], flags: new Set() };
  const noted = new NotedLookups(lookups);
  const context: StepContext = { call, lookups: noted, now };
  if (call.service.isPrefixed) log.flags.add('prefixed');

  function runStep<Value>(step: CallStep, inputs: TraceInputs, fallback: Value, run: () => StepResult<Value>): Value {
    const startedMs = now.monotonicMs();
    const facts = () => ({ durationMs: now.monotonicMs() - startedMs, inputs, lookups: noted.take() });
    try {
      const result = run();
      for (const flag of result.flags ?? []) log.flags.add(flag);
      note(log, step, result.choice, result.reason, facts());
      return result.value;
    } catch (error) {
      log.flags.add('step-failed');
      note(log, step, 'default', `step failed: ${errorText(error)}`, facts());
      return fallback;
    }
  }

  const identity = runStep('identify-caller', identityInputs(call), unidentifiedCaller(call), () =>
    steps.identifyCaller(context),
  );
  const attached = runStep('attach-location', locationInputs(call, identity), withoutLocation(identity), () =>
    steps.attachLocation(context, identity),
  );
  const callback = runStep('choose-callback', callbackInputs(identity), withoutCallback(identity), () =>
    steps.chooseCallback(context, identity, attached),
  );
  const chosen = runStep('choose-destination', destinationInputs(call, identity, attached), relayOnly(lookups), () =>
    steps.chooseDestination(context, identity, attached),
  );

  if (attached.location === null) log.flags.add('no-location');
  if (callback.number === null) log.flags.add('no-callback');
  if (chosen.candidates[0].kind === 'relay') log.flags.add('relay');
  return decisionOf(identity, attached, callback, chosen, [...log.flags], log.trace);
}

/** Field by field: several spread objects take the engine three times as long. */
function decisionOf(
  { organizationId, trunkId, trunk, caller, known }: CallerIdentity,
  { location, isNomadic, addReference, addBody, standing }: AttachedLocation,
  callback: CallCallback,
  { candidates, country, language }: ChosenDestination,
  flags: Decision['flags'],
  trace: Decision['trace'],
): Decision {
  return {
    organizationId,
    trunkId,
    trunk,
    caller,
    known,
    location,
    isNomadic,
    addReference,
    addBody,
    standing,
    candidates,
    country,
    language,
    callback,
    destination: candidates[0],
    flags,
    trace,
  };
}

/** What a call gets about which nothing could be decided: the relay centre. */
export function undecided(call: EmergencyCall, lookups: CallLookups, why: string): Decision {
  const identity = unidentifiedCaller(call);
  return decisionOf(
    identity,
    withoutLocation(identity),
    withoutCallback(identity),
    relayOnly(lookups),
    ['step-failed', 'unknown-organization', 'unknown-caller', 'no-location', 'no-callback', 'relay'],
    [{ step: 'choose-destination', choice: 'default', reason: `routing failed: ${why}`, durationMs: 0 }],
  );
}

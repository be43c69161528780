import { ProblemError } from '../domain/problem.ts';
import { readIpAddress } from '../wire/held/ip-text.ts';
import type { DeviceQuestion, LocatedDevice, LocationCandidate } from './located-device.ts';
import { type Resolution, resolutionOf } from './resolution-table.ts';

type Worth = Pick<Resolution, 'trust' | 'confidencePercent' | 'method'>;

/** Why a device is where it is said to be. */
export type LocationExplanation =
  | (Omit<Extract<LocatedDevice, { found: true }>, 'candidates' | 'ageMs' | 'elementKey' | 'countedAddresses'> &
      Worth & {
        ageSeconds: number;
        /** An address that the device registered for itself (decision 11). */
        isNomadic: boolean;
        /** In the order of the table: the first of them would have won next. */
        candidates: (LocationCandidate & Worth)[];
      })
  | Omit<Extract<LocatedDevice, { found: false }>, 'countedAddresses'>;

function worthOf({ rule }: Pick<LocationCandidate, 'rule'>): Worth {
  const { trust, confidencePercent, method } = resolutionOf(rule);
  return { trust, confidencePercent, method };
}

/** Asks every rule and tells what each said. Throws `invalid` for a source address that is none. */
export function createExplainLocation(
  locateDevice: (question: DeviceQuestion) => LocatedDevice,
): (question: Omit<DeviceQuestion, 'winnerOnly'>) => LocationExplanation {
  return (question) => {
    const sourceAddress = readIpAddress(question.sourceAddress)?.address;
    if (sourceAddress === undefined) {
      throw new ProblemError('invalid', 'sourceAddress is not an IP address', {
        fields: [{ path: 'sourceAddress', message: 'is not an IP address' }],
      });
    }
    const located = locateDevice({ ...question, sourceAddress });
    if (!located.found) {
      const { countedAddresses: _counted, ...rest } = located;
      return rest;
    }
    const { countedAddresses: _counted, elementKey: _key, ageMs, candidates, ...rest } = located;
    return {
      ...rest,
      ...worthOf(located),
      ageSeconds: Math.round(ageMs / 1_000),
      isNomadic: located.target.kind === 'device-address',
      candidates: candidates.map((one) => ({ ...one, ...worthOf(one) })),
    };
  };
}

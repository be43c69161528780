import { BoundedMap } from '../support/bounded-map.ts';
import type { TrunkIndex } from './trunk-index.ts';

/** Who may send because some trunk says so; asked for every datagram and every certificate. */
export type TrunkAdmission = {
  isAddress(address: string): boolean;
  isName(name: string): boolean;
};

const REMEMBERED_ADDRESSES = 4_096;

/**
 * Answers are remembered as long as the trunks stay as they are: a flood of strangers asks the same again and again. While no
 * trunks are known at all, for want of a database and of a saved copy, any address may be a trunk's, and a call for help comes first.
 */
export function createTrunkAdmission(trunks: () => TrunkIndex, areKnown: () => boolean): TrunkAdmission {
  const answers = new BoundedMap<string, boolean>(REMEMBERED_ADDRESSES);
  let answeredBy: TrunkIndex | undefined;
  return {
    isAddress(address) {
      if (!areKnown()) return true;
      const index = trunks();
      if (index !== answeredBy) answers.clear();
      answeredBy = index;
      const known = answers.get(address);
      if (known !== undefined) return known;
      const answer = index.hasAddress(address);
      answers.set(address, answer);
      return answer;
    },
    isName: (name) => trunks().hasName(name),
  };
}

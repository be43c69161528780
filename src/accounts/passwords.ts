import { hash, verify } from '@node-rs/argon2';
import { ProblemError } from '../domain/problem.ts';

/** Passwords of E911 administrators: argon2id, one computation at a time. */
export type Passwords = {
  hash(password: string): Promise<string>;
  /** undefined = nobody has this name; takes the same time and is never right. */
  verify(passwordHash: string | undefined, password: string): Promise<boolean>;
};

export const MIN_PASSWORD = 12;
/** Longer ones are nobody's: hashing them would only burn processor time. */
export const MAX_PASSWORD = 256;

// OWASP's first choice for argon2id, and the library's default: 19 MiB, 2 passes.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The hash of no password, at the same cost: 16 and 32 zero bytes for salt and digest. */
const NOBODY = `$argon2id$v=19$m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

const MAX_WAITING = 8;

export function createPasswords(): Passwords {
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  /**
   * One after the other, and few: each takes tens of milliseconds of the thread pool in which the call journal reaches the disk.
   */
  function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    if (waiting >= MAX_WAITING) {
      const error = new ProblemError('too-many-requests', 'too many passwords are checked now; try again', {
        retryAfterSeconds: 1,
      });
      return Promise.reject(error);
    }
    waiting += 1;
    const mine = tail.then(work).finally(() => {
      waiting -= 1;
    });
    tail = mine.catch(() => undefined);
    return mine;
  }

  return {
    hash: (password) => inTurn(() => hash(password, COST)),
    verify: (passwordHash, password) => inTurn(() => verify(passwordHash ?? NOBODY, password)),
  };
}

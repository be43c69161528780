import type { Clock } from '../support/clock.ts';
import { wait } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import { createDemonstration, type DemonstrationDeps } from './create-demonstration.ts';
import { type Doors, readFirstRun, writeFirstRun } from './first-run.ts';
import { readOperatorFile, writeOperatorFile } from './operator-file.ts';

/** What a data folder needs before it can be used: a default partner, an operator token, perhaps the demonstration. */
export type Bootstrap = {
  /** Idempotent; rejects while the database or the job queue is not there. */
  run(): Promise<void>;
  /** Resolves when `run` has succeeded once. */
  readonly done: Promise<void>;
  operatorToken(): Promise<string>;
  /** Where things are, and one ready-to-paste command per journey. */
  describe(): string[];
};

export type BootstrapDeps = {
  dataDir: string;
  doors: Doors;
  withDemonstration: boolean;
  clock: Clock;
  /** Resolves when what was written is in the snapshots. */
  catchUp(): Promise<void>;
  rooms: DemonstrationDeps;
};

const ACTOR = { tokenId: 'system', trackingId: 'first-start', organizationId: null };
const PLATFORM_ORGANIZATION = 'Platform operations';
const QUEUE_ATTEMPTS = 300;
const QUEUE_PAUSE_MS = 100;

export function createBootstrap(deps: BootstrapDeps): Bootstrap {
  const { dataDir, doors, rooms } = deps;
  const { accounts } = rooms;
  let finish: () => void = () => undefined;
  let giveUp: (error: Error) => void = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    finish = resolve;
    giveUp = reject;
  });
  // A start without database does not wait for this; its failure is then told by the keeper's log.
  done.catch(() => undefined);
  let hasDemonstration = false;

  async function defaultPartnerId(): Promise<string> {
    const known = (await accounts.listPartners()).find((partner) => partner.isDefault);
    return (known ?? (await accounts.createPartner(ACTOR, { name: 'Waymark', isDefault: true }))).id;
  }

  async function isValid(token: string): Promise<boolean> {
    try {
      const scope = await accounts.authenticate({
        authorization: `Bearer ${token}`,
        organizationId: undefined,
        trackingId: 'start',
      });
      return scope.role === 'operator';
    } catch {
      // A token of another database: a new one is made.
      return false;
    }
  }

  async function ensureOperatorToken(): Promise<string> {
    const known = await readOperatorFile(dataDir);
    if (known && (await isValid(known.token))) {
      await writeOperatorFile(dataDir, { baseUrl: doors.baseUrl, token: known.token });
      return known.token;
    }
    const [operations] = await accounts.listOrganizations({ name: PLATFORM_ORGANIZATION, max: 1 });
    const owner = operations ?? (await accounts.createOrganization(ACTOR, { name: PLATFORM_ORGANIZATION }));
    const { token } = await accounts.issueToken(ACTOR, {
      organizationId: owner.id,
      role: 'operator',
      label: 'operator of this data folder',
    });
    await writeOperatorFile(dataDir, { baseUrl: doors.baseUrl, token });
    return token;
  }

  /** Invitations are jobs: the demonstration's account needs the queue. */
  async function waitForQueue(): Promise<void> {
    for (let attempt = 0; attempt < QUEUE_ATTEMPTS; attempt += 1) {
      if (rooms.alerts.queueReady()) return;
      await wait(deps.clock, QUEUE_PAUSE_MS);
    }
    throw new Error('the job queue has not started');
  }

  /** Half a demonstration cannot be finished later: its tokens are known to nobody. The start fails and says so. */
  async function demonstrate(partnerId: string): ReturnType<typeof createDemonstration> {
    try {
      return await createDemonstration({ ...rooms, catchUp: () => deps.catchUp() }, partnerId);
    } catch (cause) {
      const error = new Error(
        `the demonstration could not be set up (${errorText(cause)}). Start again on an empty data folder, or with WAYMARK_DEMO=0`,
        { cause },
      );
      giveUp(error);
      throw error;
    }
  }

  async function run(): Promise<void> {
    const isFirstStart = (await accounts.countOrganizations()) === 0;
    const partnerId = await defaultPartnerId();
    const operator = await ensureOperatorToken();
    const known = await readFirstRun(dataDir);
    if (known) await writeFirstRun(dataDir, { ...known, ...doors });
    else if (isFirstStart && deps.withDemonstration) {
      await waitForQueue();
      // Rooms read each other from memory: what one has written must have arrived there.
      const made = await demonstrate(partnerId);
      await writeFirstRun(dataDir, { ...doors, ...made, tokens: { operator, ...made.tokens } });
    } else await writeFirstRun(dataDir, { ...doors, tokens: { operator } });
    hasDemonstration = (await readFirstRun(dataDir))?.examples !== undefined;
    finish();
  }

  return {
    run,
    done,
    async operatorToken() {
      await done;
      const file = await readOperatorFile(dataDir);
      if (!file) throw new Error('there is no operator token');
      return file.token;
    },
    describe() {
      const where = [
        `page     ${doors.consoleUrl}`,
        `API      ${doors.baseUrl}/docs`,
        `HELD     ${doors.heldUrl}`,
        `LoST     ${doors.lostUrl}`,
        `SIP      ${doors.sipUri} (UDP and TCP)`,
        `data     ${dataDir} (tokens and examples: first-run.json)`,
      ];
      const journeys = [
        '',
        'Try each journey:',
        '  set up in the console      open the page, sign in with fresh.tokens.fullAdmin of first-run.json',
        '  onboard an organization    examples/onboard.sh',
        '  find a phone               examples/ask-held.sh',
        '  route a place              examples/ask-lost.sh',
        '  place an emergency call    examples/call-911.sh',
        '',
        'Destinations are simulated: no call placed here reaches a live PSAP.',
      ];
      return hasDemonstration ? [...where, ...journeys] : where;
    },
  };
}

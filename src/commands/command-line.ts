import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { systemClock } from '../support/clock.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { addAddressLayerCommands } from './address-layer-commands.ts';
import { addBoundaryCommands } from './boundary-commands.ts';
import { type CallOptions, runCallCommand } from './call-command.ts';
import { type ExplainOptions, explain } from './explain-command.ts';
import { forOrganization, listItems } from './list-items.ts';
import { openSession, type StartForTheMoment } from './open-session.ts';
import { addOrganizationImport } from './organization-import/organization-import.ts';
import { printTable } from './print-table.ts';
import { addPsapCommands } from './psap-commands.ts';
import { type SimulateOptions, simulatePsap } from './simulate-psap.ts';
import { addTokenCommands } from './token-commands.ts';
import { addTrunkCommands } from './trunk-commands.ts';
import { type ValidateAddressOptions, validateAddress } from './validate-address-command.ts';
import { addWireMapCommands } from './wire-map-commands.ts';

export type CommandLineDeps = {
  /** Reads and checks the configuration; throws ConfigError. */
  readConfig(): Config;
  /** Starts everything and stays until a signal; resolves with the exit code. */
  serve(config: Config): Promise<number>;
  startForTheMoment(config: Config): ReturnType<StartForTheMoment>;
  /** Restores a backup into an empty data folder or database. */
  restore(config: Config, archive: Uint8Array): Promise<void>;
  say(text: string): void;
};

/** `npx waymark <verb>`; resolves with the exit code. */
export async function runCommandLine(argv: readonly string[], deps: CommandLineDeps): Promise<number> {
  const say = (text: string): void => deps.say(text);
  let exitCode = 0;
  const program = new Command('waymark')
    .description('Open Enhanced 911 platform. Independent of Cisco, Webex and RedSky; reaches no live PSAP by itself.')
    .showHelpAfterError()
    .exitOverride();

  /** Runs `action` against the running platform, or one started for the moment. */
  async function withApi(action: (api: ApiClient, config: Config, momentary: boolean) => Promise<void>): Promise<void> {
    const config = deps.readConfig();
    const session = await openSession(config, () => deps.startForTheMoment(config));
    try {
      await action(session.api, config, session.momentary);
    } finally {
      await session.close();
    }
  }

  program
    .command('serve', { isDefault: true })
    .description('start the platform and serve every door')
    .action(async () => {
      exitCode = await deps.serve(deps.readConfig());
    });

  addTokenCommands(program, { withApi, say, nowMs: () => systemClock.nowMs() });

  const organization = program.command('organization').description('organizations of this platform');
  organization.command('create <name>').action((name: string) =>
    withApi(async (api) => {
      const made = await api.request<{ id: string }>('POST', '/api/organizations', { name });
      say(made.id);
    }),
  );
  organization.command('list').action(() =>
    withApi(async (api) => {
      say(printTable(['id', 'name'], await listItems(api, '/api/organizations')));
    }),
  );
  addOrganizationImport(organization, {
    withApi,
    say,
    clock: systemClock,
    setExitCode(code) {
      exitCode = code;
    },
  });

  addWireMapCommands(program, {
    withApi,
    say,
    fail: () => {
      exitCode = 1;
    },
  });

  addBoundaryCommands(program, {
    withApi,
    say,
    fail: () => {
      exitCode = 1;
    },
  });

  addPsapCommands(program, { withApi, say });
  addTrunkCommands(program, { withApi, say });

  const address = program.command('address').description('addresses, and the data they are checked against');
  addAddressLayerCommands(address, {
    withApi,
    say,
    fail: () => {
      exitCode = 1;
    },
  });
  address
    .command('validate [text...]')
    .description('how deep an address is right, what was corrected and why, what is wrong, what may be meant')
    .option('--address1 <line>', 'house number and street')
    .option('--address2 <line>', 'apartment, suite, floor')
    .option('--city <name>')
    .option('--state <code>', 'state, territory or province, code or name')
    .option('--postal-code <code>')
    .option('--country <code>')
    .action((text: string[], options: ValidateAddressOptions) =>
      withApi(async (api) => {
        const { lines, isRight } = await validateAddress(api, text.join(' '), options);
        for (const line of lines) say(line);
        if (!isRight) exitCode = 1;
      }),
    );

  program
    .command('phone-profile')
    .description('settings for multiplatform phones: company id, where they ask for their location, emergency numbers')
    .requiredOption('--organization <id>', 'organization id')
    .option('--line <number>', 'the line of the phone', '1')
    .option('--secondary <address>', 'another address of the platform, asked when the first does not answer')
    .option('--emergency-numbers <numbers>', 'separated by commas', '911,933')
    .action((options: { organization: string; line: string; secondary?: string; emergencyNumbers: string }) =>
      withApi(async (api) => {
        const { organization: id, ...wanted } = options;
        const path = `/api/e911-account/phone-profile?${new URLSearchParams(wanted).toString()}`;
        const profile = await api.download('GET', forOrganization(path, id));
        say(Buffer.from(profile).toString('utf8').trimEnd());
      }),
    );

  program
    .command('call <dialed>')
    .description('place a test call (911, 933 or a service URN) and show what became of it')
    .option('--from <number>', 'caller number', '+15125550100')
    .option('--geolocation <uri>', 'location URI to convey')
    .option('--hold <seconds>', 'how long an answered 911 call is held', '2')
    .option('--to <address:port>', 'SIP address of the platform')
    .action((dialed: string, options: CallOptions) =>
      withApi(async (api, config, momentary) => {
        if (momentary) throw new Error('no server is running on this data folder: start one with npm start');
        exitCode = await runCallCommand(config, dialed, options, api, say);
      }),
    );

  program
    .command('simulate-psap')
    .description('a PSAP that answers, refuses, stays silent or talks nonsense')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'SIP port', '5072')
    .option('--answer <how>', '200, 503, busy, silence, ring-only or garbage', '200')
    .action(async (options: SimulateOptions) => {
      exitCode = await simulatePsap(options, say);
    });

  program
    .command('explain [address...]')
    .description('what would happen if a number called, or which PSAP would answer at an address or a point, and why')
    .option('--from <number>', 'caller number: explain its call')
    .option('--dialed <number>', 'with --from: 911, 933 or a service URN', '911')
    .option('--geolocation <uri>', 'with --from: a location URI that the call conveys')
    .option('--lat <degrees>', 'latitude, with --lon')
    .option('--lon <degrees>', 'longitude, with --lat')
    .option('--erl <id>', 'an emergency response location')
    .option('--device <id>', 'MAC or IP address, sip: or tel: URI, number: where the device is located now')
    .action((address: string[], options: ExplainOptions) =>
      withApi(async (api) => {
        for (const line of await explain(api, address.join(' '), options)) say(line);
      }),
    );

  program
    .command('backup <file>')
    .description('write the embedded database to one file (on PostgreSQL use pg_dump)')
    .action((file: string) =>
      withApi(async (api) => {
        const archive = await api.download('POST', '/api/backup');
        await writeFile(file, archive, { mode: 0o600, flag: 'wx' });
        say(`${file}: ${archive.length} bytes`);
      }),
    );
  program
    .command('restore <file>')
    .description('fill an empty data folder from a backup; no server may be running on it')
    .action(async (file: string) => {
      await deps.restore(deps.readConfig(), await readFile(file));
      say('restored');
    });

  await program.parseAsync([...argv], { from: 'user' });
  return exitCode;
}

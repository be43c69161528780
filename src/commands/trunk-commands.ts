import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ApiClient } from '../transport/api-client.ts';
import { listItems } from './list-items.ts';
import { printTable } from './print-table.ts';

type Deps = {
  /** Runs an action against the platform. */
  withApi: (action: (api: ApiClient) => Promise<void>) => Promise<void>;
  say: (text: string) => void;
};

type Settings = {
  address?: string[];
  tlsName?: string[];
  port?: string;
  mode?: string;
  identityHeader?: string[];
  deviceHeader?: string;
  callbackHeader?: string[];
  contact?: string;
  monitored?: boolean;
};

const NONE = 'none';

/** `none` takes a setting away. */
function orNull(text: string | undefined): string | null | undefined {
  return text === NONE ? null : text;
}

function checkPort(text: string): string {
  if (text !== NONE && !/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('needs 1 to 65535, or none');
  return text;
}

/** The options that `add` and `set` share; a list given replaces the whole list. */
function withSettings(command: Command): Command {
  return command
    .option('--address <block...>', 'IP addresses or CIDR blocks from which it sends')
    .option('--tls-name <name...>', 'names in its client certificate')
    .option('--port <port>', 'its source port, or none for any', checkPort)
    .addOption(new Option('--mode <mode>', 'how its calls are treated').choices(['proxy', 'redirect', 'esrp']))
    .option('--identity-header <name...>', "where the caller's number is looked for, best first")
    .option('--device-header <name>', 'the X- header that names the device, or none')
    .option('--callback-header <name...>', 'where the callback number is written')
    .option('--contact <uri>', 'SIP URI of calls towards it, or none')
    .option('--monitored', 'probe it with OPTIONS')
    .option('--no-monitored', 'leave it alone');
}

function bodyOf(settings: Settings): Record<string, unknown> {
  const port = orNull(settings.port);
  return {
    addresses: settings.address,
    tlsNames: settings.tlsName,
    port: port && Number(port),
    mode: settings.mode,
    identityHeaders: settings.identityHeader,
    deviceHeader: orNull(settings.deviceHeader),
    callbackHeaders: settings.callbackHeader,
    contactUri: orNull(settings.contact),
    isMonitored: settings.monitored,
  };
}

async function idOf(api: ApiClient, name: string): Promise<string> {
  const found = (await listItems(api, '/api/trunks')).find((item) => item['name'] === name || item['id'] === name);
  if (!found) throw new Error(`there is no trunk ${name}`);
  return String(found['id']);
}

/** `npx waymark trunk …`: the peers whose calls are the organization's, and who is called back on its ELINs. */
export function addTrunkCommands(program: Command, { withApi, say }: Deps): void {
  const trunk = program.command('trunk').description("SBCs and SIP trunks whose calls are the organization's");
  trunk.command('list').action(() =>
    withApi(async (api) => {
      const columns = ['id', 'name', 'mode', 'addresses', 'tlsNames', 'port', 'contactUri', 'isMonitored'];
      say(printTable(columns, await listItems(api, '/api/trunks')));
    }),
  );
  withSettings(trunk.command('add <name>').description('add a trunk; it needs an address or a TLS name')).action(
    (name: string, settings: Settings) =>
      withApi(async (api) => {
        const { id } = await api.request<{ id: string }>('POST', '/api/trunks', { name, ...bodyOf(settings) });
        say(`${name}: ${id}`);
      }),
  );
  withSettings(trunk.command('set <name>').description('change a trunk, by name or id; what is left out stays'))
    .option('--name <name>', 'its name from then on')
    .action((name: string, settings: Settings & { name?: string }) =>
      withApi(async (api) => {
        await api.request('PATCH', `/api/trunks/${await idOf(api, name)}`, {
          name: settings.name,
          ...bodyOf(settings),
        });
        say(`${settings.name ?? name}: changed`);
      }),
    );
  trunk
    .command('remove <name>')
    .description('by name or id')
    .action((name: string) =>
      withApi(async (api) => {
        await api.request('DELETE', `/api/trunks/${await idOf(api, name)}`);
        say(`${name}: removed`);
      }),
    );
  trunk
    .command('elins')
    .description('who is called back on which ELIN')
    .action(() =>
      withApi(async (api) => {
        const columns = ['number', 'caller', 'isActive', 'boundAt', 'expiresAt', 'responseLocationId', 'callId'];
        say(printTable(columns, await listItems(api, '/api/elin-bindings')));
      }),
    );
}

import { createPsapSimulator, type PsapBehaviour } from '../calls/psap-simulator/psap-simulator.ts';
import { systemClock } from '../support/clock.ts';
import { createLogger } from '../support/logger.ts';
import { createDnsClient } from '../transport/dns-client.ts';
import { createSipTransport } from '../transport/sip-transport.ts';

export type SimulateOptions = { host: string; port: string; answer: string };

const WORDS: Readonly<Record<string, PsapBehaviour>> = {
  '200': 'answer',
  answer: 'answer',
  busy: 'busy',
  silence: 'silence',
  'ring-only': 'ring-only',
  garbage: 'garbage',
};

function readBehaviour(text: string): PsapBehaviour {
  const behaviour = WORDS[text];
  if (behaviour !== undefined) return behaviour;
  const status = Number(text);
  if (Number.isInteger(status) && status >= 300 && status <= 699) return status;
  throw new Error(`--answer ${text}: expected 200, busy, silence, ring-only, garbage or a final status, e.g. 503`);
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new Error(`--port ${text}: expected 0 to 65535`);
  return port;
}

/** `waymark simulate-psap`: runs until SIGINT or SIGTERM and tells of every call. */
export async function simulatePsap(options: SimulateOptions, say: (text: string) => void): Promise<number> {
  const behaviour = readBehaviour(options.answer);
  const logger = createLogger('warn');
  const transport = createSipTransport({
    hosts: [options.host],
    port: readPort(options.port),
    isTrusted: () => true,
    logger,
    clock: systemClock,
  });
  const simulator = createPsapSimulator({
    transport,
    dns: createDnsClient({ servers: [], clock: systemClock }),
    clock: systemClock,
    logger,
    behaviour,
  });
  await simulator.start();
  const address = transport.addresses[0];
  say(`simulated PSAP at sip:psap@${options.host}:${address?.port ?? options.port}, answering with ${options.answer}`);
  let shown = 0;
  const timer = setInterval(() => {
    const calls = simulator.calls();
    for (const call of calls.slice(shown)) say(`${call.receivedAt} ${call.user} ${call.outcome} ${call.callId}`);
    shown = calls.length;
  }, 250);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  clearInterval(timer);
  await simulator.stop();
  return 0;
}

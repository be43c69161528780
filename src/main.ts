/** Command line -> configuration -> platform -> listen -> drain. */
import { CommanderError } from 'commander';
import { runCommandLine } from './commands/command-line.ts';
import { type Config, findDoubts, readConfig } from './config/config.ts';
import { readEnvironment } from './config/env.ts';
import { restorePlatform, servePlatform, startForTheMoment } from './serve.ts';
import { errorText } from './support/error-text.ts';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function hint(error: unknown): string {
  if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return '';
  return '\nAnother program uses that port. Every port is a setting (docs/configuration.md); 0 takes a free one.';
}

function readSettings(): Config {
  const environment = readEnvironment();
  const config = readConfig(environment);
  for (const doubt of findDoubts(environment, config)) process.stderr.write(`waymark: ${doubt}\n`);
  return config;
}

try {
  process.exitCode = await runCommandLine(process.argv.slice(2), {
    readConfig: readSettings,
    serve: (config) => servePlatform(config, say),
    startForTheMoment,
    restore: restorePlatform,
    say,
  });
} catch (error) {
  // Commander has printed its own message and help.
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else {
    process.stderr.write(`waymark: ${errorText(error)}${hint(error)}\n`);
    process.exitCode = 1;
  }
}

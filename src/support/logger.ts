import { type Logger as PinoLogger, pino } from 'pino';

/** Structured log lines on standard error; standard output belongs to what a command prints. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

const REDACTED_FIELDS = ['secret', 'password', 'token', 'authorization', '*.secret', '*.password', '*.token'];

export function createLogger(level: LogLevel): Logger {
  return pino({ level, base: null, redact: REDACTED_FIELDS }, pino.destination({ dest: 2, sync: true }));
}

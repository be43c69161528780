import { type Logger as PinoLogger, pino } from 'pino';

/** Structured log lines on standard error; standard output belongs to what a command prints. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

const REDACTED_FIELDS = ['secret', 'password', 'token', 'authorization', '*.secret', '*.password', '*.token'];

/** What may wait for a slow reader of the log, in bytes; what goes beyond is dropped and counted. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/**
 * Lines are written beside everything else: whoever reads the log may stall, and no call waits for that. The end of the
 * process writes what waits.
 */
export function createLogger(level: LogLevel): Logger {
  const destination = pino.destination({ dest: 2, sync: false, maxLength: MAX_WAITING_BYTES });
  const logger = pino({ level, base: null, redact: REDACTED_FIELDS }, destination);
  let dropped = 0;
  destination.on('drop', () => {
    dropped++;
  });
  destination.on('drain', () => {
    if (dropped === 0) return;
    const lines = dropped;
    dropped = 0;
    logger.warn({ lines }, 'log lines were dropped, because nobody read them');
  });
  return logger;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** A time span as people write it, in seconds: `90s`, `15m`, `12h`, `30d`. Throws for anything else. */
export function readSeconds(text: string, option: string): number {
  const [, count = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const seconds = UNIT_SECONDS[unit];
  if (seconds === undefined) throw new Error(`${option} ${text}: expected a time span, e.g. 90s, 15m, 12h or 30d`);
  return Number(count) * seconds;
}

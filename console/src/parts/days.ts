/** The moment at which a day, or the one after it, begins here; undefined for what is no day. */
function startOf(day: string | undefined, daysLater = 0): string | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day ?? '');
  if (!parts) return undefined;
  const [year = 0, month = 0, date = 0] = parts.slice(1).map(Number);
  // Whoever writes the 30th of February into the address bar means none.
  const named = new Date(year, month - 1, date);
  if (named.getFullYear() !== year || named.getMonth() !== month - 1 || named.getDate() !== date) return undefined;
  return new Date(year, month - 1, date + daysLater).toISOString();
}

/** The days of the address bar as moments: from the first moment of the one to before the day after the other. */
export function momentsOf({ from, to }: Readonly<Record<string, string>>): { since?: string; until?: string } {
  const [since, until] = [startOf(from), startOf(to, 1)];
  return { ...(since !== undefined && { since }), ...(until !== undefined && { until }) };
}

/** A moment in the viewer's zone, with the site's beside it where that is another. */
export function Moment({ at, siteZone }: { at: string; siteZone?: string | null | undefined }) {
  const date = new Date(at);
  const viewerZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const own = formatMoment(date, viewerZone);
  const there = siteZone && siteZone !== viewerZone ? formatMoment(date, siteZone) : null;
  return (
    <time dateTime={at} title={at}>
      {own}
      {there !== null && <span className="site-time"> ({there})</span>}
    </time>
  );
}

const formats = new Map<string, Intl.DateTimeFormat>();

export function formatMoment(date: Date, timeZone: string): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(undefined, {
      timeZone,
      dateStyle: 'medium',
      timeStyle: 'medium',
    });
    formats.set(timeZone, format);
  }
  return `${format.format(date)} ${zoneName(date, timeZone)}`;
}

function zoneName(date: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat(undefined, { timeZone, timeZoneName: 'short' }).formatToParts(date);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
}

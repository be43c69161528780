import Spinner from '@cloudscape-design/components/spinner';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { Fresh } from './age.tsx';
import { useSiteZone } from './use-locations.ts';

const SiteContext = createContext<string | null>(null);
/** For so long a page waits to know the clock of its location. */
const PATIENCE_MS = 1_000;

/** Moments of a page that is about one location show the clock there, too: from the beginning, or the page would jump. */
export function AtSite({ locationId, children }: { locationId: string | null | undefined; children: ReactNode }) {
  const zone = useSiteZone(locationId);
  const [isPatient, setIsPatient] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setIsPatient(false), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (zone === undefined && isPatient) return <Spinner size="large" />;
  return <InZone zone={zone}>{children}</InZone>;
}

/** The same, where the time zone is known. */
export function InZone({ zone, children }: { zone: string | null | undefined; children: ReactNode }) {
  return <SiteContext.Provider value={zone ?? null}>{children}</SiteContext.Provider>;
}

/**
 * A moment in the viewer's zone, with that of the location beside it where it is another. `withAge`: and how long it is ago, while it is less
 * than an hour.
 */
export function Moment(props: { at: string; locationId?: string | null | undefined; withAge?: boolean }) {
  const { at, locationId } = props;
  const around = useContext(SiteContext);
  const own = useSiteZone(locationId) ?? null;
  const siteZone = typeof locationId === 'string' ? own : around;
  const date = new Date(at);
  const viewerZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <time dateTime={at} title={at}>
      {formatMoment(date, viewerZone)}
      {siteZone !== null && siteZone !== viewerZone && (
        <span className="site-time"> ({clockThere(date, siteZone, viewerZone)})</span>
      )}
      {props.withAge === true && <Fresh at={at} />}
    </time>
  );
}

export const formatMoment = (date: Date, timeZone: string): string =>
  `${formatOf(timeZone, true).format(date)} ${zoneName(date, timeZone)}`;

/** With the day only where it is another. */
function clockThere(date: Date, siteZone: string, viewerZone: string): string {
  const day = (timeZone: string): string => date.toLocaleDateString('en-CA', { timeZone });
  const text = formatOf(siteZone, day(siteZone) !== day(viewerZone)).format(date);
  return `${text} ${zoneName(date, siteZone)}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string, withDay: boolean): Intl.DateTimeFormat {
  const key = `${timeZone} ${withDay}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(undefined, {
      timeZone,
      timeStyle: 'medium',
      ...(withDay && { dateStyle: 'medium' }),
    });
    formats.set(key, format);
  }
  return format;
}

function zoneName(date: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat(undefined, { timeZone, timeZoneName: 'short' }).formatToParts(date);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
}

import Box from '@cloudscape-design/components/box';
import { texts } from '../../texts/texts.ts';
import type { Schedule } from './alert-types.ts';
import './alerts.css';

/** Monday first, as schedules are written on walls. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

const DAY_MINUTES = 24 * 60;

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

type Span = { from: number; to: number; text: string };

/** What of each day is watched; a window that crosses midnight goes on at the next one. */
function spansByDay(windows: Schedule['windows']): Readonly<Record<Day, Span[]>> {
  const spans = Object.fromEntries(DAYS.map((day) => [day, [] as Span[]])) as Record<Day, Span[]>;
  for (const { days, from, to } of windows) {
    const text = `${from}–${to}`;
    const [begin, end] = [minutesOf(from), minutesOf(to)];
    for (const day of days) {
      if (end > begin) {
        spans[day].push({ from: begin, to: end, text });
        continue;
      }
      spans[day].push({ from: begin, to: DAY_MINUTES, text });
      const next = DAYS[(DAYS.indexOf(day) + 1) % DAYS.length];
      if (next !== undefined && end > 0) spans[next].push({ from: 0, to: end, text });
    }
  }
  return spans;
}

/** `Mon–Fri`, `Sat, Sun`: runs of three days and more are joined. */
export function dayNames(days: readonly Day[]): string {
  const sorted = DAYS.filter((day) => days.includes(day));
  if (sorted.length === DAYS.length) return texts.schedule.everyDay;
  const runs: Day[][] = [];
  for (const day of sorted) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run && last !== undefined && DAYS.indexOf(day) === DAYS.indexOf(last) + 1) run.push(day);
    else runs.push([day]);
  }
  return runs
    .map((run) => {
      const [first, last] = [run[0], run.at(-1)];
      if (first === undefined || last === undefined) return '';
      const names = texts.schedule.days;
      return run.length > 2 ? `${names[first]}–${names[last]}` : run.map((day) => names[day]).join(', ');
    })
    .join(', ');
}

/** A schedule on one line. */
export function scheduleText(schedule: Schedule | null): string {
  if (schedule === null) return texts.schedule.always;
  if (schedule.windows.length === 0) return texts.schedule.never;
  return schedule.windows.map(({ days, from, to }) => `${dayNames(days)} ${from}–${to}`).join('; ');
}

/** A schedule as a week: when somebody is on duty, day by day. */
export function ScheduleWeek({ schedule }: { schedule: Schedule }) {
  const spans = spansByDay(schedule.windows);
  return (
    <div>
      <table className="week">
        <caption>{texts.schedule.week(schedule.timeZone ?? texts.schedule.zoneOfSite)}</caption>
        <thead>
          <tr>
            <th scope="col">{texts.schedule.day}</th>
            <th scope="col">
              <span className="week-hours" aria-hidden="true">
                {[0, 6, 12, 18, 24].map((hour) => (
                  <span key={hour}>{String(hour).padStart(2, '0')}</span>
                ))}
              </span>
              <span className="visually-hidden">{texts.schedule.onDuty}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {DAYS.map((day) => (
            <tr key={day}>
              <th scope="row">{texts.schedule.days[day]}</th>
              <td>
                <div className="week-bar">
                  {spans[day].map(({ from, to, text }) => (
                    <span
                      key={`${from} ${to} ${text}`}
                      className="week-span"
                      title={text}
                      style={{
                        insetInlineStart: `${(from / DAY_MINUTES) * 100}%`,
                        width: `${((to - from) / DAY_MINUTES) * 100}%`,
                      }}
                    >
                      <span className="visually-hidden">{text}</span>
                    </span>
                  ))}
                  {spans[day].length === 0 && <span className="visually-hidden">{texts.schedule.off}</span>}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {schedule.exceptions.length > 0 && (
        <Box margin={{ top: 'xs' }} fontSize="body-s">
          {texts.schedule.exceptions}:{' '}
          {schedule.exceptions
            .map(
              ({ date, windows }) =>
                `${date} ${windows === 'off' ? texts.schedule.off : windows.map(({ from, to }) => `${from}–${to}`).join(', ')}`,
            )
            .join('; ')}
        </Box>
      )}
    </div>
  );
}

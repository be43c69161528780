import type { Schedule } from './alert-types.ts';

/** A schedule as the platform takes it: dates as the inputs write them become dates of the API. */
export function tidySchedule(schedule: Schedule | null): Schedule | null {
  return (
    schedule && {
      ...schedule,
      exceptions: schedule.exceptions.map((exception) => ({
        ...exception,
        date: exception.date.replaceAll('/', '-'),
      })),
    }
  );
}

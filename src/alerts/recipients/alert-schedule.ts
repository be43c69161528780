/** Days as schedules name them, in the order of `Date.getUTCDay`. */
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** `HH:MM`; `to` may be `24:00`. A window whose `to` is not later than its `from` ends on the next day. */
export type DayWindow = { from: string; to: string };

/**
 * When somebody is on duty: weekly windows of the wall clock, and dates on which others hold instead of them.
 *
 * A window belongs to the day on which it begins; so an exception leaves the night watch alone that began the evening before.
 * Where clocks change, a window begins at the first moment at which the clock shows its `from` or later, and ends after the last
 * moment at which it shows earlier than its `to`: of an hour that is skipped nothing is lost, and an hour that comes twice is
 * watched twice.
 */
export type AlertSchedule = {
  /** IANA; null: that of the recipient, or else of the site. */
  timeZone: string | null;
  windows: readonly (DayWindow & { days: readonly Weekday[] })[];
  /** `date` is YYYY-MM-DD of the wall clock, each at most once. */
  exceptions: readonly { date: string; windows: readonly DayWindow[] | 'off' }[];
};

/** Whether a moment lies in the years 1 to 9999 (UTC), which databases, ISO 8601 and people all know. */
export function isStorableMoment(moment: Date): boolean {
  const year = moment.getUTCFullYear();
  return year >= 1 && year <= 9_999;
}

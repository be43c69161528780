// The toll-free codes of the North American Numbering Plan.
const TOLL_FREE = /^\+18(?:00|33|44|55|66|77|88)\d{7}$/;

/** Whether a number in E.164 is one that the caller does not pay for. */
export function isTollFree(number: string): boolean {
  return TOLL_FREE.test(number);
}

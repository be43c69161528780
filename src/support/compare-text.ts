/** By code units: the same order everywhere, whatever language the machine speaks. For `sort`. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

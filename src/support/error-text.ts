/** The message of anything that can be thrown, for logs and traces. */
export function errorText(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}

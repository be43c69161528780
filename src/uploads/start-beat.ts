/**
 * Calls `note` every `beatMs` milliseconds, so that other nodes see that work is alive; what goes wrong is told to `onError`. One
 * call at a time: a database that answers only when the work is over is asked once, not again and again. The returned function
 * ends it and waits for the last call, which then cannot overtake what is noted next.
 */
export function startBeat(
  note: () => Promise<void>,
  beatMs: number,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let noting: Promise<void> | undefined;
  const timer = setInterval(() => {
    noting ??= note()
      .catch(onError)
      .finally(() => {
        noting = undefined;
      });
  }, beatMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await noting;
  };
}

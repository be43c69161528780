const ROWS = 'tbody';

function isInRows(target: EventTarget | null): boolean {
  const place = target as { closest?(selector: string): unknown } | null;
  return (place?.closest?.(ROWS) ?? null) !== null;
}

/**
 * Whether something in a row of a table is being pressed, by mouse, pen or finger: a press becomes a click when it ends, which is
 * meant for that row. Safari gives buttons no focus by a click, and no browser gives it by a touch, so focus does not tell.
 */
export function watchPresses(page: EventTarget): () => boolean {
  let pressed = 0;
  page.addEventListener(
    'pointerdown',
    ({ target }) => {
      // One press at a time: what the browser did not end is over.
      pressed = isInRows(target) ? pressed + 1 : 0;
    },
    { capture: true },
  );
  for (const end of ['pointerup', 'pointercancel']) {
    page.addEventListener(
      end,
      () => {
        const before = pressed;
        // The click comes after it, and what comes of the click.
        setTimeout(() => {
          if (pressed === before) pressed = 0;
        });
      },
      { capture: true },
    );
  }
  return () => pressed > 0;
}

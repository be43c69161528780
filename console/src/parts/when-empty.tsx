import Box from '@cloudscape-design/components/box';
import type { ReactNode } from 'react';
import { texts } from '../texts/texts.ts';

/** What stands in a table without rows: that nothing is there is said only of a list that was read. */
export function WhenEmpty({ error, children }: { error: Error | null; children: ReactNode }) {
  return error === null ? children : <Box textAlign="center">{texts.table.notRead}</Box>;
}

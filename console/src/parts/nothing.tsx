import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';

/** A table without rows that has some elsewhere, and the way there. */
export function Nothing({ text, action, onAct }: { text: string; action: string; onAct: () => void }) {
  return (
    <Box textAlign="center">
      <SpaceBetween size="s">
        <Box>{text}</Box>
        <Button onClick={onAct}>{action}</Button>
      </SpaceBetween>
    </Box>
  );
}

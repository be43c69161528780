import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';

/** One column of what would happen. */
export function Story({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Container fitHeight header={<Header variant="h2">{title}</Header>}>
      <SpaceBetween size="m">{children}</SpaceBetween>
    </Container>
  );
}

/** One thing that was decided. */
export function StoryPart({ label, help, children }: { label: string; help?: string; children: ReactNode }) {
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      {help !== undefined && (
        <Box variant="small" display="block">
          {help}
        </Box>
      )}
      {children}
    </div>
  );
}

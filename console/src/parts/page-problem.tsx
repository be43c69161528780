import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { ApiProblem } from '../api/problem.ts';
import { texts } from '../texts/texts.ts';
import { ProblemAlert } from './problem-alert.tsx';

const GONE: readonly number[] = [404, 410];

/** In place of a page whose subject could not be read: it has a heading as every page has. */
export function PageProblem({ error, onRetry }: { error: Error | null; onRetry: () => void }) {
  const isGone = error instanceof ApiProblem && GONE.includes(error.status);
  return (
    <SpaceBetween size="l">
      <Header variant="h1">{isGone ? texts.problem.gone : texts.problem.unread}</Header>
      <ProblemAlert error={error} onRetry={onRetry} />
    </SpaceBetween>
  );
}

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import { useContext, useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import { texts } from '../texts/texts.ts';
import { ChangedMeanwhile } from './changed-meanwhile.tsx';
import { EditingContext } from './editing.ts';

const CHANGED_MEANWHILE = 412;

/** What went wrong and what to do about it; nothing where nothing did. */
export function ProblemAlert({ error, onRetry }: { error: Error | null; onRetry?: () => void }) {
  const editing = useContext(EditingContext);
  // It stays until there is an answer; another failure is another error.
  const [retried, setRetried] = useState<Error | null>(null);
  if (error === null) return null;
  const problem = error instanceof ApiProblem ? error : new ApiProblem(0, error.message);
  if (problem.status === CHANGED_MEANWHILE && editing !== null)
    return <ChangedMeanwhile key={problem.trackingId} problem={problem} editing={editing} />;
  const lead =
    problem.status === 0 || problem.status >= 502
      ? texts.problem.away
      : problem.status === 403
        ? texts.problem.forbidden
        : null;
  return (
    <Alert
      type="error"
      header={texts.problem.title}
      action={
        onRetry && (
          <Button
            loading={retried === error}
            onClick={() => {
              setRetried(error);
              onRetry();
            }}
          >
            {texts.retry}
          </Button>
        )
      }
    >
      {lead !== null && <div>{lead}</div>}
      <div>{problem.message}</div>
      {problem.faults.length > 0 && (
        <ul>
          {problem.faults.map((fault) => (
            <li key={fault}>{fault}</li>
          ))}
        </ul>
      )}
      {problem.trackingId !== null && (
        <Box color="text-body-secondary" fontSize="body-s">
          {texts.problem.tracking(problem.trackingId)}
        </Box>
      )}
    </Alert>
  );
}

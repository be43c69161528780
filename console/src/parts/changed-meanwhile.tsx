import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useId, useRef, useState } from 'react';
import type { ApiProblem } from '../api/problem.ts';
import { useQuery } from '../api/use-query.ts';
import { texts } from '../texts/texts.ts';
import { differences } from './differences.ts';
import type { Editing } from './editing.ts';
import { faultOf } from './fault-of.ts';
import { Moment } from './moment.tsx';

const said = texts.changedMeanwhile;
const MAX_SHOWN = 12;

/** Somebody else was before: who, when, what is different now, and the two ways on. */
export function ChangedMeanwhile({ problem, editing }: { problem: ApiProblem; editing: Editing }) {
  const id = useId();
  const [isKept, setIsKept] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  // Whoever saves looks at the button, which may be a screen away in a long form.
  useEffect(() => {
    box.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const { data: theirs, error } = useQuery({
    queryKey: ['changed-meanwhile', id, problem.trackingId],
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => editing.look(),
  });
  const who = faultOf(problem, 'changedBy') ?? texts.unknown;
  const at = faultOf(problem, 'changedAt') ?? '';
  const changed = theirs === undefined ? [] : differences(editing.first, theirs.value);
  if (isKept) {
    return (
      <Alert type="info" header={said.keptTitle}>
        {said.kept}
      </Alert>
    );
  }
  return (
    <div ref={box}>
      <Alert type="warning" header={said.title}>
        <SpaceBetween size="s">
          <div>
            {said.by(who)}
            {at !== '' && (
              <>
                , <Moment at={at} />
              </>
            )}
          </div>
          {error !== null && <div>{error.message}</div>}
          {theirs !== undefined && changed.length === 0 && <div>{said.same}</div>}
          {changed.length > 0 && (
            <ul className="plain-list" aria-label={said.what}>
              {changed.slice(0, MAX_SHOWN).map(({ field, is, was }) => (
                <li key={field}>
                  <Box variant="strong">{field}</Box>: {said.fromTo(was, is)}
                </li>
              ))}
              {changed.length > MAX_SHOWN && <li>{texts.andMore(changed.length - MAX_SHOWN)}</li>}
            </ul>
          )}
          <div>{said.choose}</div>
          <SpaceBetween direction="horizontal" size="xs">
            <Button formAction="none" onClick={editing.takeTheirs}>
              {said.takeTheirs}
            </Button>
            <Button
              formAction="none"
              disabled={theirs === undefined}
              onClick={() => {
                if (theirs === undefined) return;
                editing.goOn(theirs);
                setIsKept(true);
              }}
            >
              {said.goOn}
            </Button>
          </SpaceBetween>
        </SpaceBetween>
      </Alert>
    </div>
  );
}

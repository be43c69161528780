import Modal from '@cloudscape-design/components/modal';
import Spinner from '@cloudscape-design/components/spinner';
import { useQueryClient } from '@tanstack/react-query';
import { Fragment, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { holdVersion } from '../api/held-versions.ts';
import { texts } from '../texts/texts.ts';
import { type Editing, EditingContext, type Standing } from './editing.ts';
import { PageProblem } from './page-problem.tsx';
import { ProblemAlert } from './problem-alert.tsx';
import { Reading } from './reading.tsx';

type Answer<Value> = { data?: Value | undefined; response: Response };
type Shown<Value> = Standing<Value> & { round: number; known: unknown };

/**
 * Around a form: it begins with what stands on the platform now, and its changes are refused where somebody else was before, by which
 * `ProblemAlert` says who and what. Nothing that is read later changes what one is typing in.
 */
export function Edited<Value>(props: {
  read: () => Promise<Answer<Value>>;
  /** Where it is changed, if not where it is read: `/v1/locations/…`. */
  changedAt?: string;
  /** It is all of a page: where nothing can be read, the page still has a heading. */
  isPage?: boolean;
  /** Of a form in a dialog: what closes it. */
  onClose?: () => void;
  /** `again` begins anew with what stands there: after something was changed by another way. */
  children: (current: Value, again: () => void) => ReactNode;
}) {
  const { read, changedAt, isPage = false, onClose, children } = props;
  const client = useQueryClient();
  const [round, setRound] = useState(0);
  const [shown, setShown] = useState<Shown<Value> | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const release = useRef<() => void>(() => undefined);
  const latest = useRef({ read, changedAt });
  latest.current = { read, changedAt };

  const look = useMemo(
    () => async (): Promise<Standing<Value>> => {
      const { data, response } = await latest.current.read();
      if (data === undefined) throw new Error(texts.problem.title);
      const address = latest.current.changedAt ?? new URL(response.url).pathname;
      return { value: data, version: response.headers.get('etag'), address };
    },
    [],
  );
  const hold = useMemo(
    () =>
      ({ address, version }: Standing<unknown>): void => {
        release.current();
        if (version !== null) release.current = holdVersion(address, version);
      },
    [],
  );
  useEffect(() => {
    let isOver = false;
    setError(null);
    look().then(
      (standing) => {
        if (isOver) return;
        hold(standing);
        setShown({ ...standing, round, known: standing.value });
      },
      (problem: unknown) => {
        if (!isOver) setError(problem instanceof Error ? problem : new Error(String(problem)));
      },
    );
    return () => {
      isOver = true;
    };
  }, [round, look, hold]);
  useEffect(() => () => release.current(), []);
  const editing = useMemo<Editing>(
    () => ({
      first: shown?.value,
      known: shown?.known,
      look,
      goOn(from) {
        hold(from);
        setShown((last) => last && { ...last, known: from.value });
      },
      takeTheirs() {
        setRound((last) => last + 1);
        void client.invalidateQueries();
      },
    }),
    [shown, look, hold, client],
  );
  const again = (): void => setRound((last) => last + 1);
  if (error !== null) {
    if (isPage) return <PageProblem error={error} onRetry={again} />;
    const alert = <ProblemAlert error={error} onRetry={again} />;
    if (onClose === undefined) return alert;
    return (
      <Modal visible header={texts.problem.title} closeAriaLabel={texts.edit.close} onDismiss={onClose}>
        {alert}
      </Modal>
    );
  }
  if (shown === null)
    return onClose === undefined ? (
      <Reading>
        <Spinner size="large" />
      </Reading>
    ) : null;
  return (
    <EditingContext.Provider value={editing}>
      <Fragment key={shown.round}>{children(shown.value, again)}</Fragment>
    </EditingContext.Provider>
  );
}

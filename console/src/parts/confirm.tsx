import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { texts } from '../texts/texts.ts';
import { ProblemAlert } from './problem-alert.tsx';

/** Where there is something to write, one writes at once; the modal would begin at the button that closes it. */
function Fields({ children }: { children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // After the modal has taken the focus itself.
    const frame = requestAnimationFrame(() => {
      place.current?.querySelector<HTMLElement>('input:not([type="checkbox"], [type="radio"]), textarea')?.focus();
    });
    return () => cancelAnimationFrame(frame);
  }, []);
  return <div ref={place}>{children}</div>;
}

/** Asks before something is done, says what it does, and stays open with what went wrong. */
export function Confirm(props: {
  title: string;
  /** What it will break, and what stays. */
  children: ReactNode;
  action: string;
  isDisabled?: boolean;
  run: () => Promise<unknown>;
  onClose: () => void;
}) {
  const running = useMutation({ mutationFn: props.run, onSuccess: props.onClose });
  return (
    <Modal
      visible
      header={props.title}
      closeAriaLabel={texts.edit.close}
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={props.onClose}>{texts.cancel}</Button>
            <Button
              variant="primary"
              loading={running.isPending}
              disabled={props.isDisabled === true}
              onClick={() => running.mutate()}
            >
              {props.action}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <Fields>
        <SpaceBetween size="m">
          {props.children}
          <ProblemAlert error={running.error} />
        </SpaceBetween>
      </Fields>
    </Modal>
  );
}

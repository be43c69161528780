import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { FormModal } from './form-modal.tsx';

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
    <FormModal
      title={props.title}
      action={props.action}
      error={running.error}
      isReady={props.isDisabled !== true}
      isPending={running.isPending}
      onSubmit={() => running.mutate()}
      onClose={props.onClose}
    >
      {props.children}
    </FormModal>
  );
}

import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { ApiProblem } from '../../api/problem.ts';
import { FormModal } from '../../parts/form-modal.tsx';
import { useNotifyRemoved } from '../../parts/undo-removal.tsx';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';

/** Removes something that others may name: the refusal says who does, and then it can be taken out of them first. */
export function RemoveNamed(props: {
  /** Of what can be brought back; absent: it cannot. */
  id?: string;
  name: string;
  help: string;
  /** Reads these lists anew afterwards. */
  lists: readonly string[];
  remove: (force: boolean) => Promise<unknown>;
  canForce: boolean;
  /** Where to go when it is gone. */
  to: string;
  onClose: () => void;
}) {
  const { id, name, help, lists, remove, canForce, to, onClose } = props;
  const client = useQueryClient();
  const notify = useNotify();
  const notifyRemoved = useNotifyRemoved();
  const navigate = useNavigate();
  const [force, setForce] = useState(false);
  const removing = useMutation({
    mutationFn: () => remove(force),
    async onSuccess() {
      if (id === undefined) notify({ type: 'success', content: texts.removed(name) });
      else notifyRemoved({ id, name, content: texts.removed(name) });
      await navigate(to);
      await Promise.all(lists.map((list) => client.invalidateQueries({ queryKey: [list] })));
    },
  });
  const isNamed = removing.error instanceof ApiProblem && removing.error.status === 409;
  return (
    <FormModal
      title={texts.removeWhat(name)}
      action={texts.removeIt}
      isReady
      isPending={removing.isPending}
      error={removing.error}
      onSubmit={() => removing.mutate()}
      onClose={onClose}
    >
      <Box>{help}</Box>
      {canForce && (isNamed || force) && (
        <Checkbox checked={force} onChange={({ detail }) => setForce(detail.checked)}>
          {texts.removeForce}
        </Checkbox>
      )}
    </FormModal>
  );
}

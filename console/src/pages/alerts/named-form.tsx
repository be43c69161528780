import Button from '@cloudscape-design/components/button';
import Form from '@cloudscape-design/components/form';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type ReactNode, useState } from 'react';
import { useNavigate } from 'react-router';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useMay } from '../../session/session.ts';
import { usePageName } from '../../shell/page-name.tsx';
import { texts } from '../../texts/texts.ts';
import { RemoveNamed } from './remove-named.tsx';

/** The page of something that is written, tried out by a drill and removed: a rule, a recipient, a group. */
export function NamedForm(props: {
  /** What is there; null: it is being made. */
  existing: { id: string; name: string } | null;
  /** What making one is called. */
  addTitle: string;
  mayWrite: boolean;
  mayRemove: boolean;
  saving: { isPending: boolean; error: Error | null; mutate: () => void };
  /** The parameter of the drills that names it. */
  drillBy: 'ruleId' | 'groupId' | 'recipientId';
  /** The list that one came from and goes back to. */
  list: string;
  removal: {
    help: string;
    lists: readonly string[];
    canForce: boolean;
    remove: (id: string, force: boolean) => Promise<unknown>;
  };
  children: ReactNode;
}) {
  const { existing, saving, list } = props;
  const may = useMay();
  const navigate = useNavigate();
  const [isRemoving, setIsRemoving] = useState(false);
  const title = existing?.name ?? props.addTitle;
  usePageName(title);
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        <Form
          header={
            <Header
              variant="h1"
              actions={
                existing !== null &&
                props.mayRemove && (
                  <SpaceBetween direction="horizontal" size="xs">
                    {may('POST /api/drills') && (
                      <Button
                        formAction="none"
                        onClick={() => void navigate(`/alerts/drills?${props.drillBy}=${existing.id}&start=1`)}
                      >
                        {texts.drills.tryOut}
                      </Button>
                    )}
                    <Button formAction="none" onClick={() => setIsRemoving(true)}>
                      {texts.removeIt}
                    </Button>
                  </SpaceBetween>
                )
              }
            >
              {title}
            </Header>
          }
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" formAction="none" onClick={() => void navigate(list)}>
                {texts.cancel}
              </Button>
              {props.mayWrite && (
                <Button variant="primary" loading={saving.isPending}>
                  {texts.save}
                </Button>
              )}
            </SpaceBetween>
          }
        >
          <SpaceBetween size="l">
            {props.children}
            <ProblemAlert error={saving.error} />
          </SpaceBetween>
        </Form>
      </form>
      {isRemoving && existing !== null && (
        <RemoveNamed
          {...props.removal}
          id={existing.id}
          name={existing.name}
          to={list}
          remove={(force) => props.removal.remove(existing.id, force)}
          onClose={() => setIsRemoving(false)}
        />
      )}
    </>
  );
}

import Alert from '@cloudscape-design/components/alert';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Wizard from '@cloudscape-design/components/wizard';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { api } from '../../api/client.ts';
import { PageProblem } from '../../parts/page-problem.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { useMay } from '../../session/session.ts';
import { useNotify } from '../../shell/notices.tsx';
import { texts } from '../../texts/texts.ts';
import { AccountStep } from './account-step.tsx';
import { AlertsStep } from './alerts-step.tsx';
import { LocationsStep } from './locations-step.tsx';
import { NetworkStep } from './network-step.tsx';
import { RoutingStep } from './routing-step.tsx';
import { TestStep } from './test-step.tsx';
import { currentStep, lackOf, type Progress, STEPS, type Stage, type StepId, useProgress } from './use-progress.ts';

const said = texts.onboarding;

function contentOf(
  step: StepId,
  { compliance, locations }: Progress,
  onUnsaved: (isUnsaved: boolean) => void,
): ReactNode {
  switch (step) {
    case 'account':
      return <AccountStep exists={compliance.organization.accountExists} />;
    case 'locations':
      return <LocationsStep locations={locations} />;
    case 'alerts':
      return <AlertsStep locations={locations} onUnsaved={onUnsaved} />;
    case 'network':
      return <NetworkStep locations={locations} />;
    case 'test':
      return <TestStep locations={locations} />;
    case 'routing':
      return <RoutingStep locations={locations} />;
  }
}

function Steps({ progress }: { progress: Progress }) {
  const may = useMay();
  const notify = useNotify();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [search, setSearch] = useSearchParams();
  /** The step that was to be left although something was missing. */
  const [refused, setRefused] = useState<StepId | null>(null);
  /** What was written in this step would be lost with it. */
  const [isUnsaved, setIsUnsaved] = useState(false);
  const lackAt = (step: StepId): string | null => (isUnsaved ? said.unsaved : lackOf(step, progress));
  const { organization } = progress.compliance;
  const furthest = STEPS.findIndex(({ id }) => id === currentStep(progress.compliance));
  const named = STEPS.findIndex(({ id }) => id === search.get('step'));
  // Nobody gets beyond what the platform has; the test is followed by what it was a test for.
  const reach = STEPS[furthest]?.id === 'test' ? furthest + 1 : furthest;
  const active = named === -1 ? furthest : Math.min(named, reach);
  // Where one is stands in the address bar, so that nothing moves on by itself.
  useEffect(() => {
    if (named === -1) setSearch({ step: STEPS[furthest]?.id ?? 'account' }, { replace: true });
  }, [named, furthest, setSearch]);
  const mayConfirm = may('PUT /v1/telephony/config/redSky/status');

  const confirming = useMutation({
    mutationFn: (stage: Stage) => api.PUT('/v1/telephony/config/redSky/status', { body: { complianceStatus: stage } }),
    onSuccess: () => client.invalidateQueries(),
  });

  function open(index: number): void {
    setRefused(null);
    confirming.reset();
    setSearch({ step: STEPS[index]?.id ?? 'account' });
  }

  /** Confirms what the step is for, where that is not confirmed yet; false: it stays open, and says why. */
  async function finish(): Promise<boolean> {
    const step = STEPS[active];
    if (step === undefined) return false;
    if (lackAt(step.id) !== null) {
      setRefused(step.id);
      return false;
    }
    if (step.stage === null || step.stage !== organization.next || !mayConfirm) return true;
    return confirming.mutateAsync(step.stage).then(
      () => true,
      // The mutation holds it, and the step shows it.
      () => false,
    );
  }

  const lack = refused === null ? null : lackAt(refused);
  const isRoutingLeft = organization.next === 'ROUTING_ENABLED' && mayConfirm;
  return (
    <Wizard
      activeStepIndex={active}
      isLoadingNextStep={confirming.isPending}
      submitButtonText={isRoutingLeft ? said.routing.turnOnAll : said.routing.finish}
      i18nStrings={{
        stepNumberLabel: said.step,
        collapsedStepsLabel: said.count,
        navigationAriaLabel: said.title,
        cancelButton: said.leave,
        previousButton: said.previous,
        nextButton: said.next,
        optional: said.optional,
        errorIconAriaLabel: said.errorIcon,
      }}
      onCancel={() => void navigate('/')}
      onNavigate={({ detail: { requestedStepIndex } }) => {
        if (requestedStepIndex <= active) open(requestedStepIndex);
        else
          void finish().then((isDone) => {
            if (isDone) open(requestedStepIndex);
          });
      }}
      onSubmit={() =>
        void finish().then((isDone) => {
          if (!isDone) return;
          notify({ type: 'success', content: said.routing.done });
          void navigate('/');
        })
      }
      steps={STEPS.map(({ id }, index) => ({
        title: said.steps[id].title,
        description: said.steps[id].description,
        ...(index === active && refused === id && lack !== null && { errorText: said.needed(lack) }),
        isOptional: id === 'test',
        content: index === active && (
          <SpaceBetween size="m">
            {organization.optedOut && <Alert type="warning">{said.optedOut}</Alert>}
            <ProblemAlert error={confirming.error} />
            {contentOf(id, progress, setIsUnsaved)}
          </SpaceBetween>
        ),
      }))}
    />
  );
}

/** From nothing to routed emergency calls, stage by stage; what is done is on the platform, so one goes on where one left. */
export default function OnboardingPage() {
  const { data, error, isPending, refetch } = useProgress();
  if (isPending) return <Spinner size="large" />;
  if (!data) return <PageProblem error={error} onRetry={() => void refetch()} />;
  return (
    <SpaceBetween size="m">
      <ProblemAlert error={error} />
      <div className="steps">
        <Steps progress={data} />
      </div>
    </SpaceBetween>
  );
}

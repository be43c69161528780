import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import { PageLink } from '../../parts/links.tsx';
import { texts } from '../../texts/texts.ts';
import type { Simulation } from './simulation.ts';
import { Story, StoryPart } from './story.tsx';

const said = texts.tryIt.notify;
const SHOWN = 20;

type Told = NonNullable<Simulation['told']>;

const when = (afterSeconds: number): string => (afterSeconds === 0 ? said.atOnce : said.after(afterSeconds));

/** Who would be told, when and by which rule, and who would not. */
export function NotifyStory({ told, isTest }: { told: Told; isTest: boolean }) {
  const { counts, notTold } = told;
  return (
    <Story title={said.title}>
      {counts.told === 0 && (
        <Alert type={isTest ? 'info' : 'error'}>
          {isTest ? said.nobodyOfTest : said.nobody} <PageLink to="/alerts/rules">{said.toRules}</PageLink>
        </Alert>
      )}
      {counts.told > 0 && (
        <StoryPart label={said.told(counts.told)}>
          <ul className="rules">
            {told.told.slice(0, SHOWN).map(({ endpoint, label, recipientName, afterSeconds, reasons, severity }) => (
              <li key={`${endpoint.channel} ${label} ${afterSeconds}`}>
                <Badge color={severity === 'emergency' ? 'red' : 'blue'}>{said.channels[endpoint.channel]}</Badge>{' '}
                <b className="address">{recipientName ?? label}</b> · {when(afterSeconds)}
                {recipientName !== null && recipientName !== label && <div className="address">{label}</div>}
                <Box variant="small" display="block">
                  {reasons.join('; ')}
                </Box>
              </li>
            ))}
          </ul>
          {counts.told > SHOWN && <Box color="text-body-secondary">{said.more(counts.told - SHOWN)}</Box>}
        </StoryPart>
      )}
      {counts.notTold > 0 && (
        <StoryPart label={said.notTold(counts.notTold)}>
          <ul className="rules">
            {notTold.slice(0, SHOWN).map(({ name, recipientId, ruleId, ruleName, reason }) => (
              <li key={`${ruleId} ${recipientId}`}>
                <Badge color="grey">{said.passedOver}</Badge> <b>{name}</b>
                <Box variant="small" display="block">
                  {ruleName}: {reason}
                </Box>
              </li>
            ))}
          </ul>
          {counts.notTold > SHOWN && <Box color="text-body-secondary">{said.more(counts.notTold - SHOWN)}</Box>}
        </StoryPart>
      )}
      {counts.told > 0 && counts.notTold === 0 && <Box color="text-body-secondary">{said.nobodyPassedOver}</Box>}
    </Story>
  );
}

import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { texts } from '../../texts/texts.ts';
import { RouteAnswer } from '../routing/route-answer.tsx';
import type { Simulation } from './simulation.ts';
import { Story, StoryPart } from './story.tsx';

const said = texts.tryIt.route;

/** Where the call would go, in which order, and what speaks against it. */
export function RouteStory({ call, route }: { call: NonNullable<Simulation['call']>; route: Simulation['route'] }) {
  const { destinations, flags, standing } = call;
  const isTest = call.dialed.endsWith('933');
  return (
    <Story title={said.title}>
      {isTest && (
        <Alert type="info">{standing?.testCallsEnabled === false ? said.testNotYet : said.testAnswered}</Alert>
      )}
      {standing !== null && !standing.routingEnabled && (
        <Alert type="warning">
          {standing.optedOut ? said.optedOut : standing.exempt ? said.exempt : said.notEnabled}
          {standing.missing.length > 0 && (
            <div>{said.missing(standing.missing.map((stage) => texts.home.stages[stage]).join(', '))}</div>
          )}
        </Alert>
      )}
      <StoryPart label={said.order} help={isTest ? said.orderOfTest : said.orderHelp}>
        <ol className="rules">
          {destinations.map(({ name, uri, kind, reason }, at) => (
            <li key={uri}>
              <Badge color={kind === 'relay' ? 'grey' : at === 0 ? 'green' : 'blue'}>{said.kinds[kind]}</Badge>{' '}
              <b>{name}</b>
              <div className="address">{uri}</div>
              <Box variant="small" display="block">
                {reason}
              </Box>
            </li>
          ))}
        </ol>
      </StoryPart>
      {route ? (
        <RouteAnswer route={route} isBeside />
      ) : (
        <Box color="text-body-secondary">{call.location === null ? said.noPlace : said.noBoundary}</Box>
      )}
      <StoryPart label={said.flags}>
        {flags.length === 0 ? (
          <Box color="text-body-secondary">{said.noFlags}</Box>
        ) : (
          <SpaceBetween direction="horizontal" size="xxs">
            {flags.map((flag) => (
              <Badge key={flag} color="severity-medium">
                {said.flagNames[flag as keyof typeof said.flagNames] ?? flag}
              </Badge>
            ))}
          </SpaceBetween>
        )}
      </StoryPart>
    </Story>
  );
}

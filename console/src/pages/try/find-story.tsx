import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { PageLink } from '../../parts/links.tsx';
import { texts } from '../../texts/texts.ts';
import type { Simulation } from './simulation.ts';
import { Story, StoryPart } from './story.tsx';

const said = texts.tryIt.find;

type Call = NonNullable<Simulation['call']>;

function Place({ location }: { location: Call['location'] }) {
  if (location === null) return <StatusIndicator type="error">{said.nowhere}</StatusIndicator>;
  return (
    <SpaceBetween size="xxs">
      <Box fontSize="heading-m" fontWeight="bold">
        {location.text}
      </Box>
      <StatusIndicator type={location.source === 'default' ? 'warning' : 'success'}>
        {texts.tryIt.sources[location.source]}
      </StatusIndicator>
      <Box color="text-body-secondary">{location.rule}</Box>
    </SpaceBetween>
  );
}

const CALLBACK_TYPES = { RECOMMENDED: 'success', NOT_RECOMMENDED: 'warning', INVALID: 'error' } as const;

/** Where the caller is, by which rule, what lost, and how they are called back. */
export function FindStory({ find, call }: Pick<Simulation, 'find' | 'call'>) {
  return (
    <Story title={said.title}>
      {call && (
        <StoryPart label={said.place}>
          <Place location={call.location} />
        </StoryPart>
      )}
      {find?.found === false && (
        <StoryPart label={said.device}>
          <SpaceBetween size="xxs">
            <StatusIndicator type="warning">{said.notFound}</StatusIndicator>
            <div>{find.reason}</div>
            {find.needsAddress && <div>{said.needsAddress}</div>}
            <PageLink to="/wire-map/inbox">{said.mapIt}</PageLink>
          </SpaceBetween>
        </StoryPart>
      )}
      {find?.found === true && (
        <StoryPart label={said.rules} help={said.rulesHelp}>
          <ol className="rules">
            <li>
              <Badge color="green">{said.won}</Badge> <b>{said.ruleNames[find.rule]}</b> · {find.trust}
              <div>{find.element}</div>
              <Box variant="small" display="block">
                {said.worth(find.confidencePercent, find.ageSeconds)}
              </Box>
            </li>
            {find.candidates.map((candidate, at) => (
              <li key={`${candidate.rule} ${candidate.element}`}>
                <Badge color={candidate.contradicts ? 'red' : 'grey'}>
                  {candidate.contradicts ? said.contradicts : said.lost}
                </Badge>{' '}
                <b>{said.ruleNames[candidate.rule]}</b> · {candidate.trust}
                <div>{candidate.element}</div>
                {at === 0 && (
                  <Box variant="small" display="block">
                    {said.next}
                  </Box>
                )}
              </li>
            ))}
          </ol>
          {find.candidates.length === 0 && <Box color="text-body-secondary">{said.alone}</Box>}
        </StoryPart>
      )}
      {find !== null && find.notes.length > 0 && (
        <StoryPart label={said.notes}>
          <ul className="plain-list">
            {find.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </StoryPart>
      )}
      {call && (
        <StoryPart label={said.caller}>
          {[call.caller.displayName, call.caller.number].filter(Boolean).join(' · ') || texts.unknown}
        </StoryPart>
      )}
      {call && (
        <StoryPart label={said.callback}>
          <StatusIndicator type={CALLBACK_TYPES[call.callback.quality]}>
            {call.callback.number ?? said.noCallback}
          </StatusIndicator>
          <Box color="text-body-secondary">{call.callback.rule}</Box>
        </StoryPart>
      )}
    </Story>
  );
}

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { paths } from '../../api/schema.generated.ts';
import { Moment } from '../../parts/moment.tsx';
import { texts } from '../../texts/texts.ts';

export type ExplainedPlace = paths['/api/explain/route']['get']['responses']['200']['content']['application/json'];
export type Route = Omit<ExplainedPlace, 'place'>;
export type Quality = Route['quality'];

const said = texts.routing.answer;

/** How much one may rely on it: `warning` where a neighbour is as likely, `error` where it is a guess. */
const QUALITY_TYPES: Readonly<Record<Quality, StatusIndicatorProps.Type>> = {
  inside: 'success',
  'civic-county': 'success',
  'civic-province': 'success',
  'civic-postal': 'success',
  'civic-city': 'success',
  'on-edge': 'warning',
  'greatest-overlap': 'warning',
  center: 'warning',
  nearest: 'warning',
  'civic-state': 'error',
};

/** Of the data that the platform brings itself. */
const BUILT_IN = 'waymark.default';

export function RouteQuality({ quality }: { quality: Quality }) {
  return <StatusIndicator type={QUALITY_TYPES[quality]}>{said.qualities[quality]}</StatusIndicator>;
}

const meters = (distance: number): string =>
  distance >= 1_000 ? `${(distance / 1_000).toFixed(1)} km` : `${Math.round(distance)} m`;

/**
 * Who answers, by which rule and data, how sure that is, and who nearly did. `isBeside`: in a narrow column, where it is said
 * already to whom the call goes.
 */
export function RouteAnswer({ route, isBeside = false }: { route: Route; isBeside?: boolean }) {
  const { boundary, distanceToEdgeMeters, leadsToRelay, mapping, quality, rule, runnersUp, warnings } = route;
  return (
    <SpaceBetween size="m">
      {!isBeside && (
        <div>
          <Box variant="awsui-key-label">{said.psap}</Box>
          <Box fontSize="heading-m" fontWeight="bold">
            {mapping.displayName}
          </Box>
        </div>
      )}
      {leadsToRelay && <Alert type="warning">{said.relay}</Alert>}
      {warnings.map((warning) => (
        <Alert key={warning} type="warning">
          {warning}
        </Alert>
      ))}
      <KeyValuePairs
        columns={isBeside ? 1 : 2}
        items={[
          { label: said.quality, value: <RouteQuality quality={quality} /> },
          { label: said.rule, value: rule },
          ...(isBeside ? [] : [{ label: said.sentTo, value: <span className="address">{mapping.uri}</span> }]),
          {
            label: said.edge,
            value: distanceToEdgeMeters === null ? said.byAddress : meters(distanceToEdgeMeters),
          },
          {
            label: said.boundary,
            value: `${mapping.sourceId} · ${boundary.layer === BUILT_IN ? said.builtIn : said.layer(boundary.layer)}`,
          },
          { label: said.dataOf, value: <Moment at={boundary.updated} /> },
        ]}
      />
      <div>
        <Box variant="awsui-key-label">{said.runnersUp}</Box>
        {runnersUp.length === 0 ? (
          <Box color="text-body-secondary">{said.noRunnersUp}</Box>
        ) : (
          <ol className="plain-list">
            {runnersUp.map(({ sourceId, displayName }) => (
              <li key={sourceId}>
                {displayName} <Box variant="small">{sourceId}</Box>
              </li>
            ))}
          </ol>
        )}
      </div>
    </SpaceBetween>
  );
}

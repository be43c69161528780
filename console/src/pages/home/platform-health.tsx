import Alert from '@cloudscape-design/components/alert';
import { readHealth } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { texts } from '../../texts/texts.ts';

const LOOK_AGAIN_MS = 5_000;

/** What of the platform itself does not work now, and what works nevertheless; nothing where all does. */
export function PlatformHealth() {
  const { data } = useQuery({ queryKey: ['health'], queryFn: readHealth, refetchInterval: LOOK_AGAIN_MS });
  if (!data) return null;
  const { alerts, database, journal } = data;
  const said = texts.home.health;
  const faults = [
    alerts === 'ok' ? [] : [said.alerts],
    journal === 'ok' ? [] : [said.journal],
    database === 'ok' ? [] : [said.database],
  ].flat();
  if (faults.length === 0) return null;
  return (
    <Alert type={alerts === 'ok' && journal === 'ok' ? 'warning' : 'error'} header={said.title}>
      {faults.map((fault) => (
        <div key={fault}>{fault}</div>
      ))}
    </Alert>
  );
}

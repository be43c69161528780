import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import { useQuery } from '../../api/use-query.ts';
import { Copied } from '../../parts/copied.tsx';
import { texts } from '../../texts/texts.ts';
import { ABOUT } from '../about.ts';

/** Where call servers and networks send what they ask: what is written into their settings. */
export function Doors() {
  const { data } = useQuery(ABOUT);
  if (data === undefined) return null;
  const { lostUrl, sip } = data.doors;
  return (
    <Container
      header={
        <Header variant="h2" description={texts.settings.doorsHelp}>
          {texts.settings.doors}
        </Header>
      }
    >
      <KeyValuePairs
        columns={2}
        items={[
          ...sip.map(({ protocol, host, port }) => ({
            label: texts.settings.sipOver(protocol),
            value: <Copied text={`${host}:${port}`} />,
          })),
          { label: texts.settings.lostUrl, value: <Copied text={lostUrl} /> },
        ]}
      />
    </Container>
  );
}

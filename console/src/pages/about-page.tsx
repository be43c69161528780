import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '../api/use-query.ts';
import { PageProblem } from '../parts/page-problem.tsx';
import { WholeTable } from '../parts/whole-table.tsx';
import { texts } from '../texts/texts.ts';
import { ABOUT } from './about.ts';

/** What runs here, what it is made of, and whose data it shows. */
export default function AboutPage() {
  const { data, error, isPending, refetch } = useQuery(ABOUT);
  if (isPending) return <Spinner size="large" />;
  if (!data) return <PageProblem error={error} onRetry={() => void refetch()} />;
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={data.notice}>
        {data.name}
      </Header>
      <Container>
        <KeyValuePairs
          columns={4}
          items={[
            { label: texts.about.version, value: data.version },
            { label: texts.about.license, value: data.license },
            { label: texts.about.node, value: `Node ${data.node}` },
            {
              label: texts.about.apiDescription,
              value: (
                <Link href="/docs" external externalIconAriaLabel={texts.newWindow}>
                  /docs
                </Link>
              ),
            },
          ]}
        />
      </Container>
      <WholeTable
        name="data"
        title={texts.about.data}
        headerVariant="h2"
        items={data.data}
        itemKey={({ name }) => name}
        empty={texts.none}
        columns={[
          { id: 'name', header: texts.about.name, isRowHeader: true, cell: ({ name }) => name },
          { id: 'use', header: texts.about.use, cell: ({ use }) => use },
          { id: 'license', header: texts.about.license, cell: ({ license }) => license },
          {
            id: 'attribution',
            header: texts.about.attribution,
            cell: ({ attribution, url }) => `${attribution} · ${url}`,
          },
        ]}
      />
      <WholeTable
        name="packages"
        title={texts.about.packages}
        headerVariant="h2"
        description={texts.about.packagesHelp(data.packages.length)}
        items={data.packages}
        itemKey={({ name, version }) => `${name} ${version}`}
        contentDensity="compact"
        empty={texts.none}
        columns={[
          { id: 'name', header: texts.about.name, isRowHeader: true, cell: ({ name }) => name },
          { id: 'version', header: texts.about.version, cell: ({ version }) => version },
          { id: 'license', header: texts.about.license, cell: ({ license }) => license },
        ]}
      />
    </SpaceBetween>
  );
}

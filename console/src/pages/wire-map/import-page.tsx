import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useSearchParams } from 'react-router';
import { texts } from '../../texts/texts.ts';
import { ChooseFile } from './choose-file.tsx';
import { ImportProgress } from './import-progress.tsx';

/** Takes a file in step by step. From the moment it is on the server its id stands in the address bar: a reload goes on. */
export default function ImportPage() {
  const [search, setSearch] = useSearchParams();
  const id = search.get('id');
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={texts.imports.description}>
        {texts.imports.title}
      </Header>
      {id === null ? (
        <ChooseFile onStarted={(started) => setSearch({ id: started })} />
      ) : (
        <ImportProgress id={id} onAgain={() => setSearch({})} />
      )}
    </SpaceBetween>
  );
}

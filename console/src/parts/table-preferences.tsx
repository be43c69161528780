import CollectionPreferences from '@cloudscape-design/components/collection-preferences';
import { texts } from '../texts/texts.ts';
import { ACTIONS, displayOf, PAGE_SIZES, type TableChoices } from './table-choices.ts';

const said = texts.preferences;

/** Where one chooses columns and their order, rows on a page and how dense they stand. */
export default function TablePreferences({
  columns,
  choices,
  onChange,
}: {
  columns: readonly { id: string; header: string; isRowHeader?: boolean | undefined }[];
  choices: TableChoices;
  onChange: (choices: TableChoices) => void;
}) {
  const shown = displayOf(columns, choices.columns);
  return (
    <CollectionPreferences
      title={said.title}
      confirmLabel={texts.save}
      cancelLabel={texts.cancel}
      closeAriaLabel={texts.cancel}
      preferences={{
        pageSize: choices.pageSize,
        wrapLines: choices.wrapLines,
        contentDensity: choices.isCompact ? 'compact' : 'comfortable',
        contentDisplay: shown.filter(({ id }) => id !== ACTIONS),
      }}
      pageSizePreference={{
        title: said.pageSize,
        options: PAGE_SIZES.map((value) => ({ value, label: said.rows(value) })),
      }}
      wrapLinesPreference={{ label: said.wrapLines, description: said.wrapLinesHelp }}
      contentDensityPreference={{ label: said.density, description: said.densityHelp }}
      contentDisplayPreference={{
        title: said.columns,
        description: said.columnsHelp,
        options: columns
          .filter(({ id }) => id !== ACTIONS)
          .map(({ id, header, isRowHeader }) => ({ id, label: header, alwaysVisible: isRowHeader === true })),
      }}
      onConfirm={({ detail }) =>
        onChange({
          pageSize: detail.pageSize ?? choices.pageSize,
          wrapLines: detail.wrapLines ?? choices.wrapLines,
          isCompact: detail.contentDensity === 'compact',
          columns: (detail.contentDisplay ?? []).map(({ id, visible }) => ({ id, visible })),
        })
      }
    />
  );
}

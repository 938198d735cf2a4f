/** The search field above a list. It waits until somebody stops typing. */
import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useSearchParams } from 'react-router';
import { useWords } from './i18n.ts';
import { IconSearch } from './icons.ts';

interface Props {
  /** What can be searched for. */
  readonly hint: string;
  readonly onChange: (q: string) => void;
}

export function SearchField({ hint, onChange }: Props) {
  const { t } = useWords();
  const [search] = useSearchParams();
  const searchFor = useDebouncedCallback(onChange, 250);
  return (
    <TextInput
      label={t('search')}
      placeholder={hint}
      leftSection={<IconSearch size={16} aria-hidden />}
      defaultValue={search.get('q') ?? ''}
      onChange={(event) => searchFor(event.currentTarget.value)}
      type="search"
      className="filter-search"
    />
  );
}

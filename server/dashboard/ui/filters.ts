/** What a list is filtered by stands in the address, so that it can be linked to and survives a reload. */
import { useSearchParams } from 'react-router';

export function useFilters() {
  const [search, setSearch] = useSearchParams();
  /** Null or empty takes a filter away. Whatever changes, the list begins at its first page again. */
  const change = (changes: Readonly<Record<string, string | null>>) => {
    const next = new URLSearchParams(search);
    next.delete('page');
    for (const [name, value] of Object.entries(changes))
      if (value) next.set(name, value);
      else next.delete(name);
    setSearch(next, { replace: true });
  };
  return { search, change };
}

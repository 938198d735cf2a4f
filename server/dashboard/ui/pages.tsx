/** Turning the pages of a list; nothing where there is just one. Each control says where it leads. */
import { Pagination } from '@mantine/core';
import { useWords } from './i18n.ts';

interface Props {
  /** Of the list as a whole, and how many of them a page shows. */
  readonly total: number;
  readonly size: number;
  /** From 1. */
  readonly page: number;
  readonly onChange: (page: string) => void;
}

export function Pages({ total, size, page: current, onChange }: Props) {
  const { t } = useWords();
  const pages = Math.max(1, Math.ceil(total / size));
  if (pages === 1) return null;
  return (
    <Pagination
      className="no-print"
      total={pages}
      value={current}
      onChange={(page) => onChange(String(page))}
      getControlProps={(control) =>
        control === 'previous'
          ? { 'aria-label': t('previousPage') }
          : control === 'next'
            ? { 'aria-label': t('nextPage') }
            : {}
      }
      getItemProps={(page) => ({ 'aria-label': t('page', { page, pages }) })}
    />
  );
}

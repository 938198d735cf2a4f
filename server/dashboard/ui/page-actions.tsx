/** What can be done with a page: its own actions, its list as CSV, printing. */
import type { ReactNode } from 'react';
import { useWords } from './i18n.ts';
import { IconDownload, IconPrinter } from './icons.ts';

/** @param csv address of the same list as CSV, where there is one */
export function PageActions({ csv, children }: { csv?: string; children?: ReactNode }) {
  const { t } = useWords();
  return (
    <>
      {children}
      {csv && (
        <a className="text-link no-print" href={csv} download>
          <IconDownload size={16} aria-hidden /> CSV
        </a>
      )}
      <button type="button" className="text-link no-print" onClick={() => window.print()}>
        <IconPrinter size={16} aria-hidden /> {t('print')}
      </button>
    </>
  );
}

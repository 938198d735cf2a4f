import { useWords } from './i18n.ts';
import { Page } from './page.tsx';
import { To } from './tenant.tsx';

export default function NotFound() {
  const { t } = useWords();
  return (
    <Page name={t('notFoundTitle')} heading={t('notFoundTitle')} lead={t('notFoundText')}>
      <p>
        <To to="/">{t('toOverview')}</To>
      </p>
    </Page>
  );
}

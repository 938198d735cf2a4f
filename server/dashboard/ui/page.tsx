/** The frame of every screen: what it is about, the verdict, the instant it is true for; and what can go wrong. */
import { Button, Loader } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { ApiError } from './client.ts';
import { useWords } from './i18n.ts';
import { AsOfProvider, Time } from './time.tsx';

interface PageProps {
  /** For the browser's tab. */
  name: string;
  /** Small line above the heading. */
  about?: ReactNode;
  heading: ReactNode;
  lead?: ReactNode;
  asOf?: string | undefined;
  actions?: ReactNode;
  children?: ReactNode;
}

export function Page({ name, about, heading, lead, asOf, actions, children }: PageProps) {
  const { t } = useWords();
  useEffect(() => {
    document.title = `${name} · ${t('appName')}`;
  }, [name, t]);
  return (
    <AsOfProvider value={asOf ?? null}>
      <header className="page-head">
        <div>
          {about && <p className="about">{about}</p>}
          <h1 tabIndex={-1}>{heading}</h1>
          {lead && <div className="lead">{lead}</div>}
        </div>
        {(asOf || actions) && (
          <div className="page-side">
            {asOf && <AsOfLine at={asOf} />}
            {actions}
          </div>
        )}
      </header>
      {children}
    </AsOfProvider>
  );
}

function AsOfLine({ at }: { at: string }) {
  const { t } = useWords();
  const [before = '', after = ''] = t('asOf', { at: '\u0000' }).split('\u0000');
  return (
    <p className="as-of">
      {before}
      <AsOfProvider value={null}>
        <Time at={at} />
      </AsOfProvider>
      {after}
    </p>
  );
}

/** Shows the data once it is there; a refusal with its code and what to do; old data with a word of warning. */
export function Loaded<T>({
  query,
  name,
  children,
}: {
  query: UseQueryResult<T>;
  name: string;
  children: (data: T) => ReactNode;
}) {
  const { t } = useWords();
  if (query.data === undefined)
    return query.error ? (
      <Page name={name} heading={t('errorTitle')}>
        <Problem error={query.error} retry={() => void query.refetch()} />
      </Page>
    ) : (
      <Waiting />
    );
  return (
    <>
      {query.error && (
        <div className="notice unproven" role="status">
          {t('staleView')}
        </div>
      )}
      {children(query.data)}
    </>
  );
}

export function Waiting() {
  const { t } = useWords();
  return (
    <div className="waiting" role="status">
      <Loader size="sm" aria-hidden />
      <span>{t('loading')}</span>
    </div>
  );
}

export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useWords();
  const known = error instanceof ApiError ? error : undefined;
  const away = known?.status === 0;
  return (
    <div className="notice violated" role="alert">
      <p>
        <strong>{away ? t('errorUnreachable') : known?.message || t('errorUnknown')}</strong>{' '}
        {away ? t('errorUnreachableNext') : known?.next}
      </p>
      {known && !away && <p className="code">{t('code', { code: known.code })}</p>}
      {retry && (
        <Button variant="default" size="xs" onClick={retry}>
          {t('errorRetry')}
        </Button>
      )}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children && <div>{children}</div>}
    </div>
  );
}

export function Section({
  title,
  id,
  note,
  aside,
  children,
}: {
  title: ReactNode;
  id: string;
  note?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="section" aria-labelledby={id}>
      <div className="section-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      {note && <p className="quiet section-note">{note}</p>}
      {children}
    </section>
  );
}

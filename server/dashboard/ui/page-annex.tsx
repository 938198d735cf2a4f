/** The annex, read as the document it is: numbers and words on the left, status and what it rests on at the right. */
import { useSearchParams } from 'react-router';
import type { AnnexClause, AnnexReply } from '../api/annex.ts';
import { GroundLines } from './grounds.tsx';
import { useWords } from './i18n.ts';
import { Loaded, Page } from './page.tsx';
import { useAnnex } from './queries.ts';
import { ClauseMark } from './status.tsx';
import { isStatus } from './statuses.ts';
import { TallyBar, TallyLegend, totalOf } from './tally.tsx';
import { clausePath, To, useTenancy } from './tenant.tsx';

export default function Annex() {
  const { t } = useWords();
  const { tenant } = useTenancy();
  const query = useAnnex(tenant?.id ?? null);
  if (!tenant) return <ChooseTenant />;
  return (
    <Loaded query={query} name={t('annexTitle')}>
      {(data) => <Document data={data} />}
    </Loaded>
  );
}

function ChooseTenant() {
  const { t } = useWords();
  const { tenants } = useTenancy();
  const [search] = useSearchParams();
  const status = search.get('status');
  if (tenants.length === 0)
    return (
      <Page name={t('annexTitle')} heading={t('enrolNoTenant')} lead={t('enrolNoTenantText')}>
        <pre className="command">nachweis-collector tenant add NAME</pre>
      </Page>
    );
  return (
    <Page name={t('annexTitle')} heading={t('annexChoose')} lead={t('annexChooseText')}>
      <ul className="choices">
        {tenants.map(({ id, name }) => (
          <li key={id}>
            <To to={status ? `/annex?status=${status}` : '/annex'} tenant={id}>
              {name}
            </To>
          </li>
        ))}
      </ul>
    </Page>
  );
}

function Document({ data }: { data: AnnexReply }) {
  const { t, say } = useWords();
  const [search, setSearch] = useSearchParams();
  const wanted = search.get('status');
  const only = isStatus(wanted) ? wanted : null;
  const shown = only ? data.clauses.filter(({ status }) => status === only) : data.clauses;
  const total = totalOf(data.counts);
  const show = (status: string | null) => {
    const next = new URLSearchParams(search);
    if (status) next.set('status', status);
    else next.delete('status');
    setSearch(next, { replace: true });
  };
  // A heading stands where something stands under it.
  const sections = data.sections.filter(({ id }) =>
    shown.some(({ section }) => section === id || section.startsWith(`${id}.`)),
  );
  return (
    <Page
      name={t('annexTitle')}
      about={t('annexFor', { tenant: data.tenant.name })}
      heading={say(data.catalogue.title)}
      lead={
        only ? (
          <>
            {t('annexShown', { count: shown.length, total })}{' '}
            <button type="button" className="text-link" onClick={() => show(null)}>
              {t('filterClear')}
            </button>
          </>
        ) : (
          t('annexVersion', { id: data.catalogue.id, version: data.catalogue.version })
        )
      }
      asOf={data.asOf}
    >
      <section aria-label={t('annexFilter')} className="annex-tally">
        <TallyBar counts={data.counts} />
        <TallyLegend
          counts={data.counts}
          item={(status, content) => (
            <button
              type="button"
              aria-pressed={only === status}
              onClick={() => show(only === status ? null : status)}
            >
              {content}
            </button>
          )}
        />
      </section>
      <article className="annex">
        {sections.map((section) => {
          const level = section.id.split('.').length;
          const clauses = shown.filter((clause) => clause.section === section.id);
          const Heading = level === 1 ? 'h2' : level === 2 ? 'h3' : 'h4';
          const alone = clauses.length === 1 && clauses[0]?.id === section.id;
          return (
            <section key={section.id} className={`annex-section level-${level}`}>
              {!alone && (
                <Heading>
                  <span className="annex-number">{section.id}</span>
                  <span>{say(section.title)}</span>
                </Heading>
              )}
              {clauses.map((clause) => (
                <ClauseRow key={clause.id} clause={clause} numbered={alone} level={level} />
              ))}
            </section>
          );
        })}
      </article>
    </Page>
  );
}

function ClauseRow({ clause, numbered, level }: { clause: AnnexClause; numbered: boolean; level: number }) {
  const { t, say } = useWords();
  const Title = numbered ? (level === 2 ? 'h3' : 'h4') : level === 1 ? 'h3' : level === 2 ? 'h4' : 'h5';
  return (
    <div className="annex-clause" id={clause.id}>
      <span className="annex-number">{numbered ? clause.id : ''}</span>
      <div className="annex-words">
        <Title>
          <To to={clausePath(clause.id)}>{say(clause.title)}</To>
        </Title>
        <p>{say(clause.promise)}</p>
        <p className="quiet annex-kind">{t(`kind_${clause.kind}`)}</p>
      </div>
      <div className="annex-status">
        <ClauseMark status={clause.status} />
        {clause.assessed > 0 && (
          <p className="annex-hosts">
            {t('hostsKept', { kept: clause.hosts.kept, assessed: clause.assessed })} {t('status_kept')}
            {clause.total > clause.assessed && (
              <span className="quiet"> · {t('hostsOut', { count: clause.total - clause.assessed })}</span>
            )}
          </p>
        )}
        {clause.grounds.length > 0 ? (
          <GroundLines grounds={clause.grounds} />
        ) : (
          <p className="quiet">{say(clause.reason)}</p>
        )}
      </div>
    </div>
  );
}

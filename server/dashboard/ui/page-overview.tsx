/** The first screen: the verdict, what needs attention, what changed, and whether everything that should be heard is. */
import { Fragment } from 'react';
import type { OverviewReply } from '../api/overview.ts';
import { AlertLine } from './alert-line.tsx';
import { ChangeList } from './changes.tsx';
import { useWords } from './i18n.ts';
import { Empty, Loaded, Page, Section } from './page.tsx';
import { useOverview } from './queries.ts';
import { mayEnrol, type User } from './shell.tsx';
import { ClauseMark } from './status.tsx';
import { TallyBar, TallyLegend, totalOf } from './tally.tsx';
import { clausePath, To, useTenancy } from './tenant.tsx';
import { Time } from './time.tsx';

export default function Overview({ user }: { user: User }) {
  const { t } = useWords();
  const { tenant } = useTenancy();
  const query = useOverview(tenant?.id ?? null);
  return (
    <Loaded query={query} name={t('overviewTitle')}>
      {(data) => <Body data={data} user={user} />}
    </Loaded>
  );
}

const ATTENTION = 7;

const hostTotal = ({ fresh, stale, waiting, missing }: OverviewReply['hosts']) =>
  fresh + stale + waiting + missing;

function Body({ data, user }: { data: OverviewReply; user: User }) {
  const { t, say } = useWords();
  const { tenant, tenants } = useTenancy();
  const { clauses } = data;
  const total = totalOf(clauses);
  const owed = clauses.violated + clauses.unproven + clauses.waived + clauses.kept;
  const several = data.tenants.length > 1;
  const heading =
    clauses.violated > 0
      ? t('verdictViolated', { count: clauses.violated })
      : clauses.kept === 0
        ? t('verdictNothing')
        : clauses.unproven > 0
          ? t('verdictUnproven', { count: clauses.unproven })
          : t('verdictKept');
  const lead = several
    ? t('verdictSubTenants', { kept: clauses.kept, total: owed, tenants: data.tenants.length })
    : t('verdictSub', { kept: clauses.kept, total: owed });
  return (
    <Page
      name={t('overviewTitle')}
      about={tenant?.name ?? (tenants.length > 1 ? t('allTenants') : say(data.catalogue.title))}
      heading={heading}
      lead={owed > 0 ? lead : undefined}
      asOf={data.asOf}
    >
      {total > 0 && (
        <section aria-label={t('clausesByStatus')}>
          <TallyBar counts={clauses} />
          <TallyLegend
            counts={clauses}
            item={(status, content) => <To to={`/annex?status=${status}`}>{content}</To>}
          />
        </section>
      )}
      {hostTotal(data.hosts) === 0 && (
        <Empty title={t('hostsNone')}>
          <p>{t('hostsNoneText')}</p>
          {mayEnrol(user) && (
            <p>
              <To to="/enrol" className="button-link">
                {t('navEnrol')}
              </To>
            </p>
          )}
        </Empty>
      )}
      {/* Without a tenant there is nothing to judge, and "nothing is violated" would be a false comfort. */}
      <div className="columns" hidden={total === 0}>
        <div className="column-main">
          {several && <Tenants data={data} />}
          <Attention data={data} several={several} />
          <Section title={t('changed')} id="changed" note={changeNote(data, t)}>
            {data.today.changes.length === 0 ? (
              <p className="quiet">{t('changedNone')}</p>
            ) : (
              <ChangeList changes={data.today.changes} />
            )}
          </Section>
        </div>
        <aside className="column-side">
          <Hosts data={data} />
          <Section
            title={t('alertsTitle')}
            id="alerts"
            aside={<span className="count">{data.alerts.open}</span>}
          >
            {data.alerts.open === 0 ? (
              <p className="quiet">{t('alertsNone')}</p>
            ) : (
              <>
                <ul className="lines">
                  {data.alerts.newest.map((alert) => (
                    <li key={alert.id}>
                      <AlertLine alert={alert} />
                    </li>
                  ))}
                </ul>
                <p>
                  <To to="/alerts">{t('alertsAll')}</To>
                </p>
              </>
            )}
          </Section>
          {user.tenant === null && <Channels channels={data.channels} />}
        </aside>
      </div>
    </Page>
  );
}

function changeNote({ today }: OverviewReply, t: ReturnType<typeof useWords>['t']) {
  const { worse, better, other } = today;
  return worse + better + other > 0 ? t('changedSummary', { worse, better, other }) : undefined;
}

function Tenants({ data }: { data: OverviewReply }) {
  const { t } = useWords();
  return (
    <Section title={t('tenantsTitle')} id="tenants">
      <table className="table cards">
        <thead>
          <tr>
            <th scope="col">{t('colTenant')}</th>
            <th scope="col">{t('tenantClauses')}</th>
            <th scope="col" className="number">
              {t('tenantHosts')}
            </th>
          </tr>
        </thead>
        <tbody>
          {data.tenants.map(({ id, name, clauses, hosts }) => (
            <tr key={id}>
              <th scope="row">
                <To to="/" tenant={id}>
                  {name}
                </To>
              </th>
              <td className="wide" data-label={t('tenantClauses')}>
                <div>
                  <TallyBar counts={clauses} thin />
                  <span className="tenant-clauses">
                    {(['violated', 'unproven', 'kept'] as const)
                      .filter((status) => clauses[status] > 0)
                      .map((status) => (
                        <span key={status} className={status}>
                          <b>{clauses[status]}</b> {t(`status_${status}`)}
                        </span>
                      ))}
                  </span>
                </div>
              </td>
              <td className="number" data-label={t('tenantHosts')}>
                {t('of', { count: hosts.fresh, total: hostTotal(hosts) })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function Attention({ data, several }: { data: OverviewReply; several: boolean }) {
  const { t, say } = useWords();
  const violated = data.attention.filter(({ status }) => status === 'violated');
  // All that is violated; what is only unproven fills up the list.
  const shown = data.attention.slice(0, Math.max(violated.length, ATTENTION));
  return (
    <Section title={t('attention')} id="attention">
      {data.attention.length === 0 ? (
        <p className="quiet">{t('attentionNone')}</p>
      ) : (
        <ul className="clause-lines">
          {shown.map(({ tenant, clause, status, hosts }) => (
            <li key={`${tenant.id} ${clause.id}`}>
              <span className="clause-number">{clause.id.split('/')[0]}</span>
              <span>
                <To to={clausePath(clause.id)} tenant={tenant.id}>
                  {say(clause.title)}
                </To>
                {several && <span className="quiet"> {tenant.name}</span>}
              </span>
              <span className="clause-line-status">
                <ClauseMark status={status} plain />
                {hosts[status] > 0 && (
                  <span className="quiet">
                    {t('hostsKept', {
                      kept: hosts[status],
                      assessed: hosts.violated + hosts.unproven + hosts.waived + hosts.kept,
                    })}
                  </span>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p>
        <To to="/annex">{t('attentionAll')}</To>
      </p>
    </Section>
  );
}

function Hosts({ data }: { data: OverviewReply }) {
  const { t } = useWords();
  const { hosts, outcomes } = data;
  const total = hostTotal(hosts);
  if (total === 0) return null;
  const results = outcomes.pass + outcomes.fail + outcomes.unknown + outcomes['not-applicable'];
  return (
    <Section title={t('hostsTitle')} id="hosts">
      <p>
        <To to="/hosts">{t('hostsReporting', { count: hosts.fresh, total })}</To>
      </p>
      <dl className="pairs">
        {(['stale', 'waiting', 'missing'] as const)
          .filter((key) => hosts[key] > 0)
          .map((key) => (
            <Fragment key={key}>
              <dt>
                <To to={`/hosts?freshness=${key}`}>{t(`freshness_${key}`)}</To>
              </dt>
              <dd>{hosts[key]}</dd>
            </Fragment>
          ))}
        {results > 0 && (
          <>
            <dt>
              <To to="/hosts?outcome=fail">{t('outcome_fail')}</To>
            </dt>
            <dd>{t('of', { count: outcomes.fail, total: results })}</dd>
            <dt>
              <To to="/hosts?outcome=unknown">{t('outcome_unknown')}</To>
            </dt>
            <dd>{t('of', { count: outcomes.unknown, total: results })}</dd>
          </>
        )}
      </dl>
    </Section>
  );
}

function Channels({ channels }: Pick<OverviewReply, 'channels'>) {
  const { t } = useWords();
  return (
    <Section title={t('channelsTitle')} id="channels">
      {channels.length === 0 ? (
        <p className="quiet">{t('channelsNone')}</p>
      ) : (
        <ul className="lines">
          {channels.map(({ name, failingSince, lastOkAt, lastError }) => (
            <li key={name}>
              <span className="line-main">{name}</span>{' '}
              {failingSince ? (
                <>
                  <span className="violated tone">
                    {t('channelFailing', { at: '' })}
                    <Time at={failingSince} />
                  </span>
                  {lastError && <span className="quiet break">{lastError}</span>}
                </>
              ) : (
                <span className="quiet">
                  {lastOkAt ? (
                    <>
                      {t('channelOk', { at: '' })}
                      <Time at={lastOkAt} />
                    </>
                  ) : (
                    t('channelNever')
                  )}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

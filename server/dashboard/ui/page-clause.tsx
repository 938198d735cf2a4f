/** One clause: what is promised, how it stands, what that rests on, and the hosts behind it. */

import { useParams } from 'react-router';
import type { Basis, ClauseReply, Ground } from '../api/annex.ts';
import { useWhat, whatKey } from './grounds.tsx';
import { useWords } from './i18n.ts';
import { IconArrowLeft, IconArrowRight } from './icons.ts';
import { MediaTable } from './media-table.tsx';
import { Loaded, Page, Section } from './page.tsx';
import Annex from './page-annex.tsx';
import { useClause, useMedia } from './queries.ts';
import { BasisMark, ClauseMark } from './status.tsx';
import { clausePath, hostPath, To, useTenancy } from './tenant.tsx';
import { Time } from './time.tsx';

export default function Clause() {
  const { t } = useWords();
  const { '*': id = '' } = useParams();
  const { tenant } = useTenancy();
  const query = useClause(tenant?.id ?? null, id);
  if (!tenant) return <Annex />;
  return (
    <Loaded query={query} name={t('clause', { id })}>
      {(data) => <Body data={data} />}
    </Loaded>
  );
}

function Body({ data }: { data: ClauseReply }) {
  const { t, say } = useWords();
  const { clause } = data;
  const informs = clause.informs.flatMap(({ id, title }) => (title ? [{ id, title }] : []));
  const later = clause.informs.filter(({ title }) => title === null).map(({ id }) => id);
  return (
    <Page
      name={say(clause.title)}
      about={
        <>
          <To to="/annex">{t('annexFor', { tenant: data.tenant.name })}</To>
          {data.sections.map(({ id, title }) => (
            <span key={id}>
              {' / '}
              {id} {say(title)}
            </span>
          ))}
        </>
      }
      heading={say(clause.title)}
      lead={
        <>
          <ClauseMark status={clause.status} />
          {clause.assessed > 0 && (
            <span>
              {t('hostsKept', { kept: clause.hosts.kept, assessed: clause.assessed })} {t('status_kept')}
            </span>
          )}
        </>
      }
      asOf={data.asOf}
    >
      <blockquote className="promise">
        <p>{say(clause.promise)}</p>
        <footer>
          {clause.id} · {t(`kind_${clause.kind}`)}
        </footer>
      </blockquote>
      <p className="reason">
        <b>{t('colReason')}:</b> {say(clause.reason)}
      </p>
      <Grounds data={data} />
      <ClauseMedia data={data} />
      <HostTable data={data} />
      {clause.informs.length > 0 && (
        <Section title={t('clauseInforms')} id="informs" note={t('clauseInformsText')}>
          <ul className="plain-list">
            {informs.map(({ id, title }) => (
              <li key={id}>
                <To to={`/hosts?check=${id}`}>{say(title)}</To> <code className="quiet">{id}</code>
              </li>
            ))}
          </ul>
          {later.length > 0 && (
            <p className="quiet small later">{t('clauseInformsLater', { checks: later.join(', ') })}</p>
          )}
        </Section>
      )}
      <nav className="pager" aria-label={t('annexTitle')}>
        {data.previous ? (
          <To to={clausePath(data.previous)}>
            <IconArrowLeft size={16} aria-hidden /> {t('previousClause')}
          </To>
        ) : (
          <span />
        )}
        {data.next && (
          <To to={clausePath(data.next)}>
            {t('nextClause')} <IconArrowRight size={16} aria-hidden />
          </To>
        )}
      </nav>
    </Page>
  );
}

function Grounds({ data }: { data: ClauseReply }) {
  const { t, say } = useWords();
  const name = useWhat();
  const rank = ({ status }: Ground) => basisOrder.indexOf(status ?? 'not-applicable');
  const grounds = [...data.clause.grounds].sort((a, b) => rank(a) - rank(b));
  if (grounds.length === 0)
    return data.clause.kind === 'responsibility' ? <p className="quiet">{t('clauseNoGrounds')}</p> : null;
  return (
    <Section title={t('clauseGrounds')} id="grounds" note={t('clauseGroundsText', { count: grounds.length })}>
      <table className="table cards">
        <thead>
          <tr>
            <th scope="col">{t('colGround')}</th>
            <th scope="col">{t('colBecause')}</th>
            <th scope="col">{t('colStatus')}</th>
          </tr>
        </thead>
        <tbody>
          {grounds.map(({ what, because, floors, status, reason, hosts }) => {
            const total = hosts.violated + hosts.unproven + hosts.waived + hosts.kept;
            return (
              <tr key={whatKey(what)}>
                <th scope="row" className="ground-name">
                  {name(what)}
                  {what.kind === 'check' && what.check.title && (
                    <code className="quiet">{what.check.id}</code>
                  )}
                  {floors.map((floor) => (
                    <code key={floor} className="quiet">
                      {t('floor', { floor })}
                    </code>
                  ))}
                </th>
                <td data-label={t('colBecause')} className="wide">
                  {say(because)}
                </td>
                <td data-label={t('colStatus')} className="ground-status">
                  <BasisMark status={status} />
                  {total > 0 && (
                    <span className="quiet">
                      {t('hostsKept', { kept: hosts[status ?? 'kept'], assessed: total })}
                    </span>
                  )}
                  {reason && status !== 'kept' && <span className="quiet">{say(reason)}</span>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Section>
  );
}

const mediaChecks = ['collector.erasure-recorded', 'collector.disposal-recorded'];

/** Of the clauses on erasure and disposal: disk by disk, what is open and what is recorded. */
function ClauseMedia({ data }: { data: ClauseReply }) {
  const { t } = useWords();
  const about = data.clause.grounds.some(
    ({ what }) => what.kind === 'check' && mediaChecks.includes(what.check.id),
  );
  return about ? (
    <Section title={t('mediaTitle')} id="clause-media" note={t('mediaText')}>
      <ClauseMediaRows data={data} />
    </Section>
  ) : null;
}

function ClauseMediaRows({ data }: { data: ClauseReply }) {
  const { t } = useWords();
  const open = useMedia(data.tenant.id, 'open', 200).data;
  const settled = useMedia(data.tenant.id, 'settled', 200).data;
  const wanted = data.clause.id.startsWith('II.1.2') ? 'vm' : 'server';
  const rows = [...(open?.obligations ?? []), ...(settled?.obligations ?? [])].filter(
    ({ kind }) => kind === wanted,
  );
  return rows.length === 0 ? (
    <p className="quiet">{t('mediaNone')}</p>
  ) : (
    <MediaTable rows={rows} asOf={data.asOf} />
  );
}

function HostTable({ data }: { data: ClauseReply }) {
  const { t, say } = useWords();
  const { clause, hosts } = data;
  if (clause.scope === 'tenant')
    return clause.grounds.length > 0 ? <p className="quiet">{t('clauseHostsTenant')}</p> : null;
  return (
    <Section title={t('clauseHosts')} id="clause-hosts">
      {hosts.length === 0 ? (
        <p className="quiet">{t('clauseHostsNone')}</p>
      ) : (
        <table className="table cards clause-hosts">
          <thead>
            <tr>
              <th scope="col">{t('colHost')}</th>
              <th scope="col">{t('colStatus')}</th>
              <th scope="col">{t('colReason')}</th>
            </tr>
          </thead>
          <tbody>
            {hosts.map((host) => (
              <tr key={host.id ?? host.name}>
                <th scope="row">{host.id ? <To to={hostPath(host.id)}>{host.name}</To> : host.name}</th>
                <td data-label={t('colStatus')}>
                  <ClauseMark status={host.status} plain />
                </td>
                <td data-label={t('colReason')} className="wide">
                  {host.basis.length === 0 || host.id === null ? (
                    say(host.reason)
                  ) : (
                    <BasisList host={{ id: host.id, basis: host.basis }} />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

const basisOrder = ['violated', 'unproven', 'waived', 'kept', 'not-applicable'] as const;

/** What has the same status for the same reason is said once. */
function BasisList({ host }: { host: { id: string; basis: readonly Basis[] } }) {
  const { say } = useWords();
  const name = useWhat();
  const open = host.basis.filter(({ status }) => status !== 'not-applicable');
  const groups = [...Map.groupBy(open, ({ status, reason }) => `${status} ${reason.en}`).values()].sort(
    (a, b) => rankOf(a) - rankOf(b),
  );
  return (
    <ul className="basis">
      {groups.map((group) => (
        <li key={group.map(({ what }) => whatKey(what)).join()}>
          <BasisMark status={group[0]?.status ?? null} />
          <div>
            <p>{group[0] && say(group[0].reason)}</p>
            <p className="quiet small">
              {group.map(({ what, since }, index) => (
                <span key={whatKey(what)}>
                  {index > 0 && ' · '}
                  {what.kind === 'check' && since ? (
                    <To to={hostPath(host.id, placeOf(what.check.id))}>{name(what)}</To>
                  ) : (
                    name(what)
                  )}
                  {since && group.length === 1 && !(what.kind === 'check' && isCollectors(what.check.id)) && (
                    <>
                      {', '}
                      <Since at={since} />
                    </>
                  )}
                </span>
              ))}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

/** They are computed for this moment: since when it has been so, nobody noted. */
const isCollectors = (check: string) => check.startsWith('collector.');

/** Where a host's page shows what a check rests on. */
const placeOf = (check: string) =>
  mediaChecks.includes(check) ? 'media' : isCollectors(check) ? undefined : check;

const rankOf = ([first]: readonly Basis[]) => (first ? basisOrder.indexOf(first.status) : 0);

function Since({ at }: { at: string }) {
  const { t } = useWords();
  return (
    <>
      {t('since', { at: '' })}
      <Time at={at} />
    </>
  );
}

/** One host: the verdict, what it is, its results with their evidence, and how they came to be. */
import { SegmentedControl } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useLocation, useParams } from 'react-router';
import type { HostReply } from '../api/hosts.ts';
import { HostEnding } from './host-ending.tsx';
import { HostFacts } from './host-facts.tsx';
import { HostHistory } from './host-history.tsx';
import { HostReinstall } from './host-reinstall.tsx';
import { HostResults } from './host-results.tsx';
import { useWords } from './i18n.ts';
import { IconPackage, IconRestore, IconUserKey } from './icons.ts';
import { HostLatency } from './latency.tsx';
import { Loaded, Page, Section } from './page.tsx';
import { useHost } from './queries.ts';
import { mayEnrol, type User } from './shell.tsx';
import { ClauseMark, FreshnessMark } from './status.tsx';
import { clausePath, To } from './tenant.tsx';

export default function Host({ user }: { user: User }) {
  const { t } = useWords();
  const { host = '' } = useParams();
  const query = useHost(host);
  return (
    <Loaded query={query} name={t('colHost')}>
      {(data) => <Body data={data} user={user} />}
    </Loaded>
  );
}

function Body({ data, user }: { data: HostReply; user: User }) {
  const { t } = useWords();
  const { host, results } = data;
  const { hash } = useLocation();
  const target = decodeURIComponent(hash.slice(1));
  const findings = results.filter(({ outcome }) => outcome === 'fail' || outcome === 'unknown');
  const [onlyFindings, setOnlyFindings] = useState(
    () => findings.length > 0 && (target === '' || findings.some(({ check }) => check === target)),
  );
  const targetShown =
    target === 'media' ||
    results.some(
      ({ check, outcome }) =>
        check === target && (!onlyFindings || outcome === 'fail' || outcome === 'unknown'),
    );
  useEffect(() => {
    if (targetShown) document.getElementById(target)?.scrollIntoView({ block: 'start' });
  }, [target, targetShown]);
  return (
    <Page
      name={host.name}
      about={
        <>
          <To to="/hosts">{t('hostsTitle')}</To> / {host.tenant.name}
        </>
      }
      heading={<span className="host-name">{host.name}</span>}
      lead={
        <>
          <strong>{useVerdict(data)}</strong>
          {host.lastReceivedAt && <FreshnessMark freshness={host.freshness} />}
        </>
      }
      asOf={data.asOf}
    >
      <Warnings data={data} />
      <HostFacts data={data} />
      {results.length > 0 && (
        <Section
          title={t('results')}
          id="results"
          aside={
            <SegmentedControl
              className="no-print"
              size="xs"
              aria-label={t('resultsFilter')}
              value={onlyFindings ? 'open' : 'all'}
              onChange={(value) => setOnlyFindings(value === 'open')}
              data={[
                { value: 'open', label: `${t('resultsOpen')} (${findings.length})` },
                { value: 'all', label: `${t('resultsAll')} (${results.length})` },
              ]}
            />
          }
        >
          <HostResults results={onlyFindings ? findings : results} target={target} />
        </Section>
      )}
      {results.length > 0 && (
        <p className="section host-links">
          <To to={`/updates?host=${host.id}`} tenant={host.tenant.id} className="text-link">
            <IconPackage size={16} aria-hidden /> {t('updatesOfHost')}
          </To>
          <To to={`/drills?host=${host.id}`} tenant={host.tenant.id} className="text-link">
            <IconRestore size={16} aria-hidden /> {t('drillsOfHost')}
          </To>
          <To to={`/access?host=${host.id}`} tenant={host.tenant.id} className="text-link">
            <IconUserKey size={16} aria-hidden /> {t('accessOfHost')}
          </To>
        </p>
      )}
      <HostLatency data={data} />
      <HostEnding data={data} user={user} />
      <HostClauses data={data} />
      <HostHistory data={data} />
      <HostReinstall data={data} mayEnrol={mayEnrol(user)} />
    </Page>
  );
}

function useVerdict({ host, results }: HostReply): string {
  const { t } = useWords();
  const { fail, unknown } = host.outcomes;
  const total = results.length;
  if (host.ending && host.ending !== 'retired') return `${t(`ending_${host.ending}`)}.`;
  if (host.retiredAt) return t('hostRetired');
  if (host.lastReceivedAt === null) return t('hostVerdictWaiting');
  if (total === 0) return t('hostVerdictEmpty');
  if (fail > 0) return t('hostVerdictFail', { count: fail, total });
  if (unknown > 0) return t('hostVerdictUnknown', { count: unknown, total });
  return t('hostVerdictPass', { total });
}

function Warnings({ data: { host } }: { data: HostReply }) {
  const { t } = useWords();
  return (
    <>
      {host.quarantinedAt && <div className="notice violated">{t('hostQuarantined')}</div>}
      {host.freshness === 'stale' && !host.retiredAt && (
        <div className="notice unproven">{t('hostStale')}</div>
      )}
      {host.freshness === 'waiting' && <div className="notice neutral">{t('hostWaitingText')}</div>}
    </>
  );
}

/** Only those that the host decides something about. */
function HostClauses({ data }: { data: HostReply }) {
  const { t, say } = useWords();
  const order = ['violated', 'unproven', 'waived', 'kept', 'not-commissioned', 'customer', 'not-applicable'];
  const clauses = [...data.clauses].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  if (clauses.length === 0) return null;
  return (
    <Section title={t('hostClauses')} id="host-clauses">
      <ul className="clause-lines">
        {clauses.map(({ id, title, status }) => (
          <li key={id}>
            <span className="clause-number">{id.split('/')[0]}</span>
            <To to={clausePath(id)} tenant={data.host.tenant.id}>
              {say(title)}
            </To>
            <span className="clause-line-status">
              <ClauseMark status={status} plain />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Results grouped by family, what fails first, each with its evidence and what to do. */

import { useState } from 'react';
import type { HostResult } from '../api/hosts.ts';
import { useWords } from './i18n.ts';
import { IconChevronRight } from './icons.ts';
import { OutcomeMark, SeverityMark } from './status.tsx';
import { clausePath, To } from './tenant.tsx';
import { Time } from './time.tsx';

const outcomeOrder = ['fail', 'unknown', 'pass', 'not-applicable'] as const;
const severityOrder = ['critical', 'high', 'medium', 'low'] as const;
const familyOrder = ['login', 'access', 'password', 'patch', 'backup'];

const badness = ({ outcome, severity }: HostResult) =>
  outcomeOrder.indexOf(outcome) * 10 + severityOrder.indexOf(severity);

export function HostResults({ results, target }: { results: readonly HostResult[]; target: string }) {
  const { t } = useWords();
  const families = [...Map.groupBy(results, ({ family }) => family)]
    .map(([family, members]) => ({
      family,
      members: [...members].sort((a, b) => badness(a) - badness(b) || (a.check < b.check ? -1 : 1)),
    }))
    .sort((a, b) => familyOrder.indexOf(a.family) - familyOrder.indexOf(b.family));
  if (results.length === 0) return <p className="quiet">{t('resultsNoneOpen')}</p>;
  return (
    <>
      {families.map(({ family, members }) => (
        <section key={family} className="family">
          <h3>{familyName(family, t)}</h3>
          {members.map((result) => (
            <Result
              key={result.check}
              result={result}
              open={result.outcome === 'fail' || result.check === target}
            />
          ))}
        </section>
      ))}
    </>
  );
}

function familyName(family: string, t: ReturnType<typeof useWords>['t']): string {
  switch (family) {
    case 'login':
    case 'access':
    case 'password':
    case 'patch':
    case 'backup':
    case 'collector':
      return t(`family_${family}`);
    default:
      return family;
  }
}

function Result({ result, open: openAtFirst }: { result: HostResult; open: boolean }) {
  const { t, say } = useWords();
  const [open, setOpen] = useState(openAtFirst);
  const { about, outcome, severity, reason, since } = result;
  return (
    <details
      id={result.check}
      className={`result result-${outcome}`}
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <IconChevronRight size={16} className="chevron" aria-hidden />
        <span className="result-title">
          <span>{about ? say(about.title) : result.check}</span>
          {about && <code className="quiet">{result.check}</code>}
        </span>
        <span className="result-marks">
          <SeverityMark severity={severity} />
          <OutcomeMark outcome={outcome} />
        </span>
      </summary>
      {open && (
        <div className="result-body">
          {reason && <p className="result-reason">{say(reason)}</p>}
          <p className="quiet small">
            {t('since', { at: '' })}
            <Time at={since} full />
          </p>
          <EvidenceTable result={result} />
          {about ? <Advice result={result} about={about} /> : <p className="quiet">{t('checkUnknown')}</p>}
          <Params result={result} />
          <ClauseLinks result={result} />
        </div>
      )}
    </details>
  );
}

function EvidenceTable({ result: { evidence, check } }: { result: HostResult }) {
  const { t, say } = useWords();
  if (evidence.length === 0) return <p className="quiet">{t('evidenceNone')}</p>;
  return (
    <table className="table evidence cards" aria-label={`${t('evidence')}: ${check}`}>
      <thead>
        <tr>
          <th scope="col">{t('colSource')}</th>
          <th scope="col">{t('colFound')}</th>
          <th scope="col">{t('colWanted')}</th>
        </tr>
      </thead>
      <tbody>
        {evidence.map(({ source, line, found, wanted }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: evidence has no identity but its place
          <tr key={index}>
            <td data-label={t('colSource')} className="wide">
              <code>
                {source}
                {line !== undefined && <b>:{line}</b>}
              </code>
            </td>
            <td data-label={t('colFound')}>
              <Value phrase={found} text={say(found)} />
            </td>
            <td data-label={t('colWanted')}>
              <Value phrase={wanted} text={say(wanted)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A literal value stands in the letters of the machine, words in those of people. */
function Value({ phrase, text }: { phrase: unknown; text: string }) {
  return typeof phrase === 'string' ? <code>{text}</code> : <span>{text}</span>;
}

function Advice({ result, about }: { result: HostResult; about: NonNullable<HostResult['about']> }) {
  const { t, say } = useWords();
  const helps = result.outcome === 'fail' || result.outcome === 'unknown';
  return (
    <dl className="advice">
      {helps && (
        <div className="advice-remedy">
          <dt>{t('remedy')}</dt>
          <dd>{say(about.remedy)}</dd>
        </div>
      )}
      <div>
        <dt>{t('whyItMatters')}</dt>
        <dd>{say(about.why)}</dd>
      </div>
      {about.references.length > 0 && (
        <div>
          <dt>{t('references')}</dt>
          <dd className="quiet">{about.references.join(' · ')}</dd>
        </div>
      )}
    </dl>
  );
}

function Params({ result: { changedParams } }: { result: HostResult }) {
  const { t } = useWords();
  if (changedParams.length === 0) return null;
  const text = (value: unknown) => (Array.isArray(value) ? value.join(', ') : String(value));
  return (
    <p className="small">
      <b>{t('changedParams')}:</b>{' '}
      {changedParams.map((param) => (
        <code key={param.name} className="param">
          {param.default === null
            ? t('paramUnknown', { name: param.name, value: text(param.value) })
            : t('paramChanged', {
                name: param.name,
                value: text(param.value),
                usual: text(param.default),
              })}
        </code>
      ))}
    </p>
  );
}

function ClauseLinks({ result: { clauses } }: { result: HostResult }) {
  const { t, say } = useWords();
  if (clauses.length === 0) return null;
  return (
    <p className="small">
      <b>{t('forClauses')}:</b>{' '}
      {clauses.map(({ id, title, decides }, index) => (
        <span key={id}>
          {index > 0 && ' · '}
          <To to={clausePath(id)}>
            {id.split('/')[0]} {say(title)}
          </To>{' '}
          <span className="quiet">({decides ? t('decides') : t('informs')})</span>
        </span>
      ))}
    </p>
  );
}

/** Status, outcome, severity and freshness: always colour, icon and word together. */

import type { ComponentType } from 'react';
import type { BasisStatus } from '../api/annex.ts';
import type { ClauseStatus, Freshness } from '../api/common.ts';
import type { HostRow } from '../api/hosts.ts';
import { useWords } from './i18n.ts';
import {
  IconAlertTriangle,
  IconCheck,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleHalf2,
  IconCircleMinus,
  IconCircleX,
  IconClockHour4,
  IconHelpCircle,
  IconMinus,
  IconPlugConnectedX,
  IconQuestionMark,
  IconUserCircle,
  IconX,
} from './icons.ts';

type Tone = 'kept' | 'violated' | 'unproven' | 'waived' | 'neutral';
type Icon = ComponentType<{ size?: number | string; stroke?: number | string; 'aria-hidden'?: boolean }>;
export type Outcome = 'pass' | 'fail' | 'unknown' | 'not-applicable';
export type Severity = 'low' | 'medium' | 'high' | 'critical';

export const clauseLook: Record<ClauseStatus, { tone: Tone; icon: Icon }> = {
  kept: { tone: 'kept', icon: IconCircleCheck },
  violated: { tone: 'violated', icon: IconCircleX },
  unproven: { tone: 'unproven', icon: IconHelpCircle },
  waived: { tone: 'waived', icon: IconCircleHalf2 },
  'not-commissioned': { tone: 'neutral', icon: IconCircleDashed },
  customer: { tone: 'neutral', icon: IconUserCircle },
  'not-applicable': { tone: 'neutral', icon: IconCircleMinus },
};

const outcomeLook: Record<Outcome, { tone: Tone; icon: Icon }> = {
  pass: { tone: 'kept', icon: IconCheck },
  fail: { tone: 'violated', icon: IconX },
  unknown: { tone: 'unproven', icon: IconQuestionMark },
  'not-applicable': { tone: 'neutral', icon: IconMinus },
};

const endingLook: Record<NonNullable<HostRow['ending']>, { tone: Tone; icon: Icon }> = {
  decommissioned: { tone: 'unproven', icon: IconClockHour4 },
  missing: { tone: 'violated', icon: IconHelpCircle },
  closed: { tone: 'neutral', icon: IconCircleCheck },
  retired: { tone: 'neutral', icon: IconCircleMinus },
};

const freshnessLook: Record<Freshness, { tone: Tone; icon: Icon }> = {
  fresh: { tone: 'kept', icon: IconCheck },
  stale: { tone: 'unproven', icon: IconAlertTriangle },
  waiting: { tone: 'neutral', icon: IconClockHour4 },
  missing: { tone: 'violated', icon: IconPlugConnectedX },
};

function Mark({
  tone,
  icon: IconOf,
  word,
  plain,
}: {
  tone: Tone;
  icon: Icon;
  word: string;
  plain?: boolean;
}) {
  return (
    <span className={`mark ${tone} ${plain ? 'mark-plain' : ''}`}>
      <IconOf size={plain ? 16 : 15} stroke={2.2} aria-hidden />
      <span>{word}</span>
    </span>
  );
}

export function ClauseMark({ status, plain = false }: { status: ClauseStatus; plain?: boolean }) {
  const { t } = useWords();
  return <Mark {...clauseLook[status]} word={t(`status_${status}`)} plain={plain} />;
}

export function BasisMark({ status }: { status: BasisStatus | null }) {
  const { t } = useWords();
  return status === null ? (
    <Mark tone="neutral" icon={IconMinus} word={t('outcome_none')} plain />
  ) : (
    <ClauseMark status={status} plain />
  );
}

export function OutcomeMark({ outcome, plain = false }: { outcome: Outcome; plain?: boolean }) {
  const { t } = useWords();
  return <Mark {...outcomeLook[outcome]} word={t(`outcome_${outcome}`)} plain={plain} />;
}

export function EndingMark({ ending }: { ending: NonNullable<HostRow['ending']> }) {
  const { t } = useWords();
  return <Mark {...endingLook[ending]} word={t(`ending_${ending}`)} plain />;
}

export function FreshnessMark({ freshness }: { freshness: Freshness }) {
  const { t } = useWords();
  return <Mark {...freshnessLook[freshness]} word={t(`freshness_${freshness}`)} plain />;
}

const drillLook = {
  equal: { tone: 'kept', icon: IconCheck },
  unequal: { tone: 'violated', icon: IconX },
  error: { tone: 'violated', icon: IconAlertTriangle },
  unclear: { tone: 'unproven', icon: IconQuestionMark },
} as const;

export function DrillMark({ outcome, plain = false }: { outcome: keyof typeof drillLook; plain?: boolean }) {
  const { t } = useWords();
  return <Mark {...drillLook[outcome]} word={t(`drill_${outcome}`)} plain={plain} />;
}

const grantLook = {
  granted: { tone: 'kept', icon: IconCheck },
  open: { tone: 'violated', icon: IconX },
  'no-register': { tone: 'unproven', icon: IconQuestionMark },
} as const;

export function GrantMark({ state }: { state: keyof typeof grantLook }) {
  const { t } = useWords();
  return <Mark {...grantLook[state]} word={t(`grant_${state}`)} plain />;
}

/** Of an update: its indexes often name none. */
export function SeverityWord({ severity }: { severity: Severity | 'unknown' }) {
  const { t } = useWords();
  return severity === 'unknown' ? (
    <span className="quiet">{t('updateSeverity_unknown')}</span>
  ) : (
    <SeverityMark severity={severity} />
  );
}

const bars: Record<Severity, number> = { low: 1, medium: 2, high: 3, critical: 4 };

/** Bars and a word: severity is a quantity, not a status, so it has no colour. */
export function SeverityMark({ severity }: { severity: Severity }) {
  const { t } = useWords();
  return (
    <span className="severity" title={`${t('severity')}: ${t(`severity_${severity}`)}`}>
      <span className="severity-bars" aria-hidden>
        {[1, 2, 3, 4].map((bar) => (
          <i key={bar} className={bar <= bars[severity] ? 'on' : ''} />
        ))}
      </span>
      <span className="visually-hidden">{t('severity')}: </span>
      {t(`severity_${severity}`)}
    </span>
  );
}

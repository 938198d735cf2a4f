/** patch.security-updates: does a security update wait here for longer than its severity allows? */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { freshness } from '../facts/index-freshness.ts';
import { type PatchState, patchState } from '../facts/patch-state.ts';
import type { Fate, WaitingUpdate } from '../facts/pending-updates.ts';
import { freshnessEvidence, whyUnclear } from './freshness.ts';

const DAY_MS = 86_400_000;
/** Clocks of archives and hosts differ by that much. A day of issue without a time may lie half a day ahead. */
const CLOCK_MS = DAY_MS / 2;
const NONE_PENDING = {
  en: 'no security update pending beyond its deadline',
  de: 'kein Sicherheitsupdate über seine Frist hinaus ausstehend',
};

const days = (otherwise: number) => z.number().nonnegative().max(3650).default(otherwise);
export const updateParams = z.strictObject({
  maxAgeDays: z.number().positive().max(365).default(2),
  /** `none`: whatever is pending fails at once. */
  grace: z.enum(['by-severity', 'none']).default('by-severity'),
  criticalDays: days(3),
  highDays: days(7),
  mediumDays: days(30),
  lowDays: days(90),
  /** What an update counts as whose severity the indexes do not name; apt's never do. */
  unknownAs: z.enum(['critical', 'high', 'medium', 'low']).default('high'),
});
export type UpdateParams = z.output<typeof updateParams>;

const fates: Readonly<Record<Fate, Text>> = {
  installable: { en: 'installable now', de: 'jetzt installierbar' },
  held: {
    en: 'on hold (apt-mark, versionlock or a zypper lock)',
    de: 'zurückgehalten (apt-mark hold, versionlock oder eine Sperre von zypper)',
  },
  phased: { en: 'deferred by phasing', de: 'durch Phasing aufgeschoben' },
  pinned: {
    en: 'hidden by a pin, a default release, an exclusion or a module',
    de: 'durch Pinning, eine Standardversion, einen Ausschluss oder ein Modul verdeckt',
  },
  'kept-back': {
    en: 'kept back, its dependencies can not be met',
    de: 'zurückgehalten, Abhängigkeiten nicht erfüllbar',
  },
  subscription: { en: 'needs a subscription', de: 'braucht eine Subskription' },
  unsure: { en: 'pending', de: 'ausstehend' },
};

type Term = 'late' | 'in-time' | 'unsure';

interface Judged {
  readonly update: WaitingUpdate;
  readonly term: Term;
  /** UTC instant. */
  readonly deadline?: string;
}

/** UTC instant until which it may wait; undefined where nothing says since when it does, or nothing may. */
export function deadlineOf(
  { since, severity: named }: Pick<WaitingUpdate, 'since' | 'severity'>,
  params: UpdateParams,
): string | undefined {
  if (params.grace === 'none' || since === undefined) return undefined;
  const severity = named === 'unknown' ? params.unknownAs : named;
  return new Date(Date.parse(since) + params[`${severity}Days`] * DAY_MS).toISOString();
}

/** Late from its deadline on. In time only where it is known that the waiting began no earlier than that. */
function judge(update: WaitingUpdate, params: UpdateParams, now: Date): Judged {
  if (params.grace === 'none') return { update, term: 'late' };
  const deadline = deadlineOf(update, params);
  if (deadline === undefined) return { update, term: 'unsure' };
  if (Date.parse(deadline) < now.getTime()) return { update, term: 'late', deadline };
  // Published at a time that has not come yet: the clock or the index is wrong, and it may have waited for long.
  const begun = update.since !== undefined && Date.parse(update.since) <= now.getTime() + CLOCK_MS;
  return { update, term: update.exact && begun ? 'in-time' : 'unsure', deadline };
}

function updateEvidence({ update, deadline }: Judged, source: string): Evidence {
  const { name, installed, candidate, origin, severity, since, exact, from, advisories, fate } = update;
  const what = (language: 'en' | 'de'): string => {
    const say = (text: Text): string => text[language];
    const parts = [
      say({ en: `available ${candidate} from ${origin}`, de: `verfügbar ${candidate} aus ${origin}` }),
      ...(severity === 'unknown' ? [] : [severity]),
      ...advisories.slice(0, 5),
    ];
    const began = since === undefined ? [] : [say(beginning(since, exact, from))];
    const end = deadline === undefined ? [] : [say({ en: `deadline ${deadline}`, de: `Frist ${deadline}` })];
    return `${name} ${installed}, ${parts.join(', ')}: ${[say(fates[fate]), ...began, ...end].join(', ')}`;
  };
  return evidence({ source, found: { en: what('en'), de: what('de') }, wanted: NONE_PENDING });
}

function beginning(since: string, exact: boolean, from: WaitingUpdate['from']): Text {
  if (from === 'published') return { en: `published ${since}`, de: `veröffentlicht ${since}` };
  const how = from === 'index' ? { en: 'listed', de: 'im Index' } : { en: 'seen here', de: 'hier gesehen' };
  return exact
    ? { en: `${how.en} since ${since}`, de: `${how.de} seit ${since}` }
    : { en: `${how.en} since ${since} or earlier`, de: `${how.de} seit ${since} oder länger` };
}

/** Why "nothing else is pending" can't be believed, if so. */
export function doubtOf(
  state: PatchState,
  maxAgeDays: number,
  now: Date,
): { reason: Text; found: Evidence[] } | undefined {
  if (state.gap) return { reason: state.gap, found: [] };
  for (const index of state.indexes.filter(({ security }) => security)) {
    const age = freshness(index, maxAgeDays, now);
    if (age === 'fresh') continue;
    const found = [freshnessEvidence(index, age, maxAgeDays)];
    const unclear = age === 'unsure' || age === 'future';
    return { reason: unclear ? whyUnclear(index, age) : outdated(index.place), found };
  }
  return state.doubt && { reason: state.doubt, found: [] };
}

const outdated = (place: string): Text => ({
  en: `the index of ${place} is not up to date, so nothing can be said about pending updates`,
  de: `der Index von ${place} ist nicht aktuell; über ausstehende Updates ist keine Aussage möglich`,
});

const notKnownSince: Text = {
  en: 'security updates wait, and whether for longer than allowed can not be told yet: nobody had looked before. An enrolled host remembers: of updates that come from its next round on it will be known, of these once they are installed or overdue',
  de: 'Sicherheitsupdates stehen aus; ob länger als zulässig, ist noch nicht zu sagen: vorher hat niemand nachgesehen. Ein angemeldeter Host merkt es sich: Bei Updates ab seinem nächsten Durchlauf ist es bekannt, bei diesen, sobald sie installiert oder überfällig sind',
};

export const securityUpdates = defineCheck({
  id: 'patch.security-updates',
  title: {
    en: 'No security update is pending for too long',
    de: 'Kein Sicherheitsupdate steht zu lange aus',
  },
  why: {
    en: 'A published security update tells everybody where the hole is; each day it waits, the hole is open and known.',
    de: 'Ein veröffentlichtes Sicherheitsupdate zeigt allen, wo die Lücke ist; jeden Tag, den es aussteht, ist sie offen und bekannt.',
  },
  remedy: {
    en: 'Run apt-get update and apt-get dist-upgrade. Release holds (apt-mark unhold) and pins (/etc/apt/preferences.d) that keep security updates out. Switch on unattended-upgrades. With dnf: dnf upgrade --security; with zypper: zypper patch --category security.',
    de: 'apt-get update und apt-get dist-upgrade ausführen. Sperren (apt-mark unhold) und Pinning (/etc/apt/preferences.d) aufheben, die Sicherheitsupdates verhindern. unattended-upgrades einrichten. Mit dnf: dnf upgrade --security; mit zypper: zypper patch --category security.',
  },
  severity: 'high',
  params: updateParams,
  needs: { state: patchState },
  appliesTo: always,
  evaluate: ({ state: fact }, params, now) => {
    const state = valueIn(fact);
    const order: Readonly<Record<Term, number>> = { late: 0, unsure: 1, 'in-time': 2 };
    const judged = state.updates
      .map((update) => judge(update, params, now))
      .sort((a, b) => order[a.term] - order[b.term]);
    const found = judged.map((each) => updateEvidence(each, state.source));
    // An update that is known to wait for too long does so however old the index is.
    if (judged.some(({ term }) => term === 'late')) return fail(found);
    const doubt = doubtOf(state, params.maxAgeDays, now);
    if (doubt) return unknown(doubt.reason, [...found, ...doubt.found]);
    if (judged.some(({ term }) => term === 'unsure')) return unknown(notKnownSince, found);
    const rests = state.indexes
      .filter(({ security }) => security)
      .map((index) => ({ ...freshnessEvidence(index, 'fresh', params.maxAgeDays), wanted: NONE_PENDING }));
    const count = judged.length;
    const asked = evidence({
      source: state.source,
      found: {
        en: `${count} pending${state.asked ? `, asked ${state.asked}` : ''}`,
        de: `${count} ausstehend${state.asked ? `, gefragt ${state.asked}` : ''}`,
      },
      wanted: NONE_PENDING,
    });
    return pass(
      [...found, asked, ...rests],
      count === 0
        ? { en: 'no security update is pending', de: 'kein Sicherheitsupdate steht aus' }
        : {
            en: 'every pending security update is within the time allowed for it',
            de: 'jedes ausstehende Sicherheitsupdate liegt innerhalb seiner Frist',
          },
    );
  },
  references: [
    'CIS Debian 12: 1.2.2.1',
    'CIS RHEL 9: 1.2.2.1',
    'BSI IT-Grundschutz: OPS.1.1.3.A15, SYS.1.3.A4',
    'ISO/IEC 27001:2022 A.8.8',
    'apt-get(8), apt_preferences(5)',
  ],
  examples: async () => [
    ...(await import('./apt-examples.ts')).securityUpdatesExamples,
    ...(await import('./rpm-examples.ts')).rpmSecurityExamples,
  ],
});

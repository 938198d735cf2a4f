/** access.idle-accounts */
import { z } from 'zod';
import { coversAccount, type Grant, liveGrants } from '../../shared/grant.ts';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, valueIn } from '../fact.ts';
import { journalLogins } from '../facts/journal-logins.ts';
import { LASTLOG, type LastLogin, type LoginRecords, loginRecords, type Span } from '../facts/last-login.ts';
import { PASSWD, passwd } from '../facts/passwd.ts';
import { grants } from '../facts/policy.ts';
import { type ShadowFile, shadow } from '../facts/shadow.ts';
import { sshKeys } from '../facts/ssh-keys.ts';
import { malformedGap } from './account-gaps.ts';
import { type Entrance, entrancesOf, gapIn, isOpen } from './ways-in.ts';

const DAY = 86_400;
const ROUNDED = 30;

/** Evidence names a span of 30 days, not the day: nobody's working hours are to be read off it. */
function span(at: number): string {
  const start = Math.floor(at / DAY / ROUNDED) * ROUNDED * DAY;
  const day = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);
  return `${day(start)}/${day(start + (ROUNDED - 1) * DAY)}`;
}

type Use = 'used' | 'idle' | 'not told';

interface Judged {
  readonly one: Entrance;
  readonly use: Use;
  readonly last: LastLogin | undefined;
}

/** Keys alone, each limited so that it gives no terminal: such logins are in no record. */
const leavesNoRecord = ({ password, keys }: Entrance): boolean =>
  password === false &&
  keys.length > 0 &&
  keys.every(({ key }) => {
    const { names } = key.options;
    return names.includes('no-pty') || (names.includes('restrict') && !names.includes('pty'));
  });

function judgeUse(
  one: Entrance,
  records: LoginRecords,
  begin: number,
  shadows: ShadowFile | undefined,
  journal: Fact<ReadonlyMap<string, LastLogin>>,
): Judged {
  const { name, uid } = one.entry;
  const inJournal = journal.state === 'known' ? journal.value.get(name) : undefined;
  const [last] = [records.byName.get(name), records.byUid.get(uid), inJournal]
    .filter((login) => login !== undefined)
    .sort((a, b) => b.at - a.at);
  if (last && last.at >= begin) return { one, use: 'used', last };
  // New, or given a new password: somebody has just dealt with it.
  const changed = shadows?.entries.find((entry) => entry.name === name)?.lastChange ?? 0;
  if (changed * DAY >= begin) return { one, use: 'used', last };
  // A file that nothing was added to in all that time may be one that this system no longer writes.
  const { lastlog, wtmp, wtmpdb, lastlog2 } = records;
  const covers = (span: Span | undefined) => span !== undefined && span.since <= begin && span.until >= begin;
  const recorded = (lastlog !== undefined && lastlog >= begin) || [wtmp, wtmpdb, lastlog2].some(covers);
  return { one, use: recorded && !leavesNoRecord(one) ? 'idle' : 'not told', last };
}

/** Accounts of the customer and of services, by a grant in force, are nobody's of the provider's staff. */
function isForeign(one: Entrance, register: Fact<readonly Grant[]>, now: Date): boolean {
  if (register.state !== 'known') return false;
  const covering = liveGrants(register.value, now).filter((grant) => coversAccount(grant, one.entry.name));
  return covering.length > 0 && covering.every(({ party }) => party !== 'provider');
}

const isKept = ({ lastlog, wtmp, wtmpdb, lastlog2 }: LoginRecords): boolean =>
  [lastlog, wtmp, wtmpdb, lastlog2].some((record) => record !== undefined);

function show({ one, last }: Judged, wanted: Text): Evidence {
  const { name, line } = one.entry;
  return evidence({
    source: last?.source ?? PASSWD,
    ...(last ? {} : { line }),
    found: last
      ? {
          en: `${name}: last login in ${span(last.at)}`,
          de: `${name}: letzte Anmeldung im Zeitraum ${span(last.at)}`,
        }
      : { en: `${name}: no login on record`, de: `${name}: keine Anmeldung verzeichnet` },
    wanted,
  });
}

export const idleAccounts = defineCheck({
  id: 'access.idle-accounts',
  title: { en: 'No account lies idle', de: 'Kein Zugang liegt brach' },
  why: {
    en: 'An account that nobody uses is missed by nobody when somebody else takes it over; whoever needs it for no task should not have it.',
    de: 'Ein Zugang, den niemand nutzt, fehlt auch niemandem, wenn ein anderer ihn übernimmt; wer ihn für keine Aufgabe braucht, soll ihn nicht haben.',
  },
  remedy: {
    en: 'Lock the account named (usermod -L -e 1) or delete it. An account of a service or of the customer is told by its grant.',
    de: 'Das genannte Konto sperren (usermod -L -e 1) oder löschen. Das Konto eines Dienstes oder des Auftraggebers erkennt die Prüfung an dessen Zugriffsfreigabe.',
  },
  severity: 'medium',
  params: z.strictObject({
    days: z.int().min(1).max(3650).default(90),
    /** Accounts for emergencies, which are meant to be unused. */
    emergency: z.array(z.string().max(64)).max(20).default(['root']),
  }),
  needs: { passwd, shadow, keys: sshKeys, records: loginRecords, journal: journalLogins, grants },
  appliesTo: always,
  evaluate: (facts, { days, emergency }, now) => {
    const records = valueIn(facts.records);
    const begin = now.getTime() / 1000 - days * DAY;
    const wanted = { en: `used within ${days} days`, de: `in ${days} Tagen genutzt` };
    const shadows = facts.shadow.state === 'known' ? facts.shadow.value : undefined;
    const entrances = entrancesOf(facts, now).filter(
      (one) => !emergency.includes(one.entry.name) && !isForeign(one, facts.grants, now),
    );
    const judged = entrances
      .filter(isOpen)
      .map((one) => judgeUse(one, records, begin, shadows, facts.journal));
    const idle = judged.filter(({ use }) => use === 'idle');
    // A record that could not be read may hold a later login.
    const [unread] = [
      ...records.unread,
      ...(facts.journal.state === 'unreadable' ? [{ reason: facts.journal.reason }] : []),
    ];
    if (idle.length > 0 && !unread) return fail(idle.map((one) => show(one, wanted)));
    const open = judged.filter(({ use }) => use !== 'used');
    if (open.length > 0)
      return unknown(
        unread?.reason ?? (isKept(records) ? tooShort : nothing),
        open.map((one) => show(one, wanted)),
      );
    const gap = gapIn(facts, entrances, wanted);
    if (gap) return unknown(gap.reason, gap.evidence);
    const sources = [...new Set(judged.flatMap(({ last }) => (last ? [last.source] : [])))].sort();
    return (
      malformedGap(valueIn(facts.passwd).malformed) ??
      pass([
        evidence({
          source: sources.join(', ') || PASSWD,
          found: {
            en: `${judged.length} accounts of the provider that can log in, none idle`,
            de: `${judged.length} anmeldefähige Konten des Auftragnehmers, keines ungenutzt`,
          },
          wanted,
        }),
      ])
    );
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.4.1.5 (inactive accounts)',
    'BSI IT-Grundschutz ORP.4.A2, ORP.4.A3',
    'ISO/IEC 27001:2022 A.5.18',
    `lastlog(8), utmp(5), last(1), journalctl(1), lastlog2(8), wtmpdb(8); ${LASTLOG}`,
  ],
  examples: async () => (await import('./idle-accounts.examples.ts')).examples,
});

const nothing: Text = {
  en: 'no record of logins is kept here (lastlog, wtmp, lastlog2, wtmpdb)',
  de: 'Anmeldungen werden hier nicht verzeichnet (lastlog, wtmp, lastlog2, wtmpdb)',
};
const tooShort: Text = {
  en: 'the records of logins do not reach back far enough, are no longer kept, or leave out logins of this kind',
  de: 'die Verzeichnisse der Anmeldungen reichen nicht weit genug zurück, werden nicht mehr geführt oder enthalten Anmeldungen dieser Art nicht',
};

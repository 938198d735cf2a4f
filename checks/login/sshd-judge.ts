/** Judges one keyword of sshd (with those that matter to it) over every server and every kind of login. Pure. */
import type { Evidence, Phrase, Text } from '../../shared/outcome.ts';
import { fail, notApplicable, pass, unknown, type Verdict } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, valueIn } from '../fact.ts';
import type { SshdServer, SshdState } from '../facts/sshd.ts';
import { isAlgorithmList } from '../facts/sshd-algorithms.ts';
import type { Setting } from '../facts/sshd-config.ts';
import { sameValue, toldValue } from '../facts/sshd-dump.ts';
import type { SshdLogin } from '../facts/sshd-logins.ts';
import type { Principal } from '../facts/sshd-match.ts';
import { formatVersion } from '../facts/sshd-version.ts';

/** Lower-case keyword -> value, as in checks/facts/sshd-keywords.ts. */
export type Values = Readonly<Record<string, string>>;

/** What a verdict may depend on besides the values. */
export type Server = Pick<SshdState, 'version' | 'strictKex'>;

export interface Assessment {
  readonly passes: boolean;
  /** The keyword whose line is the evidence; the first one where none is named. */
  readonly at?: string;
  /** What the evidence says was found; the value of that keyword where nothing is said. */
  readonly shown?: Phrase;
}

export interface Question {
  /** Lower case. The first one is asked about, the others matter to the verdict. */
  readonly keywords: readonly [string, ...string[]];
  /** Root's logins alone, or everybody's. */
  readonly who: 'root' | 'everybody';
  /** Logins that matter, where not all of these do. */
  readonly only?: (login: SshdLogin, server: SshdServer) => boolean;
  readonly assess: (values: Values, server: Server) => Assessment;
  readonly wanted: Phrase;
  /** What it means that `sshd -T` does not print the first keyword. */
  readonly unprinted?: string | undefined;
}

/** One finding: what an evidence line says, and what it does to the verdict. */
interface Finding {
  readonly outcome: 'pass' | 'fail' | 'unknown';
  readonly reason?: Text;
  readonly evidence: readonly Evidence[];
}

export function judge(fact: Fact<SshdState>, question: Question): Verdict {
  if (fact.state === 'absent') return notApplicable(notInstalled);
  const state = valueIn(fact);
  const findings = state.servers.flatMap((server) => judgeServer(state, server, question));
  const pieces = findings.flatMap((finding) => finding.evidence);
  const failed = findings.filter(({ outcome }) => outcome === 'fail');
  const open = findings.filter(({ outcome }) => outcome === 'unknown');
  const silent = state.live && state.servers.every(({ listens }) => listens === false);
  // What fails comes first, whatever else there is.
  if (failed.length > 0)
    return fail(
      [...failed, ...open, ...findings.filter(({ outcome }) => outcome === 'pass')].flatMap(
        (one) => one.evidence,
      ),
      failed[0]?.reason ?? (silent ? nothingListens : undefined),
    );
  if (open.length > 0) return unknown(open[0]?.reason ?? notTold, pieces);
  return pieces.length === 0 ? unknown(notTold) : pass(pieces, silent ? nothingListens : undefined);
}

function judgeServer(state: SshdState, server: SshdServer, question: Question): readonly Finding[] {
  const { reading, answers, logins } = server;
  const refused = answers.find((answer) => answer.state === 'refused');
  if (refused?.state === 'refused') return [refusal(server, refused.source, refused.words)];
  const answered = answers.some((answer) => answer.state === 'answered');
  if (reading.state === 'refused')
    return [
      answered
        ? { outcome: 'unknown', reason: disagree(reading.words), evidence: [] }
        : refusal(server, reading.source, reading.words, reading.line),
    ];
  if (reading.state === 'unsure') return [{ outcome: 'unknown', reason: reading.reason, evidence: [] }];
  if (logins === 'too many') return [{ outcome: 'unknown', reason: tooMany, evidence: [] }];
  const relevant = logins.flatMap((login, index) =>
    (question.who === 'root' && !login.root) || question.only?.(login, server) === false
      ? []
      : [{ login, answer: answers[index] }],
  );
  const findings = relevant.map(({ login, answer }) => {
    const words = reading.configuration.refusal(login.principal);
    if (words !== undefined) return { login, finding: refusal(server, server.file, words) };
    const settingOf = (keyword: string) => reading.configuration.effective(login.principal, keyword);
    return { login, ...judgeLogin(state, server, question, login, settingOf, answer) };
  });
  return grouped(state, server, question, findings);
}

interface Told {
  readonly login: SshdLogin;
  readonly setting?: Setting | undefined;
  readonly asked?: string | undefined;
  readonly shown?: Phrase | undefined;
  readonly finding?: Finding;
  readonly outcome?: Finding['outcome'];
  readonly reason?: Text | undefined;
}

function judgeLogin(
  state: SshdState,
  server: SshdServer,
  question: Question,
  login: SshdLogin,
  settingOf: (keyword: string) => Setting | undefined,
  answer: SshdServer['answers'][number] | undefined,
): Omit<Told, 'login'> {
  const [main] = question.keywords;
  const found = new Map<string, Setting>();
  for (const keyword of question.keywords) {
    const setting = settingOf(keyword);
    if (answer?.state !== 'answered') {
      if (setting === undefined)
        return { outcome: 'unknown', reason: noDefault(keyword, formatVersion(state.version)) };
      found.set(keyword, setting);
      continue;
    }
    const told = toldValue(answer.values, keyword);
    const value = told ?? (keyword === main ? question.unprinted : undefined);
    if (value === undefined) return { outcome: 'unknown', reason: notPrinted(keyword), setting };
    // What a list of algorithms starts from is in sshd itself, and distributions change it.
    const ownList = isAlgorithmList(keyword) && (setting?.source === undefined || setting.relative);
    if (told !== undefined && setting !== undefined && !ownList && !sameValue(keyword, setting.value, told))
      return { outcome: 'unknown', reason: differ(keyword, login, told, setting), setting };
    found.set(keyword, { ...setting, value });
  }
  const values = Object.fromEntries([...found].map(([keyword, { value }]) => [keyword, value]));
  const { passes, at = main, shown } = question.assess(values, state);
  const asked = answer?.state === 'answered' ? answer.source : undefined;
  const seen = { setting: found.get(at) ?? { value: '' }, shown, asked };
  const late = server.notInEffect?.reason;
  if (late) return { outcome: 'unknown', reason: late, ...seen };
  // The files alone decide where no command of the system is run, where nothing listens, and where nobody can be asked about.
  if (answer?.state === 'not asked' && server.listens !== false)
    return { outcome: 'unknown', reason: answer.reason, ...seen };
  return { outcome: passes ? 'pass' : 'fail', ...seen };
}

/** One piece of evidence for each line and value; it names the first login and counts the others. */
function grouped(
  state: SshdState,
  server: SshdServer,
  question: Question,
  told: readonly Told[],
): readonly Finding[] {
  const groups = new Map<string, { first: Told; more: number }>();
  const others: Finding[] = [];
  for (const one of told) {
    if (one.finding) others.push(one.finding);
    else if (!one.setting) others.push({ outcome: 'unknown', reason: one.reason ?? notTold, evidence: [] });
    else {
      const { source, line, value } = one.setting;
      const key = JSON.stringify([one.outcome, one.reason?.en, source, line, one.shown ?? value]);
      const group = groups.get(key);
      groups.set(key, group ? { ...group, more: group.more + 1 } : { first: one, more: 0 });
    }
  }
  return [
    ...others,
    ...[...groups.values()].map(({ first, more }) =>
      toFinding(state, server, question, first, more, more > 0 && more + 1 === told.length),
    ),
  ];
}

function toFinding(
  state: SshdState,
  server: SshdServer,
  question: Question,
  { login, setting, asked, shown, outcome = 'unknown', reason }: Told,
  more: number,
  everybody: boolean,
): Finding {
  const version = formatVersion(state.version);
  const who = everybody ? everyLogin : andMore(describe(login, server.logins.length > 2), more);
  const via = setting?.match;
  const where: Text =
    setting?.source === undefined
      ? { en: `, default of OpenSSH ${version}`, de: `, Vorgabe von OpenSSH ${version}` }
      : via === undefined
        ? { en: '', de: '' }
        : { en: `, via Match at ${via}`, de: `, durch Match in ${via}` };
  // The value after the words: `password` before a word would look like an announced secret.
  const value = shown ?? setting?.value ?? '';
  const told: Text = typeof value === 'string' ? { en: value, de: value } : value;
  const found = { en: `${who.en}: ${told.en}${where.en}`, de: `${who.de}: ${told.de}${where.de}` };
  const source = setting?.source ?? asked ?? server.file;
  return {
    outcome,
    ...(reason ? { reason } : {}),
    evidence: [evidence({ source, line: setting?.line, found, wanted: question.wanted })],
  };
}

const everyLogin: Text = { en: 'every login', de: 'jede Anmeldung' };

function andMore({ en, de }: Text, more: number): Text {
  if (more === 0) return { en, de };
  return more === 1
    ? { en: `${en} and one more kind of login`, de: `${de} und eine weitere Art der Anmeldung` }
    : { en: `${en} and ${more} more kinds of login`, de: `${de} und ${more} weitere Arten der Anmeldung` };
}

/** Who logs in, and from where; only what some Match line looks at is named. */
function describe({ principal, looksAt, root, account }: SshdLogin, several: boolean): Text {
  const who = whoIs(
    principal,
    account,
    root || several || looksAt.some((name) => /^(?:user|group)$/.test(name)),
  );
  const parts = [
    looksAt.includes('address') ? ` addr=${principal.addr}` : '',
    looksAt.includes('host') ? ` host=${principal.host}` : '',
    looksAt.includes('localaddress') ? ` laddr=${principal.laddr}` : '',
    looksAt.includes('localport') ? ` lport=${principal.lport}` : '',
    looksAt.includes('rdomain') ? ` rdomain=${principal.rdomain || '-'}` : '',
  ].join('');
  return {
    en: `${who.en}${parts || ' from any address'}`,
    de: `${who.de}${parts || ' von jeder Adresse'}`,
  };
}

function whoIs({ user, groups }: Principal, account: SshdLogin['account'], named: boolean): Text {
  if (account === 'group') {
    const [name] = groups ?? [];
    return {
      en: `a member of group ${name} (none at present)`,
      de: `ein Mitglied der Gruppe ${name} (derzeit keines)`,
    };
  }
  if (!named) return { en: 'every account but root', de: 'jedes Konto außer root' };
  return account === 'missing'
    ? { en: `user=${user} (no such account at present)`, de: `user=${user} (derzeit kein solches Konto)` }
    : { en: `user=${user}`, de: `user=${user}` };
}

/** sshd names the file and the line in most refusals. */
function refusedAt(words: string): { source: string; line: number } | undefined {
  const match = /^(\/[^:]*?):? line (\d+):/.exec(words);
  return match?.[1] === undefined ? undefined : { source: match[1], line: Number(match[2]) };
}

function refusal(server: SshdServer, source: string, words: string, line?: number): Finding {
  const found: Text = { en: `refused: ${words}`, de: `abgelehnt: ${words}` };
  return {
    outcome: 'fail',
    reason: {
      en: `sshd does not accept ${server.file}: ${words}`,
      de: `sshd nimmt ${server.file} nicht an: ${words}`,
    },
    evidence: [
      evidence({
        source,
        line,
        ...refusedAt(words),
        found,
        wanted: { en: 'a configuration that sshd accepts', de: 'eine Konfiguration, die sshd annimmt' },
      }),
    ],
  };
}

const notInstalled: Text = { en: 'no SSH server is installed', de: 'kein SSH-Server ist installiert' };
const nothingListens: Text = {
  en: 'no sshd runs at present; judged by what it would do',
  de: 'derzeit läuft kein sshd; beurteilt nach dem, was er täte',
};
const notTold: Text = { en: 'no value was found', de: 'kein Wert wurde gefunden' };
const tooMany: Text = {
  en: 'the Match lines tell more kinds of login apart than are judged (64)',
  de: 'die Match-Zeilen unterscheiden mehr Arten der Anmeldung, als beurteilt werden (64)',
};
const disagree = (words: string): Text => ({
  en: `sshd accepts a configuration that this project's reader does not (${words}): not judged`,
  de: `sshd nimmt eine Konfiguration an, die der eigene Leser ablehnt (${words}): nicht beurteilt`,
});
const differ = (keyword: string, login: SshdLogin, value: string, setting: Setting): Text => ({
  en: `${keyword} for user=${login.principal.user}: sshd says ${value}, the files say ${setting.value}: the two disagree`,
  de: `${keyword} für user=${login.principal.user}: sshd nennt ${value}, die Dateien ${setting.value}: beide widersprechen sich`,
});
const notPrinted = (keyword: string): Text => ({
  en: `sshd -T does not print ${keyword}`,
  de: `sshd -T gibt ${keyword} nicht aus`,
});
const noDefault = (keyword: string, version: string): Text => ({
  en: `the default of ${keyword} in OpenSSH ${version} is not known`,
  de: `die Vorgabe von ${keyword} in OpenSSH ${version} ist nicht bekannt`,
});

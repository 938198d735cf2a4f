/** login.auth-logged */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { defineFact, type Fact, known, valueIn } from '../fact.ts';
import { rsyslog } from '../facts/rsyslog.ts';
import { journaldSettings, lastSetting } from '../facts/systemd-manager.ts';
import { readUnit, systemdUnits } from '../facts/systemd-unit.ts';
import { pulledInUnits } from '../facts/wanted-units.ts';
import type { FileStat } from '../host.ts';

const WANTED: Text = {
  en: 'kept beyond a restart: journal or a log of auth and authpriv, and a record of logins',
  de: 'über einen Neustart hinaus aufbewahrt: Journal oder ein Protokoll von auth und authpriv, dazu ein Anmelderegister',
};
const JOURNAL = '/var/log/journal';
const RECORDS = ['/var/log/wtmp', '/var/lib/wtmpdb/wtmp.db'];
/** The journal keeps messages up to this priority; authentications are logged as info and notice. */
const ENOUGH = /^(?:info|debug|[67])$/;

interface Loggers {
  readonly systemd: boolean;
  readonly journalDirectory: boolean;
  /** rsyslog is installed and started at boot. */
  readonly rsyslog: boolean;
  /** Another one, which is not read here. */
  readonly other: string | undefined;
  readonly records: readonly string[];
  /** Installed; and started at boot? */
  readonly auditd: boolean | undefined;
}

const loggers = defineFact<Loggers>({
  id: 'auth-loggers',
  collect: async (host, get): Promise<Fact<Loggers>> => {
    const [tree, pulledIn] = [await get(systemdUnits), await get(pulledInUnits)];
    if (tree.state === 'unreadable') return tree;
    if (pulledIn.state === 'unreadable') return pulledIn;
    const there = async (path: string, type: FileStat['type']): Promise<boolean> => {
      const stat = await host.stat(path);
      return stat.state === 'known' && stat.value.type === type;
    };
    const starts = async (name: string): Promise<boolean> => {
      if (tree.state !== 'known' || pulledIn.state !== 'known') return false;
      const unit = await readUnit(host, tree.value, name);
      if (unit.state !== 'known' || unit.value.state !== 'loaded') return false;
      return unit.value.names.some((one) => pulledIn.value.has(one));
    };
    const records: string[] = [];
    for (const path of RECORDS) if (await there(path, 'file')) records.push(path);
    const others: string[] = [];
    for (const name of ['syslog-ng', 'metalog', 'busybox-syslogd'])
      if (await starts(`${name}.service`)) others.push(name);
    return known({
      systemd: tree.state === 'known',
      journalDirectory: await there(JOURNAL, 'directory'),
      rsyslog: (await there('/usr/sbin/rsyslogd', 'file')) && (await starts('rsyslog.service')),
      other: others[0],
      records,
      auditd: (await there('/usr/sbin/auditd', 'file')) ? await starts('auditd.service') : undefined,
    });
  },
});

export const authLogged = defineCheck({
  id: 'login.auth-logged',
  title: { en: 'Authentications are recorded', de: 'Anmeldungen werden aufgezeichnet' },
  why: {
    en: 'Without a record that outlives a restart, nobody can say afterwards who logged in or tried to.',
    de: 'Ohne Aufzeichnung, die einen Neustart überdauert, lässt sich im Nachhinein nicht sagen, wer sich angemeldet oder es versucht hat.',
  },
  remedy: {
    en: 'Storage=persistent in /etc/systemd/journald.conf.d/, or rsyslog with a rule “auth,authpriv.*” to a file or a log server; /var/log/wtmp or wtmpdb; where auditd is installed, systemctl enable --now auditd.',
    de: 'Storage=persistent in /etc/systemd/journald.conf.d/, oder rsyslog mit einer Regel „auth,authpriv.*“ in eine Datei oder an einen Protokollserver; /var/log/wtmp oder wtmpdb; wo auditd installiert ist, systemctl enable --now auditd.',
  },
  severity: 'medium',
  params: z.strictObject({}),
  needs: { loggers, journaldSettings, rsyslog },
  appliesTo: always,
  evaluate: (facts) => {
    const there = valueIn(facts.loggers);
    const settings = valueIn(facts.journaldSettings);
    const fine: Evidence[] = [];
    const bad: Evidence[] = [];
    const seen = (source: string, found: Text | string, line?: number) =>
      evidence({ source, line, found, wanted: WANTED });

    const storage = lastSetting(settings, 'Storage');
    const level = lastSetting(settings, 'MaxLevelStore');
    const kept =
      storage?.value === 'persistent' || ((storage?.value ?? 'auto') === 'auto' && there.journalDirectory);
    const journal = seen(
      storage?.source ?? '/etc/systemd/journald.conf',
      {
        en: `Storage=${storage?.value ?? 'auto'}, ${JOURNAL} ${there.journalDirectory ? 'exists' : 'is missing'}`,
        de: `Storage=${storage?.value ?? 'auto'}, ${JOURNAL} ${there.journalDirectory ? 'ist vorhanden' : 'fehlt'}`,
      },
      storage?.line,
    );
    const quiet = level !== undefined && !ENOUGH.test(level.value);
    const journalKeeps = there.systemd && kept && !quiet;
    if (journalKeeps) fine.push(journal);

    const log = valueIn(facts.rsyslog);
    const rules = there.rsyslog ? log.rules : [];
    const taken = new Set(rules.flatMap(({ takes }) => takes));
    const rsyslogKeeps = taken.has('auth') && taken.has('authpriv');
    for (const { source, line, target, takes } of rsyslogKeeps ? rules : [])
      fine.push(seen(source, `${takes.join(', ')}: ${target}`, line));

    if (!journalKeeps && !rsyslogKeeps) {
      if (there.other)
        return unknown(
          {
            en: `messages go to ${there.other}, whose configuration is not read here`,
            de: `Meldungen gehen an ${there.other}, dessen Konfiguration hier nicht gelesen wird`,
          },
          [journal],
        );
      if (there.rsyslog && log.script)
        return unknown(
          {
            en: 'rsyslog is configured in its script language, which is not followed here',
            de: 'rsyslog ist in seiner Skriptsprache konfiguriert, die hier nicht ausgewertet wird',
          },
          [seen(log.script.source, 'RainerScript', log.script.line)],
        );
      if (!there.systemd)
        return unknown({
          en: 'neither systemd nor a known logger: what records authentications can not be told',
          de: 'weder systemd noch ein bekannter Protokolldienst: was Anmeldungen aufzeichnet, ist nicht zu erkennen',
        });
      bad.push(quiet && level ? seen(level.source, `MaxLevelStore=${level.value}`, level.line) : journal);
      if (there.rsyslog)
        bad.push(
          seen('/etc/rsyslog.conf', {
            en: `no rule keeps ${['auth', 'authpriv'].filter((name) => !taken.has(name as 'auth')).join(' and ')}`,
            de: `keine Regel bewahrt ${['auth', 'authpriv'].filter((name) => !taken.has(name as 'auth')).join(' und ')} auf`,
          }),
        );
    }
    if (there.records.length === 0)
      bad.push(seen(RECORDS.join(', '), { en: 'no record of logins', de: 'kein Anmelderegister' }));
    for (const path of there.records) fine.push(seen(path, { en: 'exists', de: 'ist vorhanden' }));
    if (there.auditd === false)
      bad.push(
        seen('auditd.service', { en: 'installed and not started', de: 'installiert und nicht gestartet' }),
      );
    return bad.length > 0 ? fail(bad) : pass(fine);
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 6.1.1.1.1, 6.1.2.3 and 6.2.1.2',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 6.2.2.4 and 6.3.1.4',
    'BSI IT-Grundschutz OPS.1.1.5.A3, SYS.1.1.A10',
    'ISO/IEC 27001:2022 A.8.15',
    'journald.conf(5), rsyslog.conf(5), wtmp(5), wtmpdb(8), auditd(8)',
  ],
  examples: async () => (await import('./auth-logged.examples.ts')).examples,
});

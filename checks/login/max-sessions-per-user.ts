/** login.max-sessions-per-user */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { always, defineCheck, type Example, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { type LimitLine, limits } from '../facts/limits.ts';
import { pam, pamModules, pamStack } from '../facts/pam.ts';

const SESSIONS = /^(?:login|sshd|gdm-password|lightdm|sddm)$/;
const PAM = 'session required pam_limits.so\n';
const tree = (conf: string, more: Example['tree']['files'] = {}): Example['tree'] => ({
  files: { '/etc/pam.d/login': PAM, '/etc/security/limits.conf': conf, ...more },
});
const examples: readonly Example[] = [
  { name: 'for everybody', outcome: 'pass', tree: tree('# x\n*\thard\tmaxlogins\t10\n') },
  {
    name: 'soft is the same for this item, and a drop-in overrides the main file',
    outcome: 'pass',
    tree: tree('* - maxlogins 50\n', { '/etc/security/limits.d/a.conf': '* soft maxlogins 5 # few\n' }),
  },
  {
    name: 'stricter for one account',
    outcome: 'pass',
    tree: tree('* hard maxlogins 10\nanna - maxlogins 1\n'),
  },
  {
    name: 'as delivered, in comments',
    outcome: 'fail',
    tree: tree('#* hard maxlogins 10\n'),
    says: ['no limit'],
  },
  { name: 'too many', outcome: 'fail', tree: tree('* hard maxlogins 100\n'), says: ['100'] },
  {
    name: 'a later file takes it back',
    outcome: 'fail',
    tree: tree('* hard maxlogins 10\n', { '/etc/security/limits.d/z.conf': '* hard maxlogins unlimited\n' }),
  },
  {
    name: 'a group is let off',
    outcome: 'fail',
    tree: tree('* hard maxlogins 10\n@staff hard maxlogins -1\n'),
    says: ['@staff'],
  },
  { name: 'only a group is limited', outcome: 'fail', tree: tree('@staff hard maxlogins 10\n') },
  {
    name: 'nothing calls pam_limits',
    outcome: 'fail',
    tree: tree('* hard maxlogins 10\n', { '/etc/pam.d/sshd': 'session required pam_unix.so\n' }),
    says: ['sshd'],
  },
  { name: 'no PAM', outcome: 'unknown', tree: { files: {} } },
  {
    name: 'a FIFO',
    outcome: 'unknown',
    tree: { files: { '/etc/pam.d/login': PAM, '/etc/security/limits.conf': { type: 'other' } } },
  },
];

const numberOf = ({ value }: LimitLine): number =>
  /^(?:-1|unlimited|infinity)$/.test(value) ? Number.POSITIVE_INFINITY : Number(value);

export const maxSessionsPerUser = defineCheck({
  id: 'login.max-sessions-per-user',
  title: {
    en: 'The number of sessions of one account is limited',
    de: 'Die Zahl gleichzeitiger Sitzungen je Konto ist begrenzt',
  },
  why: {
    en: 'A limit keeps one account, or somebody who has taken it over, from using up the system.',
    de: 'Eine Grenze verhindert, dass ein Konto, oder wer es übernommen hat, das System aufbraucht.',
  },
  remedy: {
    en: 'A file in /etc/security/limits.d with “* hard maxlogins 10”, and pam_limits in the session lines of login and sshd.',
    de: 'Eine Datei in /etc/security/limits.d mit „* hard maxlogins 10“, dazu pam_limits in den session-Zeilen von login und sshd.',
  },
  severity: 'low',
  params: z.strictObject({
    /** Sessions of one account at most. */
    max: z.int().min(1).default(10),
  }),
  needs: { limits, pam },
  appliesTo: always,
  evaluate: (facts, { max }) => {
    const configuration = valueIn(facts.pam);
    const wanted: Text = { en: `maxlogins <= ${max} for everybody`, de: `maxlogins <= ${max} für alle` };
    const services = [...configuration.files.keys()].filter((name) => SESSIONS.test(name)).sort();
    if (services.length === 0)
      return unknown({
        en: 'PAM knows no service that opens sessions',
        de: 'PAM kennt keinen Dienst, der Sitzungen öffnet',
      });
    const without = services.filter(
      (name) =>
        !pamModules(pamStack(configuration, name, 'session')).some(({ module }) =>
          /^pam_limits(?:\.so)?$/.test(module),
        ),
    );
    // The last line of a domain counts; what is said of an account or a group goes before what is said of all.
    const last = new Map<string, LimitLine>();
    for (const line of valueIn(facts.limits)) if (line.item === 'maxlogins') last.set(line.domain, line);
    const all = last.get('*');
    const wide = [...last.values()].filter((line) => !(numberOf(line) <= max));
    const bad = [
      ...wide.map(({ source, line, domain, value }) =>
        evidence({ source, line, found: `${domain}: maxlogins ${value}`, wanted }),
      ),
      ...(all
        ? []
        : [
            evidence({
              source: '/etc/security/limits.conf',
              found: { en: 'no limit for everybody', de: 'keine Grenze für alle' },
              wanted,
            }),
          ]),
      ...without.map((name) =>
        evidence({
          source: `/etc/pam.d/${name}`,
          found: { en: `${name}: no pam_limits`, de: `${name}: kein pam_limits` },
          wanted: { en: 'pam_limits in the session lines', de: 'pam_limits in den session-Zeilen' },
        }),
      ),
    ];
    if (bad.length > 0 || !all) return fail(bad);
    return pass([
      evidence({ source: all.source, line: all.line, found: `*: maxlogins ${all.value}`, wanted }),
    ]);
  },
  references: [
    'DISA STIG RHEL 9, RHEL-09-412040',
    'BSI IT-Grundschutz SYS.1.1.A2',
    'ISO/IEC 27001:2022 A.8.6',
    'limits.conf(5), pam_limits(8)',
  ],
  examples,
});

/** access.file-modes */
import { z } from 'zod';
import type { Evidence } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { CouldNotLook, type Fact, valueIn } from '../fact.ts';
import { type GroupFile, group } from '../facts/group.ts';
import { type PasswdFile, passwd } from '../facts/passwd.ts';
import {
  type FileClass,
  type ProtectedFile,
  type ProtectedRow,
  protectedFiles,
} from '../facts/protected-files.ts';

/** The widest mode that is right, and the groups besides root that may have the group's rights. */
interface Rule {
  readonly mode: number;
  readonly groups?: readonly string[];
  /** How distributions deliver it, where that is wider than CIS wants. */
  readonly delivered?: number;
}

/** CIS Debian 12: 2.4.1, 5.1.1 to 5.1.3, 7.1.1 to 7.1.10; the others: nobody but root changes them. */
const rules: Readonly<Record<FileClass, Rule>> = {
  accounts: { mode: 0o644 },
  secrets: { mode: 0o640, groups: ['shadow'] },
  'old-passwords': { mode: 0o600 },
  sudoers: { mode: 0o640 },
  'sudoers-directory': { mode: 0o755 },
  'sshd-config': { mode: 0o600, delivered: 0o644 },
  'sshd-policy': { mode: 0o644 },
  'sshd-directory': { mode: 0o755 },
  // RHEL's ssh-keysign reads the keys through this group.
  'host-key': { mode: 0o640, groups: ['ssh_keys'] },
  'host-key-public': { mode: 0o644 },
  crontab: { mode: 0o600, delivered: 0o644 },
  'cron-directory': { mode: 0o700, delivered: 0o755 },
  'cron-job': { mode: 0o755 },
  'cron-access': { mode: 0o640, groups: ['crontab', 'daemon', 'at', 'trusted'] },
  'cron-spool': { mode: 0o755 },
  // Executable: namespace.init and its like.
  'pam-file': { mode: 0o755 },
  'pam-directory': { mode: 0o755 },
};

interface Names {
  readonly user: (uid: number) => string;
  readonly group: (gid: number) => string;
}

interface Judged {
  readonly right: boolean;
  readonly found: string;
  readonly wanted: Evidence['wanted'];
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

/** Rights of `others` at octal digit `shift` in a mode, as `rwx` bits. */
const bits = (mode: number, shift: number): number => (mode >> shift) & 0o7;

function ruleFor(of: FileClass, config: 'cis' | 'delivered', stat: ProtectedFile['stat']): Rule {
  const rule = rules[of];
  // Debian's spool: cron's own group may add to it, the sticky bit keeps users from each other's files.
  if (of === 'cron-spool' && (stat.mode & 0o1000) !== 0) return { mode: 0o1730, groups: ['crontab'] };
  // Only the group of its own may read a host key.
  if (of === 'host-key' && stat.gid === 0) return { mode: 0o600 };
  return config === 'delivered' && rule.delivered !== undefined ? { ...rule, mode: rule.delivered } : rule;
}

/** Pure. */
function judge(file: ProtectedFile, rule: Rule, names: Names, acl: readonly string[]): Judged {
  const { mode, uid, gid } = file.stat;
  const owner = names.user(uid);
  const ownGroup = names.group(gid);
  const allowedGroups = ['root', ...(rule.groups ?? [])];
  const groupRight = gid === 0 || allowedGroups.includes(ownGroup) || bits(mode, 3) === 0;
  const extra = acl.filter((entry) => !aclRight(entry, rule, allowedGroups, names));
  const wanted = `${octal(rule.mode)} root:${['root', ...(rule.groups ?? [])].join('|')}`;
  return {
    right: uid === 0 && groupRight && (mode & ~rule.mode) === 0 && extra.length === 0,
    found: [
      `${octal(mode)} ${owner}:${ownGroup}`,
      ...(extra.length > 0 ? [`ACL ${extra.join(' ')}`] : []),
      ...(file.target === undefined ? [] : [`-> ${file.target}`]),
    ].join(' '),
    wanted: { en: `${wanted} or stricter`, de: `${wanted} oder strenger` },
  };
}

/** An entry may give no more than everybody (or the right group) may have anyway. */
function aclRight(entry: string, rule: Rule, allowedGroups: readonly string[], names: Names): boolean {
  const [kind = '', who = '', rights = ''] = entry.replace(/^default:/, '').split(':');
  if (who === '' || (kind === 'user' && names.user(Number(who)) === 'root')) return true;
  const given = [...'rwx'].reduce(
    (sum, letter, index) => (rights.includes(letter) ? sum | (4 >> index) : sum),
    0,
  );
  const inGroup =
    kind === 'group' && allowedGroups.includes(/^\d+$/.test(who) ? names.group(Number(who)) : who);
  return (given & ~(inGroup ? bits(rule.mode, 3) : bits(rule.mode, 0))) === 0;
}

/** Rights in a group's digit decide something only if there are any: without them nobody needs to know its name. */
function namesFrom(users: Fact<PasswdFile>, groups: Fact<GroupFile>): Names {
  const user = new Map(
    users.state === 'known' ? users.value.entries.map(({ uid, name }) => [uid, name]) : [],
  );
  const byGid = new Map(
    groups.state === 'known' ? groups.value.entries.map(({ gid, name }) => [gid, name]) : [],
  );
  return {
    user: (uid) => (uid === 0 ? 'root' : (user.get(uid) ?? String(uid))),
    group: (gid) => (gid === 0 ? 'root' : (byGid.get(gid) ?? String(gid))),
  };
}

interface Findings {
  readonly wrong: Evidence[];
  readonly right: Evidence[];
  readonly unclear: CouldNotLook[];
}

function judgeRow(row: ProtectedRow, names: Names, config: 'cis' | 'delivered', findings: Findings): void {
  if (row.files.state !== 'known') {
    if (row.files.state === 'unreadable')
      findings.unclear.push(new CouldNotLook(row.files.source, row.files.reason));
    return;
  }
  const judged = row.files.value.map((file) => {
    const acl = file.acl.state === 'known' ? file.acl.value : [];
    const result = judge(file, ruleFor(row.class, config, file.stat), names, acl);
    if (result.right && file.acl.state === 'unreadable')
      findings.unclear.push(new CouldNotLook(file.path, file.acl.reason));
    return { path: file.path, ...result };
  });
  const show = ({ path, found, wanted }: (typeof judged)[number]) =>
    evidence({ source: path, found, wanted });
  const wrong = judged.filter(({ right }) => !right);
  findings.wrong.push(...wrong.map(show));
  const [first] = judged;
  if (wrong.length > 0 || first === undefined) return;
  if (!row.inside) findings.right.push(show(first));
  else
    findings.right.push(
      evidence({
        source: `${row.path}/*`,
        found: {
          en: `${judged.length} files, none wider`,
          de: `${judged.length} Dateien, keine weiter offen`,
        },
        wanted: first.wanted,
      }),
    );
}

export const fileModes = defineCheck({
  id: 'access.file-modes',
  title: {
    en: 'Files that decide about access belong to root and are closed to others',
    de: 'Dateien, die über Zugänge entscheiden, gehören root und sind für andere verschlossen',
  },
  why: {
    en: 'Whoever can write to account files, sudo rules, PAM, cron or sshd configuration makes themselves root; whoever can read hashes or host keys can guess passwords or pose as the host.',
    de: 'Wer in Kontendateien, sudo-Regeln, PAM, cron oder sshd-Konfiguration schreiben kann, macht sich zu root; wer Passwort-Hashes oder Hostschlüssel lesen kann, errät Passwörter oder gibt sich als das System aus.',
  },
  remedy: {
    en: 'Set owner and mode as shown (chown, chmod), take away surplus ACL entries (setfacl -b).',
    de: 'Eigentümer und Rechte wie angegeben setzen (chown, chmod), überzählige ACL-Einträge entfernen (setfacl -b).',
  },
  severity: 'high',
  params: z.strictObject({
    /**
     * `delivered`: all may read the configuration of sshd and cron, as distributions ship it: that gives nobody a
     * right. `cis` wants them closed, for those who audit by the book.
     */
    config: z.enum(['cis', 'delivered']).default('delivered'),
  }),
  needs: { files: protectedFiles, passwd, group },
  appliesTo: always,
  evaluate: (facts, { config }) => {
    const names = namesFrom(facts.passwd, facts.group);
    const findings: Findings = { wrong: [], right: [], unclear: [] };
    const rows = valueIn(facts.files);
    for (const row of rows) judgeRow(row, names, config, findings);
    if (findings.wrong.length > 0) {
      // Without group names the right group is just a number: that is no finding.
      if (facts.group.state === 'unreadable') valueIn(facts.group);
      return fail(findings.wrong);
    }
    const [unclear] = findings.unclear;
    if (unclear) return unknown(unclear.reason, findings.right);
    const passwdFile = rows.find((row) => row.path === '/etc/passwd')?.files;
    if (passwdFile?.state === 'known' && passwdFile.value.length === 0)
      return unknown({ en: '/etc/passwd is missing', de: '/etc/passwd fehlt' });
    return pass(findings.right);
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 2.4.1.2 to 2.4.1.8, 5.1.1 to 5.1.3, 7.1.1 to 7.1.8, 7.1.10',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 2.4.1, 5.1.1 to 5.1.3, 7.1',
    'BSI IT-Grundschutz ORP.4.A7, SYS.1.3.A14',
    'ISO/IEC 27001:2022 A.8.3',
    'shadow(5), sudoers(5), sshd_config(5), crontab(1), acl(5)',
  ],
  examples: async () => (await import('./file-modes.examples.ts')).examples,
});

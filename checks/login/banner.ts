/** login.banner */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, type Example, fail, pass } from '../check.ts';
import { evidence } from '../evidence.ts';
import { defineFact, type Fact, known, valueIn, valueOr } from '../fact.ts';
import { osRelease } from '../facts/os-release.ts';

interface Notice {
  readonly source: string;
  readonly text: string;
}

const ISSUE = '/etc/issue';
/** agetty(8): the first of these, then the drop-ins of all three directories; motd(5) after the login. */
const MAIN = [ISSUE, '/run/issue', '/usr/lib/issue'];
const WANTED: Text = {
  en: 'a notice without name and version of the system',
  de: 'ein Hinweis ohne Name und Version des Systems',
};

const notices = defineFact<readonly Notice[]>({
  id: 'issue',
  collect: async (host): Promise<Fact<readonly Notice[]>> => {
    const chosen = new Map<string, string>();
    for (const base of MAIN) {
      const names = await host.list(`${base}.d`);
      if (names.state === 'unreadable') return names;
      for (const name of names.state === 'known' ? names.value : [])
        if (name.endsWith('.issue') && !chosen.has(name)) chosen.set(name, `${base}.d/${name}`);
    }
    const found: Notice[] = [];
    for (const path of [...MAIN, ...chosen.values()]) {
      if (MAIN.includes(path) && found.length > 0) continue;
      const file = await host.readText(path, { maxBytes: 256 * 1024, encoding: 'latin1' });
      if (file.state === 'unreadable') return file;
      if (file.state === 'known') found.push({ source: path, text: file.value.text });
    }
    return known(found);
  },
});

const OS = 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n';
const tree = (issue: string, more: Example['tree']['files'] = {}): Example['tree'] => ({
  files: { '/etc/os-release': OS, [ISSUE]: issue, ...more },
});
const examples: readonly Example[] = [
  { name: 'a notice', outcome: 'pass', tree: tree('Access for authorised persons only.\n') },
  {
    name: 'with the name of the terminal, which tells nothing',
    outcome: 'pass',
    tree: tree('Authorised persons only (\\l)\n'),
  },
  {
    name: 'in a drop-in, the main file being empty',
    outcome: 'pass',
    tree: tree('', { '/etc/issue.d/10.issue': 'Authorised persons only\n' }),
  },
  {
    name: 'a file in issue.d that agetty does not take',
    outcome: 'pass',
    tree: tree('Authorised persons only\n', { '/etc/issue.d/x.txt': '\\r\n' }),
  },
  {
    name: 'Debian as delivered',
    outcome: 'fail',
    tree: tree('Debian GNU/Linux 12 \\n \\l\n\n'),
    says: ['debian'],
  },
  {
    name: 'kernel and release by escapes',
    outcome: 'fail',
    tree: tree('\\S\nKernel \\r on an \\m (\\l)\n'),
    says: ['\\\\r'],
  },
  { name: 'empty', outcome: 'fail', tree: tree('\n'), says: ['no notice'] },
  { name: 'missing', outcome: 'fail', tree: { files: { '/etc/os-release': OS } } },
  {
    name: 'a drop-in tells the version',
    outcome: 'fail',
    tree: tree('Authorised persons only\n', { '/run/issue.d/a.issue': '\\S{PRETTY_NAME}\n' }),
    says: ['/run/issue.d/a.issue'],
  },
  {
    name: 'a FIFO',
    outcome: 'unknown',
    tree: { files: { '/etc/os-release': OS, [ISSUE]: { type: 'other' } } },
  },
];

export const banner = defineCheck({
  id: 'login.banner',
  title: {
    en: 'The console shows a notice that tells no version',
    de: 'Die Konsole zeigt einen Hinweis, der keine Version verrät',
  },
  why: {
    en: 'A notice says for whom the system is; its version would tell those for whom it is not which weaknesses to try.',
    de: 'Ein Hinweis sagt, für wen das System da ist; die Version verriete allen anderen, welche Schwachstellen sich lohnen.',
  },
  remedy: {
    en: 'Write a notice into /etc/issue, without \\S, \\m, \\r, \\s, \\v, \\o and without the name of the distribution. What SSH shows is another check (login.sshd-banner).',
    de: 'Einen Hinweis in /etc/issue schreiben, ohne \\S, \\m, \\r, \\s, \\v, \\o und ohne den Namen der Distribution. Was SSH zeigt, prüft login.sshd-banner.',
  },
  severity: 'low',
  params: z.strictObject({}),
  needs: { notices, osRelease },
  appliesTo: always,
  evaluate: (facts) => {
    const all = valueIn(facts.notices);
    const id = valueOr(facts.osRelease, undefined)?.id;
    const bad: Evidence[] = [];
    for (const { source, text } of all)
      for (const [index, raw] of text.split('\n').entries()) {
        const code = /\\[Smrsvo]/.exec(raw)?.[0];
        const name = id && raw.toLowerCase().includes(id) ? id : undefined;
        const found = code ?? name;
        if (found !== undefined) bad.push(evidence({ source, line: index + 1, found, wanted: WANTED }));
      }
    if (bad.length > 0) return fail(bad);
    const shown = all.filter(({ text }) => text.replace(/\\\w(?:\{\w*\})?/g, '').trim() !== '');
    if (shown.length === 0)
      return fail([
        evidence({ source: ISSUE, found: { en: 'no notice', de: 'kein Hinweis' }, wanted: WANTED }),
      ]);
    return pass(
      shown.map(({ source }) =>
        evidence({ source, found: { en: 'a notice', de: 'ein Hinweis' }, wanted: WANTED }),
      ),
    );
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 1.6.2',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 1.7.2',
    'BSI IT-Grundschutz SYS.1.1.A2',
    'ISO/IEC 27001:2022 A.8.5',
    'agetty(8), issue(5), os-release(5)',
  ],
  examples,
});

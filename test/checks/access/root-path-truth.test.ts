/** access.root-path against sh: the PATH that root's login shell has after its start files. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { rootPathCheck } from '../../../checks/access/root-path.ts';
import { judge } from '../../support/judge.ts';
import { describeInNamespace, inNamespace, openDirectory } from '../../support/mount-namespace.ts';

const START = 'PATH=/usr/sbin:/usr/bin:/sbin:/bin\n';
const pieces = [
  'PATH=$PATH:/opt/a',
  'export PATH=/opt/a:$PATH',
  'PATH="$PATH:"',
  'PATH=.:$PATH',
  'PATH=$PATH:bin',
  'PATH=/usr/bin:/bin',
  "PATH='/usr/bin:/bin'",
  `PATH="/opt/b\${PATH:+:$PATH}"`,
  `PATH=\${PATH}::/opt/c`,
  'd=/opt/d\nPATH=$d:$PATH',
  'd=dir\nPATH=$d:$PATH',
  'PATH=$PATH:~/bin',
  'PATH="$PATH:~/bin"',
  'PATH=$PATH:$HOME/bin; export PATH',
  'if false; then PATH=.:$PATH; fi',
  'if true; then\n  PATH=.:$PATH\nfi',
  'false && PATH=.:$PATH',
  'PATH=. true',
  '# PATH=.',
  'echo "PATH=." >/dev/null',
  'f() {\n  PATH=.:$PATH\n}',
  'case x in\n  x) PATH=.:$PATH ;;\nesac',
  'PATH=$PATH:\\\n/opt/e',
  'MANPATH=.:',
  'PATH=$(echo /opt/f:.)',
  'eval "PATH=.:$PATH"',
  'cat >/dev/null <<END\nPATH=.\nEND',
  '{ PATH=.:$PATH; }',
  '(PATH=.:$PATH)',
];
/** A generator with a fixed seed. */
let state = 20260615;
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return (state >>> 8) % below;
}
const some = () =>
  Array.from({ length: 1 + random(3) }, () => pieces[random(pieces.length)] ?? '').join('\n');
const cases = [
  ...pieces.map((piece) => ({ profile: piece, home: '' })),
  ...Array.from({ length: 250 }, (_, index) => ({ profile: some(), home: index % 2 ? '' : some() })),
];
const unsafe = (path: string): boolean => path.split(':').some((part) => !part.startsWith('/'));

describeInNamespace([], 'sh agrees on PATH', () => {
  const directory = openDirectory();
  afterAll(directory.remove);
  const etc = join(directory.path, 'etc');
  const home = join(directory.path, 'root');
  for (const path of [etc, home]) mkdirSync(path);
  for (const [index, { profile, home: own }] of cases.entries()) {
    writeFileSync(join(etc, `p${index}`), `${START}${profile}\n`);
    writeFileSync(join(home, `h${index}`), `${own}\n`);
  }

  it(`in ${cases.length} cases`, { timeout: 120_000 }, async () => {
    const real = inNamespace(
      [
        { from: etc, over: '/etc' },
        { from: home, over: '/root' },
      ],
      `cd /; for n in $(seq 0 ${cases.length - 1}); do /bin/ln -sf p$n /etc/profile; /bin/ln -sf h$n /root/.profile
         HOME=/root /bin/sh -lc 'echo "$0 $PATH"' $n 2>/dev/null; done`,
    );
    const rows = real.trimEnd().split('\n');
    expect(rows).toHaveLength(cases.length);
    const counts = { pass: 0, fail: 0, unknown: 0 };
    for (const row of rows) {
      const at = row.indexOf(' ');
      const one = cases[Number(row.slice(0, at))];
      const path = row.slice(at + 1);
      const files = { '/etc/profile': `${START}${one?.profile}\n`, '/root/.profile': `${one?.home}\n` };
      const { outcome } = await judge(rootPathCheck, { files });
      expect(outcome === 'pass' && unsafe(path), `${JSON.stringify(one)} ${path}`).toBe(false);
      // With two files the later one may replace what the first one does wrong, and that is still wrong.
      if (one?.home === '')
        expect(outcome === 'fail' && !unsafe(path), `${JSON.stringify(one)} ${path}`).toBe(false);
      if (outcome !== 'not-applicable') counts[outcome] += 1;
    }
    expect(Math.min(counts.pass, counts.fail, counts.unknown)).toBeGreaterThan(20);
  });
});

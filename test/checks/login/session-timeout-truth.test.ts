/** login.session-timeout against bash: what a login shell has in TMOUT after its start files. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startLines, timeoutOf } from '../../../checks/facts/shell-timeout.ts';
import { sessionTimeout } from '../../../checks/login/session-timeout.ts';
import { judge } from '../../support/judge.ts';
import { copyOfEtc, describeInNamespace, inNamespace, openDirectory } from '../../support/mount-namespace.ts';

const PROFILE =
  'TMOUT_SEEN=\nif [ -d /etc/profile.d ]; then\n  for i in /etc/profile.d/*.sh; do\n    if [ -r $i ]; then\n      . $i\n    fi\n  done\n  unset i\nfi\n';
const commands = [
  'TMOUT=900',
  'TMOUT=3600',
  'export TMOUT',
  'readonly TMOUT',
  'unset TMOUT',
  'TMOUT=600; export TMOUT',
  'declare -xr TMOUT=300',
  'declare -x TMOUT="700"',
  'export -n TMOUT',
  '# TMOUT=1',
  'readonly TMOUT=800',
  'TMOUT=',
  'export TMOUT=650',
];
/** Two files of two commands each, in an order that a fixed seed makes. */
const cases = Array.from({ length: 150 }, (_, index) =>
  [0, 1, 2, 3].map(
    (at) => commands[Math.floor((index * 7919 + at * 104729 + index * index * at * 31) / 3) % 13] ?? '',
  ),
);

describeInNamespace([], 'bash agrees on TMOUT', () => {
  const directory = openDirectory();
  afterAll(directory.remove);
  const etc = copyOfEtc(directory.path);
  writeFileSync(join(etc, 'profile'), PROFILE);
  rmSync(join(etc, 'profile.d'), { recursive: true, force: true });
  for (const [index, [a = '', b = '', c = '', d = '']] of cases.entries()) {
    mkdirSync(join(etc, `p${index}`));
    writeFileSync(join(etc, `p${index}/a.sh`), `${a}\n${b}\n`);
    writeFileSync(join(etc, `p${index}/b.sh`), `${c}\n${d}\n`);
  }

  it(`in ${cases.length} cases`, { timeout: 120_000 }, async () => {
    const real = inNamespace(
      [{ from: etc, over: '/etc' }],
      `cd /; for n in $(seq 0 ${cases.length - 1}); do rm -f /etc/profile.d; ln -s p$n /etc/profile.d
         HOME=/nonexistent /bin/bash -lc 'r=no; case "\${TMOUT@a}" in *r*) r=yes;; esac; x=no; case "\${TMOUT@a}" in *x*) x=yes;; esac; echo "$0 \${TMOUT:--} $r $x"' $n 2>/dev/null; done`,
    );
    const rows = real.trim().split('\n');
    expect(rows).toHaveLength(cases.length);
    let passes = 0;
    for (const row of rows) {
      const [index = '', value = '', readonly, exported] = row.split(' ');
      const lines = cases[Number(index)] ?? [];
      const told = timeoutOf(startLines(lines.join('\n'), 'x'));
      const set = value !== '-';
      expect([lines, told.seconds ?? '-']).toEqual([lines, set ? Number(value) : '-']);
      const good =
        set && Number(value) > 0 && Number(value) <= 900 && readonly === 'yes' && exported === 'yes';
      if (good) passes += 1;
      const [a, b, c, d] = lines;
      const files = {
        '/etc/profile': PROFILE,
        '/etc/profile.d/a.sh': `${a}\n${b}\n`,
        '/etc/profile.d/b.sh': `${c}\n${d}\n`,
      };
      const { outcome } = await judge(sessionTimeout, { files });
      expect([lines, outcome]).toEqual([lines, good ? 'pass' : 'fail']);
    }
    expect(passes).toBeGreaterThan(10);
    expect(cases.length - passes).toBeGreaterThan(10);
  });
});

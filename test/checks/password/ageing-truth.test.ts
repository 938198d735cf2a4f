/**
 * password.max-age and password.inactive against pam_unix: of a password that was changed decades ago, what the checks
 * call a limit makes pam_unix ask for a new one or shut the account, and what they call none does not.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { passwordChecks } from '../../../checks/password/index.ts';
import { debianRoot, describeInDebian, ROOT_TIMEOUT_MS } from '../../support/debian-root.ts';
import { judge } from '../../support/judge.ts';
import { copyRoot } from '../../support/root-copy.ts';

const HASH = '$6$saltsalt$example';
const maxima = ['', '-1', '-5', '0', '365', '3650', '99999', '100000', 'abc', '1x'];
const inactives = ['', '-1', '0', '45', 'x'];
const changes = ['', '1'];
const lines = changes.flatMap((changed) =>
  maxima.flatMap((max) => inactives.map((inactive) => `${changed}:0:${max}:7:${inactive}::`)),
);

const SCRIPT = `echo 'account required pam_unix.so' >/etc/pam.d/zz
cat /tmp/passwd >>/etc/passwd
cat /tmp/shadow >>/etc/shadow
i=0
while [ $i -lt ${lines.length} ]; do
  pamtester zz u$i acct_mgmt 2>&1 | tail -1
  i=$((i+1))
done`;

/** What pamtester prints: pam_strerror(3). */
function verdict(said: string): 'in' | 'change' | 'shut' | 'unreadable' {
  if (/done\.$/.test(said)) return 'in';
  if (/new one required/.test(said)) return 'change';
  if (/expired/i.test(said)) return 'shut';
  return 'unreadable';
}

describeInDebian('ageing', () => {
  describe.each([11, 12, 13] as const)('Debian %s', (release) => {
    let said: readonly string[] = [];
    beforeAll(async () => {
      const copy = copyRoot(await debianRoot(release));
      try {
        const input = lines.map((line, at) => `u${at}:${HASH}:${line}`).join('\n');
        const accounts = lines.map((_, at) => `u${at}:x:${5000 + at}:100::/:/bin/sh`).join('\n');
        await copy.run(['sh', '-c', 'cat >/tmp/shadow'], { input: `${input}\n` });
        await copy.run(['sh', '-c', 'cat >/tmp/passwd'], { input: `${accounts}\n` });
        said = (await copy.run(['sh', '-c', SCRIPT])).trimEnd().split('\n');
      } finally {
        copy.remove();
      }
    }, ROOT_TIMEOUT_MS);

    it('agrees on every line', async () => {
      expect(said).toHaveLength(lines.length);
      const seen = new Set<string>();
      for (const [at, line] of lines.entries()) {
        const real = verdict(said[at] ?? '');
        seen.add(real);
        // glibc does not see such accounts; other readers do, and they are judged as those read them.
        if (real === 'unreadable' && line.includes('-1')) continue;
        const files = {
          '/etc/passwd': 'anna:x:1000:1000::/:/bin/sh\n',
          '/etc/shadow': `anna:${HASH}:${line}\n`,
          '/etc/login.defs': 'PASS_MAX_DAYS 365\n',
          '/etc/default/useradd': 'INACTIVE=30\n',
        };
        const outcome = async (id: string) => {
          const check = passwordChecks.find((one) => one.id === id);
          if (!check) throw new Error(id);
          return (await judge(check, { files }, { max: 3650 })).outcome;
        };
        // Without a day of change Linux-PAM up to 1.5 asks for a new one, later versions never do: that is no limit.
        const readable = real !== 'unreadable' && line.startsWith(':') ? 'in' : real;
        const expected = {
          in: ['fail', 'fail'],
          change: ['pass', 'fail'],
          shut: ['pass', 'pass'],
          unreadable: ['unknown', 'unknown'],
        }[readable];
        expect([line, real, await outcome('password.max-age'), await outcome('password.inactive')]).toEqual([
          line,
          real,
          ...expected,
        ]);
      }
      expect([...seen].sort()).toEqual(['change', 'in', 'shut', 'unreadable']);
    });
  });
});

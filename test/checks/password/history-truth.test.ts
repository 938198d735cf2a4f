/** Options of pam_pwhistory as the model has them against what the module of Debian 11 to 13 remembers and refuses. */
import { beforeAll, describe, expect, it } from 'vitest';
import { parseFaillockConf } from '../../../checks/facts/faillock.ts';
import { parsePam } from '../../../checks/facts/pam-line.ts';
import { historyOptions, readsPwhistoryConf } from '../../../checks/facts/pwhistory.ts';
import { debianRoot, describeInDebian, ordinaryUser, ROOT_TIMEOUT_MS } from '../../support/debian-root.ts';
import { copyRoot } from '../../support/root-copy.ts';

/** Arguments, and pwhistory.conf. */
const cases: readonly (readonly [string, string])[] = [
  ['', ''],
  ['remember=3', ''],
  ['remember=0', ''],
  ['remember=x', ''],
  ['remember=-1', ''],
  ['remember=2x', ''],
  ['remember=3 remember=2', ''],
  ['REMEMBER=2', ''],
  ['enforce_for_root remember=3', ''],
  ['ENFORCE_FOR_ROOT', ''],
  ['', 'remember = 3\n'],
  ['', 'remember=3\nremember=2\n'],
  ['', 'remember = x\n'],
  ['', 'REMEMBER 2\n'],
  ['', '# remember = 2\n  remember = 4 # more\n'],
  ['remember=4', 'remember = 2\n'],
  ['', 'enforce_for_root\n'],
  ['remember=2', 'enforce_for_root = no\n'],
];
const CHANGES = 6;

/** After some changes by root: how many are remembered, and whether root may take the one before the last again. */
const SCRIPT = cases
  .map(
    ([args, conf], at) => `printf %s '${conf}' >/etc/security/pwhistory.conf
: >/etc/security/opasswd
printf '%s\\n' 'password requisite pam_pwhistory.so ${args}' 'password required pam_unix.so sha256 rounds=1000' >/etc/pam.d/zz
change() {
  i=0; while [ $i -lt 8 ]; do echo Xk4-example-${at}-$1; i=$((i+1)); done | pamtester zz ${ordinaryUser} chauthtok >/dev/null 2>&1
}
for number in ${Array.from({ length: CHANGES }, (_, at) => at).join(' ')}; do change $number; done
echo "$(grep '^${ordinaryUser}:' /etc/security/opasswd | cut -d: -f3)"
cp /etc/shadow /etc/shadow.before
change ${CHANGES - 2}
if cmp -s /etc/shadow /etc/shadow.before; then echo refused; else echo taken; fi`,
  )
  .join('\n');

describeInDebian('pam_pwhistory', () => {
  describe.each([11, 12, 13] as const)('Debian %s', (release) => {
    let said: readonly string[] = [];
    beforeAll(async () => {
      const copy = copyRoot(await debianRoot(release));
      try {
        said = (await copy.run(['sh', '-c', SCRIPT])).trimEnd().split('\n');
      } finally {
        copy.remove();
      }
    }, ROOT_TIMEOUT_MS);

    it.each(cases.map((one, at) => [...one, at] as const))('%j %j', (args, text, at) => {
      const [line] = parsePam(`password required pam_pwhistory.so ${args}\n`, '/etc/pam.d/zz');
      if (line?.kind !== 'module') throw new Error('no module');
      const reads = readsPwhistoryConf({ id: 'debian', version: `${release}` });
      const { remember, root } = historyOptions(line, reads ? parseFaillockConf(text, 'pwhistory.conf') : []);
      const held = Math.min(remember.value, CHANGES);
      expect([Number(said[2 * at]), said[2 * at + 1]]).toEqual([
        held,
        root && held > 0 ? 'refused' : 'taken',
      ]);
    });
  });
});

/** access.umask against real logins: su -l in Debian 11, 12 and 13, with pam_umask told one thing and another. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { linuxHost } from '../../../agent/host-linux.ts';
import { umask } from '../../../checks/access/umask.ts';
import {
  type DebianRelease,
  debianRoot,
  describeInDebian,
  ROOT_TIMEOUT_MS,
} from '../../support/debian-root.ts';
import { judge } from '../../support/judge.ts';
import { copyRoot, type RootCopy } from '../../support/root-copy.ts';

interface Setting {
  /** The lines of pam_umask in common-session. */
  readonly pam: readonly string[];
  /** Lines of login.defs in place of its own UMASK and USERGROUPS_ENAB. */
  readonly defs?: string;
  /** /etc/default/login. */
  readonly fallback?: string;
}

const LINE = 'session optional pam_umask.so';
const settings: readonly Setting[] = [
  { pam: [] },
  { pam: [LINE] },
  { pam: [LINE], defs: 'UMASK 022\nUSERGROUPS_ENAB yes' },
  { pam: [LINE], defs: 'UMASK 027\nUSERGROUPS_ENAB yes' },
  { pam: [LINE], defs: 'UMASK 027\nUSERGROUPS_ENAB no' },
  { pam: [LINE], defs: 'umask=077 # why' },
  { pam: [LINE], fallback: 'UMASK=027' },
  { pam: [LINE], defs: 'UMASK 022', fallback: 'UMASK=027' },
  { pam: [`${LINE} umask=027`], defs: 'UMASK 022' },
  { pam: [`${LINE} umask=027 usergroups`] },
  { pam: [`${LINE} umask=027 nousergroups`] },
  { pam: [`${LINE} umask=077 usergroups nousergroups`] },
  { pam: [`${LINE} umask=077 nousergroups USERGROUPS`] },
  { pam: [`${LINE} umask=022 UMASK=077`] },
  { pam: [`${LINE} umask=u=rwx,g=rx,o=`], defs: 'UMASK 077' },
  { pam: [`${LINE} umask=`], defs: 'UMASK 077' },
  { pam: [`${LINE} umask=0x1f`] },
  { pam: [`${LINE} umask=027x nousergroups`] },
  { pam: [`${LINE} umask=1027 nousergroups`] },
  { pam: [`${LINE} umask=-1`] },
  { pam: [`${LINE} umask=077 nousergroups`, `${LINE} umask=022 nousergroups`] },
  { pam: ['session sufficient pam_permit.so', `${LINE} umask=077`] },
  { pam: ['session [success=1 default=ignore] pam_permit.so', LINE, `${LINE} umask=077 nousergroups`] },
];

for (const release of [11, 12, 13] as const satisfies readonly DebianRelease[])
  describeInDebian(`Debian ${release}`, () => {
    let root: RootCopy;
    const at = (path: string) => join(root.path, path);
    const original = { session: '', defs: '' };

    beforeAll(async () => {
      root = copyRoot(await debianRoot(release));
      original.session = readFileSync(at('etc/pam.d/common-session'), 'utf8').replace(
        /^.*pam_umask.*\n/gm,
        '',
      );
      original.defs = readFileSync(at('etc/login.defs'), 'utf8').replace(
        /^(?:UMASK|USERGROUPS_ENAB).*\n/gm,
        '',
      );
      // Only su -l is asked: it is the one whose umask is seen.
      for (const service of ['sshd', 'login']) rmSync(at(`etc/pam.d/${service}`));
      for (const name of ['bernd', 'clara'])
        await root.run(['useradd', '-m', '-s', '/bin/bash', '-g', 'users', name]);
    }, ROOT_TIMEOUT_MS);
    afterAll(() => root?.remove());

    const put = ({ pam, defs = '', fallback }: Setting) => {
      writeFileSync(at('etc/pam.d/common-session'), `${original.session}${pam.join('\n')}\n`);
      writeFileSync(at('etc/login.defs'), `${original.defs}${defs}\n`);
      rmSync(at('etc/default/login'), { force: true });
      if (fallback) writeFileSync(at('etc/default/login'), `${fallback}\n`);
    };
    /** What everybody who logs in ends with, coming from 022. */
    const real = async (accounts: readonly string[]) => {
      const script = 'umask 022; for one; do su -l "$one" -c umask; done';
      const said = await root.run(['sh', '-c', script, 'sh', ...accounts]);
      return said
        .trim()
        .split('\n')
        .map((one) => Number.parseInt(one, 8));
    };
    /** Passes exactly where everybody ends with a strict one; where it fails, the weak ones are named. */
    const compare = async (setting: Setting, accounts: readonly string[]) => {
      put(setting);
      const masks = await real(accounts);
      expect(masks).toHaveLength(accounts.length);
      const verdict = await judge(umask, linuxHost({ root: root.path }));
      const weak = [...new Set(masks.filter((mask) => (mask & 0o027) !== 0o027))].sort();
      // Without pam_umask su hands down what it was given, which is what systemd starts the others with.
      expect([setting, verdict.outcome]).toEqual([setting, weak.length > 0 ? 'fail' : 'pass']);
      const named = verdict.evidence.map(({ found }) =>
        Number.parseInt(typeof found === 'string' ? found : found.en, 8),
      );
      const expected = weak.length > 0 ? weak : [...new Set(masks)].sort();
      expect([setting, [...new Set(named)].sort()]).toEqual([setting, expected]);
    };

    it('agrees with su -l for root, an account with a group of its own and one without', async () => {
      for (const setting of settings) await compare(setting, ['root', 'anna', 'bernd']);
    }, 60_000);

    it('agrees where the comment field sets it', async () => {
      const passwd = readFileSync(at('etc/passwd'), 'utf8');
      for (const comment of [
        'umask=000',
        ',,,,umask=022',
        ',,,,UMASK=077',
        'a,,,,umask=x',
        'umask=022,,,,umask=077',
      ]) {
        writeFileSync(at('etc/passwd'), passwd.replace(/^(clara:x:\d+:\d+:)/m, `$1${comment}`));
        await compare({ pam: [`${LINE} umask=077 nousergroups`] }, ['root', 'anna', 'bernd', 'clara']);
        await compare({ pam: [] }, ['root', 'anna', 'bernd', 'clara']);
      }
      writeFileSync(at('etc/passwd'), passwd);
    }, 60_000);
  });

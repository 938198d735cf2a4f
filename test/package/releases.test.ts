/**
 * The packages in a booted Debian 11 and 13, the oldest and the newest systemd that they are made for (12 has a story of its
 * own: installed.test.ts). Debian 11 has the control groups of this machine and no BPF, Debian 13 what systems have by now.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageName } from '../../agent/packaging/make.ts';
import { products } from '../../agent/packaging/product.ts';
import { bootContainer, type Container, kernelFilters } from '../support/container.ts';
import { debianRoot, describeInDebian, ordinaryUser, ROOT_TIMEOUT_MS } from '../support/debian-root.ts';
import { architecture, packageBuild } from '../support/package-build.ts';
import { copyRoot, type RootCopy } from '../support/root-copy.ts';

const services = ['report', 'network', 'probe-backup', 'drill', 'collector'].map(
  (name) => `nachweis-${name}.service`,
);

/** A repository of restic behind a real sshd, declared for probing and drills. */
const REPOSITORY = `set -e
mkdir -m 700 -p /root/.ssh
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
install -d -o ${ordinaryUser} -g ${ordinaryUser} -m 700 /home/${ordinaryUser}/.ssh
install -o ${ordinaryUser} -g ${ordinaryUser} -m 600 /root/.ssh/id_ed25519.pub /home/${ordinaryUser}/.ssh/authorized_keys
ssh-keyscan -t ed25519 localhost >/root/.ssh/known_hosts 2>/dev/null
mkdir -m 700 /etc/restic
umask 077
echo only-for-this-test >/etc/restic/password
export RESTIC_REPOSITORY=sftp:${ordinaryUser}@localhost:/home/${ordinaryUser}/restic RESTIC_PASSWORD_FILE=/etc/restic/password
restic -q init
restic -q backup /etc/hostname
printf 'RESTIC_REPOSITORY=%s\\nRESTIC_PASSWORD_FILE=%s\\n' "$RESTIC_REPOSITORY" "$RESTIC_PASSWORD_FILE" >/etc/restic/etc.env
echo '{name: etc, tool: restic, what: [/etc], to: localhost, when: {timer: x.timer}, lastSuccess: {probe: {environmentFile: /etc/restic/etc.env}}}' >/etc/nachweis/backup.d/etc.yaml
`;

describeInDebian('the packages in a booted', () => {
  describe.each([
    { release: 11, filters: false },
    { release: 13, filters: kernelFilters },
  ] as const)('Debian $release', ({ release, filters }) => {
    let copy: RootCopy;
    let inside: Container;
    const run = (...argv: string[]): Promise<string> => inside.run(argv, { timeoutMs: 240_000 });
    const journal = (unit: string) => run('journalctl', '--no-pager', '-o', 'cat', '-u', unit);

    beforeAll(async () => {
      const made = await packageBuild();
      copy = copyRoot(await debianRoot(release));
      inside = await bootContainer(copy.path, { readOnly: { '/mnt': made }, filters });
      await run('dpkg', '-i', ...products.map((one) => `/mnt/${packageName(one, architecture, 'deb')}`));
    }, ROOT_TIMEOUT_MS);
    afterAll(async () => {
      await inside?.stop();
      copy?.remove();
    });

    it('have units without a complaint of systemd, and little to attack', async () => {
      const verify = await inside.exec(['systemd-analyze', 'verify', '--man=no', ...services]);
      expect(verify).toEqual({ status: 0, stdout: '', stderr: '' });
      for (const unit of services) {
        const security = await run('systemd-analyze', 'security', '--no-pager', unit);
        const exposure = Number(/exposure level for \S+: (\d+\.\d)/.exec(security)?.[1]);
        expect(exposure, unit).toBeLessThanOrEqual(unit === 'nachweis-drill.service' ? 3 : 2.5);
      }
    });

    it('work: collector and agent under their units, and whether the kernel filters is said by name', async () => {
      await expect.poll(() => journal('nachweis-collector'), { timeout: 60_000 }).toContain('First sign-in');
      const asCollector = (...argv: string[]) =>
        run('runuser', '-u', 'nachweis-collector', '--', 'nachweis-collector', ...argv);
      await asCollector('tenant', 'add', 'example');
      const line = await asCollector('token', 'create', '--tenant', 'example');
      const local = (/https:\S+/.exec(line)?.[0] ?? '').replace(/\/\/[^/]+/, '//localhost:8443');
      await inside.run(['nachweis', 'enrol'], { input: `${local}\n`, timeoutMs: 120_000 });
      await run('systemctl', 'start', 'nachweis-report');
      expect(await journal('nachweis-report')).toContain('Received by the collector; position 0 in its log.');
      expect(await run('nachweis', 'status')).toMatch(
        filters
          ? /^Filter +tried: the kernel lets reports speak to the collector alone$/m
          : /^Filter +none: this system can not filter by unit \(nachweis doctor says more\)$/m,
      );
      const { stdout } = await inside.exec(['nachweis', 'doctor']);
      expect(stdout).toMatch(
        filters
          ? /^✓ network filter +tried: /m
          : /^! network filter +skipped: the kernel does not filter nachweis-report\.service/m,
      );
      expect(stdout).not.toContain('✗');
    }, 240_000);

    it('probe and drill reach a repository over ssh', async () => {
      await run('sh', '-c', REPOSITORY);
      await run('systemctl', 'start', 'nachweis-probe-backup');
      expect(await journal('nachweis-probe-backup')).toMatch(/^etc: opened, newest snapshot \d{4}-/m);
      await run('systemctl', 'start', 'nachweis-drill');
      expect(await journal('nachweis-drill')).toContain('✓ etc (restic): restored, and equal');
    }, 240_000);
  });
});

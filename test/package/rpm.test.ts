/** The RPM of the agent below a root of its own (rpm --root): Debian's rpm can't tell what RHEL has, so dependencies are left out. */
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { packageName } from '../../agent/packaging/make.ts';
import { products } from '../../agent/packaging/product.ts';
import { debianRoot, ROOT_TIMEOUT_MS } from '../support/debian-root.ts';
import { architecture, packageBuild } from '../support/package-build.ts';
import { mustRun, runProgram } from '../support/program-run.ts';
import { describeAsRoot } from '../support/programs.ts';
import { copyRoot } from '../support/root-copy.ts';

const [agent] = products;
if (!agent) throw new Error('no agent');

describeAsRoot(['rpmbuild', 'debootstrap', 'debian-archive-keyring'], 'the RPM', () => {
  it(
    'is installed, keeps configuration and state, refuses to go behind a newer state, and is removed',
    async () => {
      const file = join(await packageBuild(), packageName(agent, architecture, 'rpm'));
      const root = copyRoot(await debianRoot(12));
      onTestFinished(() => root.remove());
      const rpm = (...args: string[]) =>
        runProgram(['rpm', '--root', root.path, '--nodeps', ...args], { timeoutMs: 240_000 });

      expect(await mustRun(['rpm', '-qp', '--requires', file])).toContain('glibc >= 2.28');
      expect((await rpm('--install', file)).stderr).toContain('Next: nachweis enrol');
      expect((await rpm('--verify', 'nachweis')).stdout).toBe('');
      expect(await root.run(['/usr/bin/nachweis', '--help'])).toContain('check');
      expect(await root.run(['stat', '-c', '%a', '/var/lib/nachweis'])).toBe('700\n');
      expect(await root.run(['systemctl', 'is-enabled', 'nachweis-report.timer'])).toBe('enabled\n');
      expect(await mustRun(['rpm', '--root', root.path, '-qc', 'nachweis'])).toBe(
        '/etc/nachweis/agent.yaml\n',
      );

      await root.run([
        'sh',
        '-c',
        'echo "interval: 2h" >/etc/nachweis/agent.yaml; echo kept >/var/lib/nachweis/x',
      ]);
      expect(await rpm('--upgrade', '--force', file)).toMatchObject({ status: 0 });
      expect(await root.run(['cat', '/etc/nachweis/agent.yaml', '/var/lib/nachweis/x'])).toBe(
        'interval: 2h\nkept\n',
      );

      await root.run(['sh', '-c', `echo '{"format":"nachweis.state/99"}' >/var/lib/nachweis/format.json`]);
      const refused = await rpm('--upgrade', '--force', file);
      expect(refused.status).not.toBe(0);
      expect(refused.stderr).toContain('STATE_NEWER: ');
      expect((await runProgram(['rpm', '--root', root.path, '-q', 'nachweis'])).status).toBe(0);

      expect(await rpm('--erase', 'nachweis')).toMatchObject({ status: 0 });
      expect(await root.run(['sh', '-c', 'test ! -e /usr/bin/nachweis && cat /var/lib/nachweis/x'])).toBe(
        'kept\n',
      );
    },
    ROOT_TIMEOUT_MS,
  );
});

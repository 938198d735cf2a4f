/** patch.sources-trusted against the real dnf and zypper: what passes must not let an unsigned package in. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { factGetter } from '../../../checks/evaluate.ts';
import { valueIn } from '../../../checks/fact.ts';
import { rpmTrust } from '../../../checks/facts/rpm-trust.ts';
import { describeInNamespace } from '../../support/mount-namespace.ts';
import { type RpmWorld, rpmWorld } from './rpm-world.ts';

const demo = { name: 'demo', version: '1-1' };

/** Settings as lines, every one of `values` for each key; `-` leaves it out. */
function settings(keys: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(keys).reduce<string[]>(
    (lines, [key, values]) =>
      lines.flatMap((line) => values.map((value) => (value === '-' ? line : `${line}${key}=${value}\n`))),
    [''],
  );
}

function describeManager(
  program: 'dnf' | 'zypper',
  title: string,
  define: (world: () => RpmWorld, trusted: () => Promise<boolean>, lets: () => boolean) => void,
): void {
  describeInNamespace([program, 'rpmbuild', 'createrepo_c'], title, () => {
    let world: RpmWorld;
    beforeEach(() => {
      world = rpmWorld();
    });
    afterEach(() => world.end());
    const trusted = async () => {
      const [source] = valueIn(await factGetter(world.host(), new Date())(rpmTrust));
      return source?.signed ?? false;
    };
    const lets = () => world.run('/usr/bin/rpm', ['-q', 'demo']).status === 0;
    define(() => world, trusted, lets);
  });
}

describeManager('dnf', 'an unsigned package and the real dnf', (world, trusted, lets) => {
  const mains = settings({ gpgcheck: ['-', '0', '1'] });
  const repos = settings({ gpgcheck: ['-', '0', '1'], repo_gpgcheck: ['-', '1'] });
  const cases = mains.flatMap((main) => repos.map((repo) => [main, repo] as const));
  it.each(cases)('[main] %j, source %j', async (main, repo) => {
    world().write('/etc/dnf/dnf.conf', `[main]\n${main}`);
    const url = world().publish('repo', [demo]);
    world().write('/etc/yum.repos.d/demo.repo', `[demo]\nname=demo\nbaseurl=${url}\n${repo}`);
    // Otherwise zypper's sources would be judged.
    world().run('/bin/rm', ['-rf', '/etc/zypp/repos.d']);
    world().run('/usr/bin/dnf-3', ['-q', '-y', 'install', 'demo']);
    expect(lets()).toBe(!(await trusted()));
  });
});

describeManager('zypper', 'an unsigned package and the real zypper', (world, trusted, lets) => {
  const own = { repo_gpgcheck: ['-', '0', '1'], pkg_gpgcheck: ['-', '0', '1'] };
  const cases = [
    ...settings({ gpgcheck: ['-', '0', '1'], ...own }).map((repo) => ['', repo] as const),
    ...settings({ gpgcheck: ['-', '1'] }).map((repo) => ['gpgcheck=off\n', repo] as const),
    ...settings(own).map((main) => [main, ''] as const),
  ];
  it.each(cases)('[main] %j, source %j', async (main, repo) => {
    world().write('/etc/zypp/zypp.conf', `[main]\n${main}`);
    const url = world().publish('repo', [demo]);
    world().write('/etc/zypp/repos.d/demo.repo', `[demo]\nname=demo\nenabled=1\nbaseurl=${url}\n${repo}`);
    world().run('/usr/bin/zypper', ['-n', 'install', 'demo']);
    expect(lets()).toBe(!(await trusted()));
  });
});

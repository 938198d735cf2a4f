/**
 * The two ways to many hosts, as they are documented, in one booted Debian 12 without a network: the cloud-init example
 * is run by cloud-init from a seed of its own (NoCloud), and the Ansible role is played over SSH.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { packageName } from '../../agent/packaging/make.ts';
import { products } from '../../agent/packaging/product.ts';
import { bootContainer, type Container } from '../support/container.ts';
import { describeInDebian, extendedRoot, ROOT_TIMEOUT_MS } from '../support/debian-root.ts';
import { projectRoot } from '../support/import-graph.ts';
import { architecture, packageBuild } from '../support/package-build.ts';
import { mustRun, runProgram } from '../support/program-run.ts';
import { missingPrograms } from '../support/programs.ts';
import { copyRoot, type RootCopy } from '../support/root-copy.ts';

const packaging = join(projectRoot, 'agent/packaging');
const [agent, collector] = products;
if (!agent || !collector) throw new Error('no products');
const LONG = 300_000;
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** What an image has: cloud-init, and the repository that its packages come from. */
const IMAGE = `set -e
mkdir -p /srv/repository
cp "$1" /srv/repository/
cd /srv/repository
dpkg-deb -f *.deb >Packages
printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n' *.deb "$(stat -c %s *.deb)" "$(sha256sum *.deb | cut -d' ' -f1)" >>Packages
echo 'deb [trusted=yes] file:/srv/repository ./' >/etc/apt/sources.list
printf 'datasource_list: [NoCloud]\\nlocale: false\\napt: {preserve_sources_list: true}\\n' >/etc/cloud/cloud.cfg.d/90-image.cfg
`;

describeInDebian('many hosts', () => {
  let copy: RootCopy;
  let inside: Container;
  const directory = mkdtempSync(join(tmpdir(), 'nachweis-fleet-'));
  const run = (...argv: string[]): Promise<string> => inside.run(argv, { timeoutMs: 240_000 });
  const asCollector = (...argv: string[]) =>
    run('runuser', '-u', 'nachweis-collector', '--', 'nachweis-collector', ...argv);
  const newLine = async (): Promise<string> => {
    const said = await asCollector('token', 'create', '--tenant', 'example');
    return (/https:\S+/.exec(said)?.[0] ?? '').replace(/\/\/[^/]+/, '//localhost:8443');
  };

  beforeAll(async () => {
    const made = await packageBuild();
    copy = copyRoot(await extendedRoot(12));
    inside = await bootContainer(copy.path, { readOnly: { '/mnt': made } });
    await run('dpkg', '-i', `/mnt/${packageName(collector, architecture, 'deb')}`);
    await run('sh', '-c', IMAGE, 'image', `/mnt/${packageName(agent, architecture, 'deb')}`);
    await vi.waitFor(
      async () => expect(await run('journalctl', '-u', 'nachweis-collector')).toContain('First sign-in'),
      { timeout: 60_000, interval: 200 },
    );
    await asCollector('tenant', 'add', 'example');
  }, ROOT_TIMEOUT_MS);
  afterAll(async () => {
    await inside?.stop();
    copy?.remove();
    rmSync(directory, { recursive: true });
  });

  it(
    'cloud-init installs, enrols and reports at the first boot, and leaves no string behind',
    async () => {
      const example = readFileSync(join(packaging, 'cloud-init.yaml'), 'utf8');
      const line = await newLine();
      const data = example.replace('https://collector.example.org:8443/#token.fingerprint', line);
      expect(data).not.toBe(example);
      const seed = 'var/lib/cloud/seed/nocloud';
      await run('mkdir', '-p', `/${seed}`);
      await inside.run(['sh', '-c', `cat >/${seed}/user-data`], { input: data });
      await inside.run(['sh', '-c', `cat >/${seed}/meta-data`], { input: 'instance-id: i-1\n' });
      // The four stages of a boot, as the units of cloud-init run them.
      for (const stage of [
        ['init', '--local'],
        ['init'],
        ['modules', '--mode=config'],
        ['modules', '--mode=final'],
      ])
        await run('cloud-init', ...stage);
      expect(await run('cloud-init', 'schema', '--config-file', `/${seed}/user-data`)).toContain('Valid');
      expect(await run('cloud-init', 'query', 'v1.instance_id')).toBe('i-1\n');
      const said = await run('cat', '/var/log/cloud-init-output.log');
      expect(said).toContain('Received by the collector; position 0 in its log.');
      expect(said).not.toContain(line.split('#')[1]);
      expect((await inside.exec(['test', '-e', '/run/nachweis-enrol'])).status).toBe(1);
      expect(await run('nachweis', 'status')).toContain('In order.');
      expect(await run('systemctl', 'is-active', 'nachweis-report.timer')).toBe('active\n');
    },
    LONG,
  );

  it.skipIf(missingPrograms(['ansible-playbook']).length > 0)(
    'the Ansible role installs, configures, enrols and switches the timer on; a second run does only what was undone',
    async () => {
      await run('dpkg', '--purge', 'nachweis');
      const line = await newLine();
      // sshd as inetd would start it: a real connection into a container without a network.
      const key = join(directory, 'key');
      await mustRun(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key]);
      await inside.run(
        ['sh', '-c', 'mkdir -m 700 -p /root/.ssh && cat >/root/.ssh/authorized_keys && mkdir -p /run/sshd'],
        { input: readFileSync(`${key}.pub`, 'utf8') },
      );
      const proxy = `nsenter --target ${inside.leader} --all -- /usr/sbin/sshd -i`;
      mkdirSync(join(directory, 'roles'));
      symlinkSync(join(packaging, 'ansible'), join(directory, 'roles/nachweis'));
      const play = [
        {
          hosts: 'all',
          roles: ['nachweis'],
          vars: {
            ansible_user: 'root',
            ansible_ssh_private_key_file: key,
            ansible_ssh_common_args: `-o ProxyCommand="${proxy}" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null`,
            ansible_python_interpreter: '/usr/bin/python3',
            nachweis_enrol: line,
            nachweis_package: `/mnt/${packageName(agent, architecture, 'deb')}`,
            nachweis_config: { interval: '2h' },
          },
        },
      ];
      writeFileSync(join(directory, 'play.yml'), JSON.stringify(play));
      const played = async () => {
        const { status, stdout, stderr } = await runProgram(
          ['/usr/bin/ansible-playbook', '-i', 'web-1.example.org,', join(directory, 'play.yml')],
          {
            env: { PATH, HOME: directory, LC_ALL: 'C.UTF-8', ANSIBLE_PIPELINING: 'true' },
            timeoutMs: 240_000,
          },
        );
        expect(status, stdout + stderr).toBe(0);
        expect(stdout + stderr).not.toContain(line.split('#')[1]);
        const count = (name: string) => Number(new RegExp(`\\b${name}=(\\d+)`).exec(stdout)?.[1]);
        return { ok: count('ok'), changed: count('changed'), skipped: count('skipped') };
      };
      // Facts, package, directory, file, enrolment, report, timer; only the RPM is not for this host.
      const first = await played();
      expect(first).toMatchObject({ ok: 7, skipped: 1 });
      // The package has switched the timer on already, and made the directory.
      expect(first.changed).toBe(4);
      expect(await run('cat', '/etc/nachweis/agent.yaml')).toContain('"interval": "2h"');
      expect(await run('systemctl', 'is-active', 'nachweis-report.timer')).toBe('active\n');
      expect(await run('nachweis', 'status')).toContain('In order.');
      await run('systemctl', 'disable', '--now', '--quiet', 'nachweis-report.timer');
      // Only what was undone by hand is done again.
      expect(await played()).toEqual({ ok: 6, changed: 1, skipped: 2 });
      expect(await run('systemctl', 'is-active', 'nachweis-report.timer')).toBe('active\n');
    },
    LONG,
  );
});

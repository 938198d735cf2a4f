/**
 * The Debian packages of agent and collector in one booted Debian 12: installed, at work under their units, upgraded,
 * refused, removed, purged. The tests are one story and run in this order.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageName } from '../../agent/packaging/make.ts';
import { products } from '../../agent/packaging/product.ts';
import { bootContainer, type Container, kernelFilters } from '../support/container.ts';
import { describeInDebian, extendedRoot, ordinaryUser, ROOT_TIMEOUT_MS } from '../support/debian-root.ts';
import { architecture, packageBuild } from '../support/package-build.ts';
import { copyRoot, type RootCopy } from '../support/root-copy.ts';

const [agent, collector] = products;
if (!agent || !collector) throw new Error('no products');
const REPORT = 'nachweis-report.service';
const units = [
  'nachweis-report.timer',
  REPORT,
  'nachweis-network.service',
  'nachweis-probe-backup.timer',
  'nachweis-probe-backup.service',
  'nachweis-drill.timer',
  'nachweis-drill.service',
  'nachweis-collector.service',
];

/** A repository of borg behind a real sshd, declared for probing. */
const BORG_REPOSITORY = `set -e
mkdir -m 700 -p /root/.ssh
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
install -d -o ${ordinaryUser} -g ${ordinaryUser} -m 700 /home/${ordinaryUser}/.ssh
install -o ${ordinaryUser} -g ${ordinaryUser} -m 600 /root/.ssh/id_ed25519.pub /home/${ordinaryUser}/.ssh/authorized_keys
ssh-keyscan -t ed25519 localhost >/root/.ssh/known_hosts 2>/dev/null
umask 077
export BORG_REPO=ssh://${ordinaryUser}@localhost/home/${ordinaryUser}/borg BORG_PASSPHRASE=only-for-this-test
borg init -e repokey-blake2
borg create ::one /etc/hostname
mkdir /etc/borg
printf 'BORG_REPO=%s\nBORG_PASSPHRASE=%s\n' "$BORG_REPO" "$BORG_PASSPHRASE" >/etc/borg/etc.env
echo '{name: etc, tool: borg, what: [/etc], to: localhost, when: {timer: x.timer}, lastSuccess: {probe: {environmentFile: /etc/borg/etc.env}}}' >/etc/nachweis/backup.d/etc.yaml
`;

/** What doctor prints, without what differs from run to run. */
const plain = (text: string): string =>
  text
    .replace(/\d{4}-\d\d-\d\d/, 'DATE')
    .replace(/key-[0-9a-f]{16}/, 'key-ID')
    .replace(/\d+(?= (?:MB|inodes|kB|ms)\b)/g, 'N');

describeInDebian('the packages in a booted Debian 12', () => {
  let made = '';
  let copy: RootCopy;
  let inside: Container;
  const run = (...argv: string[]): Promise<string> => inside.run(argv, { timeoutMs: 240_000 });
  const status = async (...argv: string[]): Promise<number> => (await inside.exec(argv)).status;
  const asCollector = (...argv: string[]) =>
    run('runuser', '-u', 'nachweis-collector', '--', 'nachweis-collector', ...argv);
  /** Of the newest results document. */
  const digest = async (): Promise<string> => {
    const { digest: found } = JSON.parse(await run('cat', '/var/lib/nachweis/round.json')) as {
      digest: string;
    };
    return found;
  };

  beforeAll(async () => {
    made = await packageBuild();
    copy = copyRoot(await extendedRoot(12));
    inside = await bootContainer(copy.path, { readOnly: { '/mnt': made }, filters: kernelFilters });
  }, ROOT_TIMEOUT_MS);
  afterAll(async () => {
    await inside?.stop();
    copy?.remove();
  });

  it('are installed: one timer is on, nothing runs that waits, the state is for root alone', async () => {
    const { stdout, stderr } = await inside.exec(
      ['dpkg', '-i', ...[collector, agent].map((one) => `/mnt/${packageName(one, architecture, 'deb')}`)],
      { timeoutMs: 240_000 },
    );
    expect(`${stdout}${stderr}`).toContain('Next: nachweis enrol asks for the line from the collector.');
    expect(await run('dpkg', '--audit')).toBe('');
    const enabled = await run('systemctl', 'list-unit-files', '--no-legend', '--plain', 'nachweis*');
    const on = enabled.split('\n').filter((line) => /\benabled\b.*enabled$/.test(line.trim()));
    expect(on.map((line) => line.split(' ')[0])).toEqual([
      'nachweis-collector.service',
      'nachweis-report.timer',
    ]);
    expect(await run('systemctl', 'is-active', 'nachweis-report.timer', 'nachweis-collector')).toBe(
      'active\nactive\n',
    );
    expect(await run('stat', '-c', '%a %U', '/var/lib/nachweis', '/etc/nachweis/agent.yaml')).toBe(
      '700 root\n644 root\n',
    );
    // Not enrolled yet: the unit is skipped and has not failed.
    await run('systemctl', 'start', REPORT);
    expect(await run('systemctl', 'show', '-p', 'Result,ConditionResult', REPORT)).toBe(
      'Result=success\nConditionResult=no\n',
    );
  }, 300_000);

  it('has units without a complaint of systemd, and little to attack', async () => {
    const verify = await inside.exec(['systemd-analyze', 'verify', '--man=no', ...units]);
    expect(verify).toEqual({ status: 0, stdout: '', stderr: '' });
    for (const unit of units.filter((name) => name.endsWith('.service'))) {
      const security = await run('systemd-analyze', 'security', '--no-pager', unit);
      const exposure = Number(/exposure level for \S+: (\d+\.\d)/.exec(security)?.[1]);
      // The drill restores files of other owners as an account of its own.
      expect(exposure, unit).toBeLessThanOrEqual(unit === 'nachweis-drill.service' ? 3 : 2.5);
    }
  });

  it('the collector, under its unit and its own user, gets the report of the agent, under its unit', async () => {
    await expect
      .poll(() => run('journalctl', '-u', 'nachweis-collector'), { timeout: 60_000 })
      .toContain('First sign-in');
    await asCollector('tenant', 'add', 'example');
    const line = await asCollector('token', 'create', '--tenant', 'example');
    const local = (/https:\S+/.exec(line)?.[0] ?? '').replace(/\/\/[^/]+/, '//localhost:8443');
    await inside.run(['nachweis', 'enrol'], { input: `${local}\n`, timeoutMs: 120_000 });
    await run('systemctl', 'start', REPORT);
    expect(await run('systemctl', 'show', '-p', 'Result,ConditionResult', REPORT)).toBe(
      'Result=success\nConditionResult=yes\n',
    );
    const journal = await run('journalctl', '--no-pager', '-o', 'cat', '-u', REPORT);
    expect(journal).toContain('Received by the collector; position 0 in its log.');
    expect(await run('journalctl', '--no-pager', '-o', 'cat', '-u', 'nachweis-network')).toMatch(
      /127\.0\.0\.1/,
    );
    // Nothing stays.
    expect(await run('systemctl', 'show', '-p', 'MainPID', REPORT)).toBe('MainPID=0\n');
    expect(await run('stat', '-c', '%U %a', '/var/lib/nachweis-collector')).toBe('nachweis-collector 700\n');
    expect(await run('find', '/var/lib/nachweis-collector', '-not', '-user', 'nachweis-collector')).toBe('');
  }, 300_000);

  const filtered = it.skipIf(!kernelFilters);
  const needs = kernelFilters ? '' : ' [needs a kernel with CONFIG_CGROUP_BPF]';
  filtered(
    `the kernel keeps the report unit to the collector, tried by the unit itself${needs}`,
    async () => {
      expect(await run('nachweis', 'status')).toMatch(
        /^Filter +tried: the kernel lets reports speak to the collector alone$/m,
      );
      // Each line as somebody reads it who sees it for the first time.
      const doctor = await inside.exec(['nachweis', 'doctor']);
      expect({ ...doctor, stdout: plain(doctor.stdout) }).toEqual({
        status: 3,
        stdout: `✓ program          0.1.0, run as root
✓ compile cache    part of the program, in use
✓ state directory  /var/lib/nachweis, 0700, of root
✓ enrolment        debian of tenant example, since DATE
✓ key              key-ID.pem, readable by its owner alone
✓ free space       N MB, N inodes
✓ reports          0 waiting, 1 receipt, 0 refused, documents N kB
✓ policy           none: the defaults and agent.yaml count
✓ name resolution  localhost: 127.0.0.1
✓ collector        https://localhost:8443 answers with the keys that this host
                   trusts, in N ms
✓ versions         agent 0.1.0, collector 0.1.0
✓ clock            in step with the collector
! time service     no time service was seen
                 → Containers take the time of their host; anything else needs
                   one, such as systemd-timesyncd or chrony.
✓ schedule         nachweis-report.timer is active
✓ network filter   tried: the kernel lets nachweis-report.service speak to the
                   collector alone
✓ commands         all 8 that the checks ask on this system

1 to look at, 15 in order.
`,
        stderr: '',
      });
      // Somebody without rights learns what to do, and nothing is called broken that is only closed.
      const other = await inside.exec(['nachweis', 'doctor', '--lang', 'de'], { user: ordinaryUser });
      expect({ ...other, stdout: plain(other.stdout) }).toEqual({
        status: 3,
        stdout: `✓ Programm              0.1.0, läuft als uid 1000
! Programm              läuft nicht als root: vieles ist nicht lesbar
                      → Als root ausführen, um zu sehen, was Berichte sehen.
✓ Übersetzungsspeicher  Teil des Programms, wird verwendet
! Zustandsverzeichnis   NO_PERMISSION: Keine Berechtigung für
                        /var/lib/nachweis/format.json.
                      → Als Eigentümer oder root ausführen, oder ein anderes
                        Verzeichnis wählen.
! Zeitdienst            kein Zeitdienst zu sehen
                      → Container haben die Uhr ihres Wirts; alles andere
                        braucht einen, etwa systemd-timesyncd oder chrony.
✓ Zeitplan              nachweis-report.timer ist aktiv
! Netzfilter            ob der Kernel nachweis-report.service filtert, ist von
                        hier nicht zu sehen
                      → Als root ausführen.
✓ Befehle               alle 8, die die Prüfungen auf diesem System fragen

4 × ansehen, 4 × in Ordnung.
`,
        stderr: '',
      });
    },
  );

  it('every check sees under the unit what it sees from a shell of root', async () => {
    // The first round of a system knows less than those after it (agent/memory.ts): each has one behind it.
    await run('systemctl', 'start', REPORT);
    // systemd-nspawn gives a container a boot id of its own by a mount that the unit's own /proc does not have: the package
    // manager is asked anew, which no real system would do. Only when it was asked may differ.
    const seen = async (): Promise<unknown> => {
      const text = await run('sh', '-c', `cat /var/lib/nachweis/h-*/documents/${await digest()}`);
      return JSON.parse(text.replaceAll(/\b(asked|gefragt) \d{4}-[0-9-]+T[0-9:.]+Z/g, '$1'));
    };
    const unit = await seen();
    await run('nachweis', 'once');
    expect(unit).toEqual(await seen());
  }, 300_000);

  it('the unit can neither write elsewhere nor gain rights', async () => {
    const { stdout } = await inside.exec(['systemctl', 'cat', REPORT]);
    // The unit's own settings, for another program.
    const settings = stdout
      .split('\n')
      .filter((line) =>
        /^(?:Protect|Private|Restrict|Capability|NoNew|ReadWrite|SystemCall|Lock|UMask|StateDirectory)/.test(
          line,
        ),
      )
      .flatMap((line) => ['-p', line]);
    const tries = await inside.exec([
      'systemd-run',
      ...['--wait', '--pipe', '--quiet'],
      ...settings,
      'sh',
      '-c',
      'touch /etc/x || echo etc; touch /root/x || echo root; touch /usr/bin/x || echo usr; chown 1 /var/lib/nachweis || echo chown; mount -t tmpfs x /mnt || echo mount; unshare -U true || echo unshare; cat /etc/shadow >/dev/null && echo reads; touch /var/lib/nachweis/x && rm /var/lib/nachweis/x && echo writes',
    ]);
    expect(tries.stdout.trim().split('\n')).toEqual([
      ...['etc', 'root', 'usr', 'chown', 'mount', 'unshare'],
      ...['reads', 'writes'],
    ]);
  });

  it('the probe unit reaches a borg repository over ssh', async () => {
    await run('sh', '-c', BORG_REPOSITORY);
    await run('systemctl', 'start', 'nachweis-probe-backup');
    expect(await run('journalctl', '--no-pager', '-o', 'cat', '-u', 'nachweis-probe-backup')).toMatch(
      /^etc: opened, newest snapshot \d{4}-/m,
    );
    await run('rm', '/etc/nachweis/backup.d/etc.yaml');
  }, 300_000);

  it('man pages are there in both languages, and the shells complete', async () => {
    const page = await run('sh', '-c', 'zcat /usr/share/man/man1/nachweis.1.gz');
    for (const command of ['check', 'enrol', 'once', 'run', 'status', 'network', 'probe backup'])
      expect(page).toContain(`.SS "nachweis ${command}`);
    expect(await run('sh', '-c', 'zcat /usr/share/man/de/man1/nachweis.1.gz')).toContain('.SH BEFEHLE');
    const complete = `. /usr/share/bash-completion/completions/nachweis
COMP_WORDS=(nachweis check --format ""); COMP_CWORD=3; _nachweis; echo "\${COMPREPLY[@]}"`;
    expect(await run('bash', '-c', complete)).toBe('text json\n');
  });

  it('is upgraded: state and configuration stay, and what was switched off stays off', async () => {
    await run('sh', '-c', 'echo "interval: 2h" >/etc/nachweis/agent.yaml');
    await run('systemctl', 'disable', '--now', '--quiet', 'nachweis-report.timer');
    const enrolment = await run('cat', '/var/lib/nachweis/enrolment.json');
    await run('dpkg', '-i', '--force-confdef', `/mnt/${packageName(agent, architecture, 'deb')}`);
    expect(await run('cat', '/etc/nachweis/agent.yaml')).toBe('interval: 2h\n');
    expect(await run('cat', '/var/lib/nachweis/enrolment.json')).toBe(enrolment);
    expect(await status('systemctl', 'is-enabled', 'nachweis-report.timer')).toBe(1);
    await run('systemctl', 'enable', '--now', '--quiet', 'nachweis-report.timer');
    expect(await run('nachweis', 'status')).toContain('In order.');
  }, 300_000);

  it('is not put back behind what a newer version wrote, with a code that says so', async () => {
    const mark = '/var/lib/nachweis/format.json';
    await run('sh', '-c', `echo '{"format":"nachweis.state/99"}' >${mark}`);
    const refused = await inside.exec(['dpkg', '-i', `/mnt/${packageName(agent, architecture, 'deb')}`], {
      timeoutMs: 240_000,
    });
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain(
      'STATE_NEWER: /var/lib/nachweis was written by a newer version of nachweis (format 99).',
    );
    // So does the program itself, however it came there.
    expect((await inside.exec(['nachweis', 'once'])).stderr).toMatch(/^STATE_NEWER: /);
    await run('sh', '-c', `echo '{"format":"nachweis.state/1"}' >${mark}`);
    expect(await run('dpkg', '--audit')).toBe('');
    expect(await run('nachweis', 'status')).toContain('In order.');
  }, 300_000);

  it('is removed: its units stop, its state stays; purged, that goes too', async () => {
    await run('dpkg', '--remove', 'nachweis');
    expect(await status('systemctl', 'is-active', 'nachweis-report.timer')).not.toBe(0);
    expect(await status('test', '-e', '/usr/bin/nachweis')).toBe(1);
    expect(await status('test', '-s', '/var/lib/nachweis/enrolment.json')).toBe(0);
    expect(await run('cat', '/etc/nachweis/agent.yaml')).toBe('interval: 2h\n');
    await run('dpkg', '--purge', 'nachweis');
    expect(
      await run(
        'sh',
        '-c',
        'find / -xdev -name "*nachweis*" -not -path "/proc/*" -not -path "/mnt/*" | grep -v collector || true',
      ),
    ).toBe('');
    // Evidence of a collector is removed by people only.
    await run('dpkg', '--purge', 'nachweis-collector');
    expect(await status('test', '-s', '/var/lib/nachweis-collector/collector.db')).toBe(0);
    expect(await run('systemctl', '--failed', '--no-legend')).toBe('');
  }, 300_000);
});

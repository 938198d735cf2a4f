/** Indexes of some hundred megabytes: the agent reads them piece by piece, or says that it does not, and stays small. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { dnfQuery } from '../../../checks/commands.ts';
import { parseDnfReport } from '../../../checks/facts/dnf-answer.ts';
import type { Result } from '../../../shared/outcome.ts';
import { temporaryDirectory } from '../../support/database.ts';
import { describeInNamespace } from '../../support/mount-namespace.ts';
import { runProgram } from '../../support/program-run.ts';
import { describeWith } from '../../support/programs.ts';
import { rpmWorld } from './rpm-world.ts';

const main = join(import.meta.dirname, '../../../agent/main.ts');
const MB = 1024 * 1024;
/** Much more than a round takes, much less than such a list has. */
const MOST_MB = 200;

describeWith(['lz4'], 'lists of apt', () => {
  let root: string;
  let list: string;
  beforeEach(() => {
    root = temporaryDirectory();
    for (const path of ['etc/apt/apt.conf.d', 'usr/bin', 'var/lib/dpkg', 'var/lib/apt/lists'])
      mkdirSync(join(root, path), { recursive: true });
    const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
    write('usr/bin/apt-get', '');
    write('etc/os-release', 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n');
    write('etc/apt/sources.list', 'deb http://deb.example.org bookworm-security main\n');
    write('var/lib/dpkg/status', paragraph('demo', '1.0', 'Status: install ok installed\n'));
    const now = new Date().toUTCString().replace('GMT', 'UTC');
    const stem = 'var/lib/apt/lists/deb.example.org_dists_bookworm-security';
    write(
      `${stem}_InRelease`,
      `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nOrigin: Debian\nLabel: Debian-Security\nSuite: stable-security\nCodename: bookworm-security\nDate: ${now}\nComponents: main\nArchitectures: amd64\n-----BEGIN PGP SIGNATURE-----\n`,
    );
    list = join(root, `${stem}_main_binary-amd64_Packages`);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const paragraph = (name: string, version: string, more = ''): string =>
    `Package: ${name}\n${more}Architecture: amd64\nVersion: ${version}\nDescription: ${'text '.repeat(60)}\n\n`;

  /** A list of about that many megabytes, with an update for what is installed at its end. */
  function fill(megabytes: number): void {
    const piece = Array.from({ length: 2500 }, (_, index) => paragraph(`filler${index}`, '1')).join('');
    const file = openSync(list, 'w');
    for (let written = 0; written < megabytes * MB; written += piece.length) writeSync(file, piece);
    writeSync(file, paragraph('demo', '1.1'));
    closeSync(file);
  }

  async function judge(): Promise<{ security: Result | undefined; megabytes: number }> {
    // Not what getrusage(2) says: that goes on from the size of the process which this one was made from.
    const hook =
      "data:text/javascript,import fs from 'node:fs';process.on('exit',()=>process.stderr.write(fs.readFileSync('/proc/self/status','utf8')))";
    const check = ['check', '--root', root, '--only', 'patch.*', '--format', 'json'];
    const argv = [process.execPath, '--import', hook, main, ...check];
    const { stdout, stderr } = await runProgram(argv, { timeoutMs: 120_000 });
    const { results } = JSON.parse(stdout) as { results: Result[] };
    return {
      security: results.find((each) => each.check === 'patch.security-updates'),
      megabytes: Number(/VmHWM:\s+(\d+)/.exec(stderr)?.[1]) / 1024,
    };
  }

  it('one of 120 MB is read to its end', async () => {
    fill(120);
    const { security, megabytes } = await judge();
    expect(JSON.stringify(security?.evidence)).toContain('demo 1.0, available 1.1');
    expect(megabytes).toBeLessThan(MOST_MB);
  }, 120_000);

  it('one of 500 MB is unknown with that reason', async () => {
    fill(500);
    const { security, megabytes } = await judge();
    expect(security).toMatchObject({
      outcome: 'unknown',
      reason: expect.stringContaining('larger than any known archive'),
    });
    expect(megabytes).toBeLessThan(MOST_MB);
  }, 180_000);

  it('one of 500 MB without a single line, and a packed one that would grow to that', async () => {
    writeFileSync(list, 'Package: demo\n');
    truncateSync(list, 500 * MB);
    const endless = await judge();
    expect(endless.security).toMatchObject({
      outcome: 'unknown',
      reason: expect.stringMatching(/larger|damaged/),
    });
    expect(endless.megabytes).toBeLessThan(MOST_MB);
    rmSync(list);
    execFileSync('sh', ['-c', `head -c ${500 * MB} /dev/zero | tr '\\0' a | lz4 -q - '${list}.lz4'`]);
    const packed = await judge();
    expect(packed.security).toMatchObject({
      outcome: 'unknown',
      reason: expect.stringMatching(/larger|damaged/),
    });
    expect(packed.megabytes).toBeLessThan(MOST_MB);
  }, 180_000);
});

describeInNamespace(['dnf', 'rpmbuild', 'createrepo_c'], 'advisories of dnf', () => {
  it('with texts of 100 MB: the answer is whole, and so much is not held', () => {
    const world = rpmWorld();
    try {
      const [old, fixed] = [
        { name: 'demo', version: '1.0-1' },
        { name: 'demo', version: '1.1-1' },
      ];
      world.install(old);
      const advisory = {
        id: 'EX-1',
        severity: 'Important',
        updated: '2026-11-20 06:00:00',
        packages: [fixed],
      };
      const long = 'text '.repeat(200_000);
      const filler = Array.from({ length: 100 }, (_, index) => ({
        ...{ ...advisory, id: `EX-F${index}`, description: long },
        packages: [{ name: `filler${index}`, version: '1-1' }],
      }));
      const url = world.publish('repo', [fixed], [...filler, advisory]);
      world.write('/etc/yum.repos.d/base.repo', `[base]\nname=base\nbaseurl=${url}\ngpgcheck=0\n`);
      expect(world.run('/usr/bin/dnf-3', ['-q', '--refresh', 'makecache']).status).toBe(0);
      const measured =
        'import resource,subprocess,sys;r=subprocess.run(sys.argv[1:]);print("MAXRSS",resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,file=sys.stderr);sys.exit(r.returncode)';
      const asked = world.run('/usr/bin/python3', ['-c', measured, '/usr/bin/python3', ...dnfQuery.argv]);
      expect(parseDnfReport(asked.stdout)?.waiting).toMatchObject([
        { id: 'EX-1', issued: expect.any(Number) },
      ]);
      expect(Number(/MAXRSS (\d+)/.exec(asked.stderr)?.[1]) / 1024).toBeLessThan(MOST_MB);
    } finally {
      world.end();
    }
  }, 180_000);
});

/**
 * The whole agent on systems with one defect each: a pipe, a device, a loop of links, a flood or no text in place of a
 * configuration file, and a home that never answers. It ends, nothing throws, nothing passes that did not before, and
 * checks that do not need the file say what they say without the defect.
 */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openDirectory } from '../support/mount-namespace.ts';
import { describeAsRoot } from '../support/programs.ts';

vi.setConfig({ testTimeout: 30_000 });

const main = path.join(import.meta.dirname, '../../agent/main.ts');
const LIMIT_MS = 25_000;

const files: Readonly<Record<string, string>> = {
  'etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
  'etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\nclara:x:1001:1001::/home/clara:/bin/bash\n',
  'etc/group': 'root:x:0:\nanna:x:1000:\nclara:x:1001:\nsudo:x:27:anna\n',
  'etc/shadow': 'root:*:20000:0:90:7:::\nanna:!:20000:0:90:7:::\nclara:!:20000:0:90:7:::\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nshadow: files\n',
  'etc/login.defs': 'UMASK 027\n',
  'etc/profile': 'umask 027\n',
  'etc/pam.d/sshd': 'auth required pam_unix.so\naccount required pam_unix.so\nsession required pam_unix.so\n',
  'etc/pam.d/su': 'auth sufficient pam_rootok.so\nauth required pam_unix.so\naccount required pam_unix.so\n',
  'etc/pam.d/other': 'auth required pam_deny.so\naccount required pam_deny.so\n',
  'etc/sudoers': 'Defaults use_pty\nroot ALL=(ALL) ALL\n%sudo ALL=(ALL) ALL\n',
  'etc/ssh/sshd_config': 'PermitRootLogin no\nPasswordAuthentication no\nUsePAM yes\n',
  'usr/sbin/sshd': '\u007fELF\0OpenSSH_9.2p1 Debian-2\0',
  'usr/bin/sudo': '\u007fELF\0sudo_plugin\x001.9.13p3\0',
  'usr/lib/systemd/system/rescue.service':
    '[Service]\nExecStart=-/usr/lib/systemd/systemd-sulogin-shell rescue\n',
  'home/anna/.ssh/authorized_keys': '',
  'home/clara/.profile': '',
  'root/.profile': '',
};

const HANG = `exec 3<>/dev/fuse
mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0,allow_other nachweis-test "$1"
echo mounted
exec sleep 60`;

interface Result {
  readonly check: string;
  readonly outcome: string;
  readonly reason?: string;
}

/** One run to its end. @throws Error where it does not end in time or says anything on standard error */
function results(root: string): Promise<ReadonlyMap<string, Result>> {
  const args = ['check', '--root', root, '--only', 'login.*,access.*', '--format', 'json', '--lang', 'en'];
  const options = {
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
    env: { PATH: '/usr/bin:/bin' },
  } as const;
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) => {
      const status = error ? error.code : 0;
      if (![0, 1, 3].includes(Number(status)) || error?.killed || stderr !== '')
        return reject(new Error(`status ${status}, ${stderr}${stdout.slice(-500)}`));
      expect(stdout).not.toMatch(/internal error|not read within/);
      const { results: all }: { results: Result[] } = JSON.parse(stdout);
      resolve(new Map(all.map((one) => [one.check, one])));
    });
  });
}

describeAsRoot([], 'the agent on a broken system', () => {
  const directory = openDirectory();
  afterAll(directory.remove);
  let healthy: ReadonlyMap<string, Result>;
  let count = 0;

  const make = (): string => {
    count += 1;
    const root = path.join(directory.path, `root${count}`);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      writeFileSync(path.join(root, name), text, { mode: name.startsWith('usr/') ? 0o755 : 0o640 });
    }
    return root;
  };
  beforeAll(async () => {
    healthy = await results(make());
    expect([...healthy.values()].filter(({ outcome }) => outcome === 'pass').length).toBeGreaterThan(20);
  }, LIMIT_MS);

  const changedIn = (broken: ReadonlyMap<string, Result>): readonly Result[] =>
    [...broken.values()].filter(({ check, outcome }) => outcome !== healthy.get(check)?.outcome);

  const kinds: Readonly<Record<string, (at: string, text: Buffer) => void>> = {
    'a pipe': (at) => expect(spawnSync('mkfifo', [at]).status).toBe(0),
    'a device': (at) => expect(spawnSync('mknod', [at, 'c', '1', '5']).status).toBe(0),
    'a loop of links': (at) => symlinkSync(path.basename(at), at),
    'a directory': (at) => mkdirSync(at),
    '10 MB': (at, text) =>
      writeFileSync(at, [text, ...Array(400).fill('# nothing to be seen here\n'.repeat(1000))].join('')),
    'bytes that are no UTF-8': (at, text) =>
      writeFileSync(at, Buffer.concat([text, Buffer.from([0x23, 0xff, 0xfe, 0xc3, 0x28, 0x0a])])),
  };
  /** Each with every second kind of defect, and the checks that it may turn. */
  const targets: Readonly<Record<string, RegExp>> = {
    'etc/passwd': /./,
    'etc/group': /./,
    'etc/shadow':
      /^access\.(?:file-modes|idle-accounts|legacy-entries|unique-names)|^login\.(?:account-root|empty-password|mfa|rescue-mode|root-console)/,
    'etc/login.defs':
      /^access\.(?:home-directories|key-strength|system-accounts|umask)|^login\.(?:logon-delay|mfa)/,
    'etc/profile': /^access\.umask$|^login\.session-timeout$/,
    'etc/pam.d/sshd': /^access\.umask$|^login\.(?:lockout|logon-delay|max-sessions|mfa|pam-|su-restricted)/,
    'etc/sudoers': /^access\.file-modes$|^login\.(?:mfa|sudo-)/,
    'etc/ssh/sshd_config': /^access\.(?:file-modes|idle-accounts|key-strength)|^login\.(?:sshd-|mfa|banner)/,
    'home/anna/.ssh/authorized_keys': /^access\.(?:idle-accounts|key-strength)/,
  };
  /** sshd reads a directory like an empty file: that is judged. */
  const right = /^etc\/ssh\/sshd_config: a directory$/;
  const cases = Object.keys(targets).flatMap((file, at) =>
    Object.keys(kinds)
      .filter((_kind, index) => (at + index) % 2 === 0)
      .map((kind) => [file, kind] as const),
  );

  it.each(cases)('%s: %s', async (file, kind) => {
    const root = make();
    const at = path.join(root, file);
    const text = readFileSync(at);
    rmSync(at);
    kinds[kind]?.(at, text);
    if (kind !== 'a loop of links') chmodSync(at, 0o640);
    const broken = await results(root);
    expect([...broken.keys()]).toEqual([...healthy.keys()]);
    for (const one of changedIn(broken)) {
      expect(one.check).toMatch(targets[file] ?? /^$/);
      if (!right.test(`${file}: ${kind}`))
        expect(one).toMatchObject({ outcome: 'unknown', reason: expect.stringMatching(/\S/) });
      expect(one.outcome).not.toBe('pass');
    }
    rmSync(root, { recursive: true });
  });

  it('a home on a file system that never answers', async () => {
    const root = make();
    const at = path.join(root, 'home/clara');
    // A FUSE file system whose server reads no request. It is gone when its server is.
    const server = spawn('sh', ['-c', HANG, 'sh', at], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      await once(server.stdout, 'data');
      const broken = await results(root);
      const changed = changedIn(broken);
      expect(changed.map(({ check, outcome }) => `${check}: ${outcome}`)).toEqual([
        'access.idle-accounts: unknown',
        'access.key-strength: unknown',
        'access.legacy-entries: unknown',
        'login.remote-services: unknown',
      ]);
      for (const { reason } of changed) expect(reason).toMatch(/did not answer|do not answer/);
    } finally {
      server.kill('SIGKILL');
      spawnSync('umount', ['--lazy', at]);
    }
  });
});

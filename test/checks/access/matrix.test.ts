/** The access matrix of small hosts: who gets in by which way, what it takes, and whose grant covers it. */
import { describe, expect, it } from 'vitest';
import { ED25519, ED25519_FINGERPRINT, ED25519_OTHER } from '../../../checks/access/example-keys.ts';
import { grant, hashed, hostWith, hostWithoutPolicy, NOW } from '../../../checks/access/grants.examples.ts';
import { collectMatrix } from '../../../checks/access/matrix.ts';
import { factGetter } from '../../../checks/evaluate.ts';
import { memoryHost, type Tree } from '../../../checks/host-memory.ts';
import { type AccessEntry, accessMatrixSchema } from '../../../shared/access-matrix.ts';

async function matrixOf(tree: Tree) {
  const now = new Date(NOW);
  const matrix = await collectMatrix(factGetter(memoryHost(tree), now), now);
  return accessMatrixSchema.parse(matrix);
}

/** `account way proof -> reaches [privilege] grant` */
const line = ({ account, way, proof, reaches, privilege, unsure, grant: by }: AccessEntry): string =>
  [
    `${account} ${way} ${proof} -> ${reaches}`,
    ...(privilege ? [privilege] : []),
    ...(unsure ? ['unsure'] : []),
    by ? 'granted' : 'open',
  ].join(' ');
const linesOf = async (tree: Tree) => (await matrixOf(tree)).entries.map(line);

const PASSWD =
  'root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\notto:x:1001:1001::/home/otto:/bin/sh\n';
const SHADOW = `root:${hashed}:20000:0:99999:7:::\nanna:!:20000:0:99999:7:::\notto:${hashed}:20000:0:99999:7:::\n`;
const SUDO = {
  '/usr/bin/sudo': { text: '\u007fELF\0sudo_plugin\x001.9.13p3\0', mode: 0o4755 },
  '/proc/sys/kernel/hostname': 'web1\n',
};
const LOGIN_STACK = 'auth required pam_unix.so\naccount required pam_unix.so\n';
const people = { '/etc/passwd': PASSWD, '/etc/shadow': SHADOW };

describe('the matrix', () => {
  it('names console, password and key for each account, with what covers it', async () => {
    const tree = hostWith([grant(['anna'], { keys: [ED25519_FINGERPRINT] })], {
      ...people,
      '/etc/ssh/sshd_config': 'PermitRootLogin prohibit-password\n',
      '/root/.ssh/authorized_keys': `from="192.0.2.7",command="/bin/true" ${ED25519_OTHER}\n`,
    });
    expect(await linesOf(tree)).toEqual([
      'root console password -> root open',
      'root ssh-key key -> root open',
      'anna ssh-key key -> anna granted',
      'otto console password -> otto open',
      'otto ssh-password password -> otto open',
    ]);
    const { entries, register, gaps } = await matrixOf(tree);
    expect(register).toBe(true);
    expect(gaps).toEqual([]);
    expect(entries[1]).toMatchObject({
      detail: expect.stringMatching(/^SHA256:\S{43} \(command, from\)$/),
      source: '/root/.ssh/authorized_keys',
      line: 1,
    });
  });

  it('takes a grant without the key for no grant of the key', async () => {
    expect(await linesOf(hostWith([grant(['anna'])]))).toContain('anna ssh-key key -> anna open');
  });

  it('says sudo rules with the proof that they take, and where they end', async () => {
    const sudoers = [
      'anna ALL=(ALL) ALL',
      'anna ALL=(root) NOPASSWD: /usr/bin/systemctl restart nginx',
      'otto ALL=(anna) /usr/bin/less',
      'Defaults:otto targetpw',
    ].join('\n');
    const tree = hostWith([grant(['anna'], { privileges: ['sudo'] })], {
      ...people,
      ...SUDO,
      '/etc/sudoers': { text: `${sudoers}\n`, mode: 0o440 },
    });
    const found = (await matrixOf(tree)).entries.filter(({ way }) => way === 'sudo');
    expect(found.map(line)).toEqual([
      'anna sudo password -> ALL sudo granted',
      'anna sudo none -> root sudo-commands granted',
      'otto sudo other-password -> anna sudo-commands open',
    ]);
    expect(found[1]?.detail).toBe('/usr/bin/systemctl');
  });

  it('says container groups, other groups, and tables that run by themselves', async () => {
    const tree = hostWith([grant(['anna'], { privileges: ['docker'] })], {
      ...people,
      '/etc/group': 'root:x:0:\ndocker:x:998:anna\ndisk:x:6:otto\nanna:x:1000:\notto:x:1001:\n',
      '/var/spool/cron/crontabs/otto': { text: '@daily /home/otto/run\n', uid: 1001, mode: 0o600 },
      '/etc/cron.d/tool': { text: '@daily root /opt/run\n', uid: 1001, mode: 0o644 },
    });
    const found = (await matrixOf(tree)).entries.filter(({ proof }) => proof === 'none');
    expect(found.map((entry) => `${line(entry)} ${entry.detail ?? ''}`)).toEqual([
      'anna container-group none -> root docker granted docker',
      'otto cron none -> otto open ',
      'otto cron none -> root cron open /etc/cron.d/tool',
      'otto group none -> root disk open disk',
    ]);
  });

  it('says doas, sockets of engines, units that linger and jobs that wait', async () => {
    const tree = hostWith([grant(['anna'], { privileges: ['sudo'] })], {
      ...people,
      '/etc/group': 'root:x:0:\nbuilders:x:998:otto\nanna:x:1000:\notto:x:1001:\n',
      '/usr/bin/doas': { text: '', mode: 0o4755 },
      '/etc/doas.conf': 'permit nopass anna\npermit otto as anna\n',
      '/run/docker.sock': { type: 'other', gid: 998, mode: 0o660 },
      '/var/lib/systemd/linger/otto': '',
      '/var/lib/systemd/linger/gone': '',
      '/var/spool/cron/atjobs/a0000101bd3a80': { text: '', uid: 1000, mode: 0o700 },
      '/var/spool/cron/atjobs/.SEQ': { text: '', uid: 1001 },
    });
    const found = (await linesOf(tree)).filter((text) => !/ (?:console|ssh-\w+) /.test(text));
    expect(found).toEqual([
      'anna doas none -> ALL sudo granted',
      'anna at none -> anna granted',
      'otto doas password -> anna sudo-commands open',
      'otto container-group none -> root docker open',
      'otto unit none -> otto open',
    ]);
  });

  it('says who can try the password of root with su, and honours pam_wheel', async () => {
    const su = (stack: string) =>
      hostWith([], { ...people, '/etc/pam.d/login': LOGIN_STACK, '/etc/pam.d/su': `${stack}${LOGIN_STACK}` });
    const wheel = {
      ...su('auth required pam_wheel.so use_uid group=ops\n').files,
      '/etc/group': 'root:x:0:\nops:x:1010:anna\nanna:x:1000:\notto:x:1001:\n',
    };
    const only = async (tree: Tree) => (await linesOf(tree)).filter((text) => text.includes(' su '));
    expect(await only(su(''))).toEqual(['* su other-password -> root open']);
    expect(await only({ ...su(''), files: wheel })).toEqual(['anna su other-password -> root su open']);
  });

  it('says a second UID 0, an automatic login and an empty password', async () => {
    const tree = hostWith([grant(['toor', 'kiosk', 'leer'])], {
      '/etc/passwd': `${PASSWD}toor:x:0:0::/root:/bin/sh\nkiosk:x:1002:1002::/home/kiosk:/bin/sh\nleer::1003:1003::/home/leer:/bin/sh\n`,
      '/etc/shadow': `${SHADOW}toor:${hashed}:20000:0:99999:7:::\nkiosk:!:20000:0:99999:7:::\n`,
      '/usr/lib/systemd/system/getty@tty1.service':
        '[Service]\nExecStart=-/sbin/agetty --autologin kiosk %I\nStandardInput=tty\n',
    });
    const found = await linesOf(tree);
    expect(found).toContain('toor console password -> root root open');
    expect(found).toContain('kiosk console none -> kiosk granted');
    expect(found).toContain('leer console none -> leer granted');
    expect(found).not.toContain('leer ssh-password none -> leer granted');
  });

  it('knows methods that go together, and a second factor', async () => {
    const tree = hostWith([], {
      ...people,
      '/home/otto/.ssh/authorized_keys': `${ED25519}\n`,
      '/etc/ssh/sshd_config':
        'UsePAM yes\nMatch User otto\nAuthenticationMethods publickey,password\nMatch User root\nPermitRootLogin yes\n',
      '/etc/pam.d/sshd':
        'auth required pam_unix.so\nauth required pam_oath.so\naccount required pam_unix.so\n',
    });
    expect((await linesOf(tree)).filter((text) => text.includes('ssh'))).toEqual([
      'root ssh-password password-and-factor -> root open',
      'anna ssh-key key -> anna open',
      'otto ssh-key key-and-password -> otto open',
    ]);
  });

  it('says what could not be looked at, and lists the rest', async () => {
    const tree = hostWith([], {
      ...people,
      '/etc/shadow': { unreadable: 'EACCES' },
      '/etc/nsswitch.conf': 'passwd: files sss\ngroup: files\n',
    });
    const { entries, gaps } = await matrixOf(tree);
    expect(entries.map(line)).toContain('otto console password -> otto unsure open');
    expect(gaps.map(({ source }) => source)).toEqual(
      expect.arrayContaining(['/etc/shadow', '/etc/nsswitch.conf']),
    );
  });

  it('without a register nothing is said to be granted', async () => {
    const { register, entries } = await matrixOf(hostWithoutPolicy);
    expect(register).toBe(false);
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.every(({ grant: by }) => by === undefined)).toBe(true);
  });

  it('is the same bytes twice, and bounded', async () => {
    const many = Array.from({ length: 3000 }, (_, at) => `u${at}:x:${2000 + at}:${2000 + at}::/:/bin/sh`);
    const hashes = Array.from({ length: 3000 }, (_, at) => `u${at}:${hashed}:20000:0:99999:7:::`);
    const tree = hostWith([], {
      '/etc/passwd': `${PASSWD}${many.join('\n')}\n`,
      '/etc/shadow': `${SHADOW}${hashes.join('\n')}\n`,
    });
    const matrix = await matrixOf(tree);
    expect(JSON.stringify(await matrixOf(tree))).toBe(JSON.stringify(matrix));
    expect(matrix.entries).toHaveLength(2000);
    expect(matrix.more).toBeGreaterThan(3000);
  });
});

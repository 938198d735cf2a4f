/**
 * What the checks say about Ubuntu, the RHEL family and SUSE. These systems were not run: their trees are rebuilt from
 * documented defaults, one file each in trees/, and judged as unpacked. The golden reports were read line by line;
 * `vitest run test/hosts/trees.test.ts -u` writes them anew, to be read again.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judge } from '../../agent/judge.ts';
import { memoryHost } from '../../checks/host-memory.ts';
import { allChecks } from '../../checks/registry.ts';
import { inLanguage } from '../../shared/outcome.ts';
import type { CheckResult } from '../support/agent-run.ts';
import { goldenReport } from '../support/golden-report.ts';
import { leap15 } from './trees/leap-15.ts';
import { leap16 } from './trees/leap-16.ts';
import { rhel8 } from './trees/rhel-8.ts';
import { rhel9 } from './trees/rhel-9.ts';
import { rhel10 } from './trees/rhel-10.ts';
import { sles15 } from './trees/sles-15.ts';
import { sles16 } from './trees/sles-16.ts';
import { rebuiltSystems } from './trees/systems.ts';
import { ubuntu2204 } from './trees/ubuntu-22.04.ts';
import { ubuntu2404 } from './trees/ubuntu-24.04.ts';
import type { Files, RebuiltSystem } from './trees/unpacked.ts';

const NOW = new Date('2026-06-15T12:00:00.000Z');
/** When an index was last fetched is no default of a system. */
const dated = ['patch.index-fresh'];

async function judged({ tree }: RebuiltSystem, more: Files = {}): Promise<readonly CheckResult[]> {
  const host = memoryHost({ ...tree, files: { ...tree.files, ...more } });
  const { machine, results } = await judge({
    host,
    checks: allChecks.filter(({ id }) => !dated.includes(id)),
    params: {},
    now: NOW,
    monotonic: () => 0,
  });
  expect(machine.os.id).not.toBe('linux');
  return results.map(({ check, outcome, reason, evidence }) => ({
    check,
    outcome,
    ...(reason ? { reason: reason.en } : {}),
    evidence: evidence.map(({ found, wanted, ...where }) => ({
      ...where,
      found: inLanguage(found, 'en'),
      wanted: inLanguage(wanted, 'en'),
    })),
  }));
}

/** `outcome` and where it was seen: `path: found`, in the order of the evidence. */
function seen(results: readonly CheckResult[], id: string) {
  const result = results.find(({ check }) => check === id);
  return {
    outcome: result?.outcome,
    seen: result?.evidence.map(({ source, found }) => `${source}: ${found}`).join('\n'),
  };
}
const says = (outcome: string, ...parts: readonly string[]) => ({
  outcome,
  seen: expect.stringMatching(
    new RegExp(parts.map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('[^]*')),
  ),
});

/** A file of the tree with one thing changed. @throws Error where there is nothing to change */
function changed({ tree }: RebuiltSystem, path: string, from: string, to: string): Files {
  const node = tree.files[path];
  const text = typeof node === 'string' ? node : node?.text;
  if (!text?.includes(from)) throw new Error(`${path} has no ${from}`);
  const edited = text.replace(from, to);
  return { [path]: typeof node === 'object' ? { ...node, text: edited } : edited };
}

describe.each(rebuiltSystems)('$name, a rebuilt tree', (system) => {
  it('is judged as in the golden report', async () => {
    const golden = join(import.meta.dirname, 'golden', `${system.name}.tree.json`);
    const results = await judged(system);
    expect(results.filter(({ reason }) => reason?.includes('internal error'))).toEqual([]);
    await expect(goldenReport(results)).toMatchFileSnapshot(golden);
  });
});

describe('how Ubuntu 24.04 differs (rebuilt)', () => {
  it('lets the group sudo become root with the caller’s own password', async () => {
    expect(seen(await judged(ubuntu2404), 'login.sudo-authenticates')).toEqual(
      says('pass', '/etc/sudoers: anna as ALL: ALL, with their own password'),
    );
    const open = changed(
      ubuntu2404,
      '/etc/sudoers',
      '%sudo\tALL=(ALL:ALL) ALL',
      '%sudo ALL=(ALL) NOPASSWD: ALL',
    );
    expect(seen(await judged(ubuntu2404, open), 'login.sudo-authenticates')).toEqual(says('fail', 'anna'));
  });

  it.each([ubuntu2204, ubuntu2404])(
    '$name: locks root, and then its sulogin asks for nothing',
    async (system) => {
      expect(seen(await judged(system), 'login.rescue-mode')).toEqual(says('fail', 'root is locked'));
    },
  );

  it('reads drop-ins of sshd first, as cloud-init leaves them', async () => {
    const cloud = {
      '/etc/ssh/sshd_config.d/50-cloud-init.conf': { text: 'PasswordAuthentication no\n', mode: 0o600 },
    };
    expect(seen(await judged(ubuntu2404, cloud), 'login.sshd-password-authentication')).toEqual(
      says('pass', '50-cloud-init.conf'),
    );
  });
});

describe('how Ubuntu 22.04 differs (rebuilt)', () => {
  it('starts sshd as a service, and a newer OpenSSH is not guessed from its fixes', async () => {
    const { '/etc/systemd/system/sockets.target.wants/ssh.socket': socket } = ubuntu2204.tree.files;
    expect(socket).toBeUndefined();
    const results = await judged(ubuntu2204);
    expect(seen(results, 'login.sshd-login-grace-time')).toEqual(says('fail', 'default of OpenSSH 8.9'));
    expect(seen(results, 'password.hash-algorithm')).toEqual(
      says('pass', 'login.defs: ENCRYPT_METHOD SHA512', 'common-password: pam_unix: yescrypt'),
    );
  });

  it('takes every key of trusted.gpg.d for every source, 24.04 the one that the source names', async () => {
    const trusted = 'patch.sources-trusted';
    for (const [system, keyring, sources] of [
      [ubuntu2204, '/etc/apt/trusted.gpg.d/ubuntu-keyring-2018-archive.gpg', '/etc/apt/sources.list'],
      [
        ubuntu2404,
        '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
        '/etc/apt/sources.list.d/ubuntu.sources',
      ],
    ] as const) {
      expect(seen(await judged(system), trusted)).toEqual(says('pass', sources));
      const { [keyring]: _gone, ...files } = system.tree.files;
      expect(seen(await judged({ ...system, tree: { ...system.tree, files } }), trusted)).toEqual(
        says('fail', sources, 'no key'),
      );
    }
  });
});

describe('how RHEL 8 differs (rebuilt)', () => {
  const policy = '/usr/share/crypto-policies/DEFAULT/opensshserver.txt';

  it('hands the system-wide policy to sshd as arguments, which go before its file', async () => {
    const results = await judged(rhel8);
    for (const row of ['ciphers', 'kex', 'pubkey-algorithms'])
      expect(seen(results, `login.sshd-${row}`)).toEqual(says('fail', 'sshd -o: every login: weak'));
    const file = changed(rhel8, '/etc/ssh/sshd_config', 'UsePAM', 'Ciphers aes256-gcm@openssh.com\nUsePAM');
    expect(seen(await judged(rhel8, file), 'login.sshd-ciphers')).toEqual(says('fail', 'sshd -o', 'cbc'));
    const stronger = { [policy]: "CRYPTO_POLICY='-oCiphers=aes256-gcm@openssh.com'\n" };
    expect(seen(await judged(rhel8, stronger), 'login.sshd-ciphers')).toEqual(says('pass', 'sshd -o'));
  });

  it('leaves the policy aside where /etc/sysconfig/sshd empties the variable', async () => {
    const aside = { '/etc/sysconfig/sshd': { text: 'CRYPTO_POLICY=\n', mode: 0o640 } };
    // What Red Hat's build then takes by itself is not written anywhere.
    expect(seen(await judged(rhel8, aside), 'login.sshd-ciphers').outcome).toBe('unknown');
    const own = {
      ...aside,
      ...changed(rhel8, '/etc/ssh/sshd_config', 'UsePAM', 'Ciphers aes256-gcm@openssh.com\nUsePAM'),
    };
    expect(seen(await judged(rhel8, own), 'login.sshd-ciphers')).toEqual(
      says('pass', '/etc/ssh/sshd_config'),
    );
  });

  it('says in its own file that root may log in with a password', async () => {
    expect(seen(await judged(rhel8), 'login.sshd-permit-root-login')).toEqual(
      says('fail', '/etc/ssh/sshd_config: user=root from any address: yes'),
    );
    for (const system of [rhel9, rhel10])
      expect(seen(await judged(system), 'login.sshd-permit-root-login')).toEqual(
        says('fail', 'prohibit-password, default of OpenSSH'),
      );
  });

  it('lets the group write what an account with a group of its own makes', async () => {
    expect(seen(await judged(rhel8), 'access.umask')).toEqual(says('fail', '/etc/profile: 002'));
    expect(seen(await judged(rhel9), 'access.umask').seen).not.toContain('002');
  });
});

describe('how RHEL 10 differs (rebuilt)', () => {
  it('reads the policy from a drop-in of its own, before that of the settings', async () => {
    const policy = '/etc/crypto-policies/back-ends/opensshserver.config';
    expect(seen(await judged(rhel10), 'login.sshd-ciphers')).toEqual(says('pass', policy));
    const earlier = {
      '/etc/ssh/sshd_config.d/30-own.conf': { text: 'Ciphers aes128-cbc\nX11Forwarding no\n', mode: 0o600 },
      '/etc/ssh/sshd_config.d/60-late.conf': { text: 'GSSAPIAuthentication no\n', mode: 0o600 },
    };
    const after = await judged(rhel10, earlier);
    expect(seen(after, 'login.sshd-ciphers')).toEqual(says('fail', '30-own.conf', 'aes128-cbc'));
    expect(seen(after, 'login.sshd-x11-forwarding')).toEqual(says('pass', '30-own.conf'));
    expect(seen(after, 'login.sshd-gssapi-authentication')).toEqual(says('fail', '50-redhat.conf'));
  });

  it('has authselect’s local profile: yescrypt, and no directory is asked', async () => {
    const results = await judged(rhel10);
    expect(seen(results, 'password.hash-algorithm')).toEqual(says('pass', 'system-auth: pam_unix: yescrypt'));
    expect(seen(results, 'password.stored-hashes')).toEqual(says('pass', 'anna: yescrypt'));
    expect(seen(results, 'access.system-accounts').outcome).toBe('pass');
  });
});

describe('how RHEL 9 differs (rebuilt)', () => {
  it('has authselect’s stacks behind links', async () => {
    const results = await judged(rhel9);
    expect(seen(results, 'login.pam-authentication')).toEqual(says('pass', 'login', 'sshd', 'sudo-i'));
    expect(seen(results, 'password.hash-algorithm')).toEqual(says('pass', 'system-auth: pam_unix: sha512'));
    const open = changed(
      rhel9,
      '/etc/authselect/system-auth',
      'auth        required  ',
      'auth sufficient pam_permit.so\nauth required ',
    );
    expect(seen(await judged(rhel9, open), 'login.pam-authentication')).toEqual(
      says('fail', '/etc/pam.d/system-auth', 'pam_permit.so'),
    );
  });

  it('takes the algorithms of sshd from the system-wide policy', async () => {
    const policy = '/etc/crypto-policies/back-ends/opensshserver.config';
    const results = await judged(rhel9);
    for (const row of ['ciphers', 'macs', 'kex', 'pubkey-algorithms'])
      expect(seen(results, `login.sshd-${row}`)).toEqual(says('pass', `${policy}: every login`));
    const weaker = {
      [policy]: { link: '/usr/share/crypto-policies/LEGACY/opensshserver.txt' },
      '/usr/share/crypto-policies/LEGACY/opensshserver.txt': 'Ciphers aes256-gcm@openssh.com,3des-cbc\n',
    };
    const after = await judged(rhel9, weaker);
    expect(seen(after, 'login.sshd-ciphers')).toEqual(says('fail', policy, '3des-cbc'));
    // Red Hat's own build decides what is left: its defaults are not those of upstream.
    expect(seen(after, 'login.sshd-macs').outcome).toBe('unknown');
  });

  it('lets the group wheel become root, not a group sudo', async () => {
    expect(seen(await judged(rhel9), 'login.sudo-authenticates')).toEqual(
      says('pass', 'anna as ALL: ALL, with their own password'),
    );
    const open = changed(rhel9, '/etc/sudoers', '# %wheel', '%wheel');
    expect(seen(await judged(rhel9, open), 'login.sudo-authenticates')).toEqual(says('fail', 'anna'));
  });

  it('keeps shadow from everybody, and asks sssd for further accounts only where it is set up', async () => {
    const results = await judged(rhel9);
    expect(seen(results, 'access.file-modes')).toEqual(says('pass', '/etc/shadow: 0000 root:root'));
    expect(seen(results, 'password.stored-hashes')).toEqual(says('fail', 'anna: sha512, 5000 rounds'));
    const joined = {
      ...changed(rhel9, '/etc/authselect/nsswitch.conf', 'hosts:', 'sudoers:    files sss\nhosts:'),
      '/etc/sssd/sssd.conf': { text: '[sssd]\ndomains = example.org\n', mode: 0o600 },
    };
    expect(seen(await judged(rhel9, joined), 'login.sudo-authenticates').outcome).toBe('unknown');
  });
});

describe('how SUSE differs (rebuilt)', () => {
  it('15: root may log in with a password though no line says so', async () => {
    expect(seen(await judged(sles15), 'login.sshd-permit-root-login')).toEqual(
      says('fail', 'user=root', 'yes, default'),
    );
    expect(seen(await judged(leap16), 'login.sshd-permit-root-login')).toEqual(
      says('fail', 'prohibit-password'),
    );
  });

  it('Leap 15: a drop-in of another package forbids root’s password, and is read before the file', async () => {
    expect(seen(await judged(leap15), 'login.sshd-permit-root-login')).toEqual(
      says('fail', 'user=root', 'yes, default'),
    );
    const disallow = {
      '/usr/etc/ssh/sshd_config.d/51-root.conf': { text: 'PermitRootLogin no\n', mode: 0o600 },
    };
    expect(seen(await judged(leap15, disallow), 'login.sshd-permit-root-login')).toEqual(
      says('pass', '/usr/etc/ssh/sshd_config.d/51-root.conf'),
    );
  });

  it('SLES 16: wheel gives its own password, everybody else that of root', async () => {
    const results = await judged(sles16);
    const { outcome, seen: rule } = seen(results, 'login.sudo-authenticates');
    expect([outcome, rule]).toEqual(['fail', expect.stringContaining('sshd as ALL: ALL (targetpw)')]);
    expect(rule).not.toContain('anna');
    const { '/usr/etc/sudoers.d/50-wheel-auth-self': _policy, ...files } = sles16.tree.files;
    const without = await judged({ ...sles16, tree: { ...sles16.tree, files } });
    expect(seen(without, 'login.sudo-authenticates')).toEqual(says('fail', 'anna', 'targetpw'));
  });

  it('signatures are verified by default, and one line in a source ends that', async () => {
    const trusted = 'patch.sources-trusted';
    for (const system of [sles15, sles16, leap15, leap16]) {
      expect(seen(await judged(system), trusted)).toEqual(says('pass', '/etc/zypp/repos.d'));
      const [path = ''] = Object.keys(system.tree.files).filter((one) => one.endsWith('.repo'));
      const open = changed(system, path, 'enabled=1', 'enabled=1\ngpgcheck=0');
      expect(seen(await judged(system, open), trusted)).toEqual(says('fail', path));
    }
  });

  it.each([sles15, leap15, leap16])('$name: sudo asks for the password of root', async (system) => {
    expect(seen(await judged(system), 'login.sudo-authenticates')).toEqual(says('fail', 'anna', 'targetpw'));
  });

  it('pam-config’s stacks are behind links', async () => {
    expect(seen(await judged(sles15), 'login.pam-authentication')).toEqual(
      says('pass', 'login', 'sshd', 'sudo'),
    );
    const open = changed(
      sles15,
      '/etc/pam.d/common-auth-pc',
      'auth\trequired\tpam_unix.so',
      'auth sufficient pam_unix.so\nauth required pam_permit.so',
    );
    expect(seen(await judged(sles15, open), 'login.pam-authentication')).toEqual(
      says('fail', '/etc/pam.d/common-auth', 'pam_permit.so'),
    );
  });

  it('16: the vendor’s files lie below /usr/etc, and one in /etc hides each', async () => {
    const results = await judged(leap16);
    expect(seen(results, 'password.max-age')).toEqual(
      says('fail', '/usr/etc/login.defs: PASS_MAX_DAYS 99999'),
    );
    expect(seen(results, 'login.sshd-x11-forwarding')).toEqual(
      says('fail', '/usr/etc/ssh/sshd_config: every login: yes'),
    );
    expect(seen(results, 'login.sudo-authenticates')).toEqual(says('fail', '/usr/etc/sudoers'));
    expect(seen(results, 'login.session-timeout').outcome).toBe('fail');
    const own = await judged(leap16, {
      '/etc/login.defs': 'PASS_MAX_DAYS 90\nENCRYPT_METHOD YESCRYPT\n',
      '/etc/ssh/sshd_config': { text: 'UsePAM yes\n', mode: 0o600 },
      '/etc/sudoers': { text: 'root ALL=(ALL:ALL) ALL\n%wheel ALL=(ALL) ALL\n', mode: 0o440 },
    });
    expect(seen(own, 'password.max-age')).toEqual(says('fail', '/etc/shadow: anna: never'));
    expect(seen(own, 'login.sshd-x11-forwarding')).toEqual(
      says('pass', '/etc/ssh/sshd_config: every login: no'),
    );
    expect(seen(own, 'login.sudo-authenticates').outcome).toBe('pass');
  });

  it('16: what the vendor’s start files and list of shells say counts', async () => {
    const results = await judged(leap16, {
      '/usr/etc/login.defs': 'UMASK 027\nENCRYPT_METHOD YESCRYPT\n',
      '/usr/etc/profile.d/site.sh': 'umask 022\nreadonly TMOUT=600\nexport TMOUT\n',
    });
    expect(seen(results, 'access.umask')).toEqual(says('fail', '/usr/etc/profile.d/site.sh: 022'));
    expect(seen(results, 'login.session-timeout')).toEqual(
      says('pass', '/usr/etc/profile.d/site.sh: TMOUT=600'),
    );
    const { '/etc/shells': _own, ...files } = leap16.tree.files;
    const listed = { ...leap16, tree: { ...leap16.tree, files } };
    expect(
      seen(
        await judged(listed, { '/usr/etc/shells': '/bin/sh\n/sbin/nologin\n' }),
        'access.nologin-not-a-shell',
      ),
    ).toEqual(says('fail', '/usr/etc/shells: /sbin/nologin'));
  });

  it('16: a file below /etc/pam.d hides the vendor’s service', async () => {
    const open = { '/etc/pam.d/sshd': 'auth required pam_permit.so\naccount required pam_unix.so\n' };
    expect(seen(await judged(leap16, open), 'login.pam-authentication')).toEqual(
      says('fail', '/etc/pam.d/sshd'),
    );
  });

  it('16: a vendor’s sshd_config that others may write does not pass', async () => {
    const file = leap16.tree.files['/usr/etc/ssh/sshd_config'];
    if (typeof file !== 'object') throw new Error('no such file');
    const open = { '/usr/etc/ssh/sshd_config': { ...file, mode: 0o666 } };
    expect(seen(await judged(leap16, open), 'access.file-modes')).toEqual(
      says('fail', '/usr/etc/ssh/sshd_config: 0666'),
    );
  });
});

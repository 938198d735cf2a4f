/**
 * login.pam-authentication and login.pam-account against libpam with real modules: a stack fails exactly when somebody
 * without the password gets in (`auth`), or an expired account does (`account`).
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Check } from '../../../checks/check.ts';
import { pamAccount } from '../../../checks/login/pam-account.ts';
import { pamAuthentication } from '../../../checks/login/pam-authentication.ts';
import { judge } from '../../support/judge.ts';
import { copyOfEtc, describeInNamespace, inNamespace, openDirectory } from '../../support/mount-namespace.ts';

const PASSWORD = 'lauter gute Vorsaetze';
const UNIX = 'pam_unix.so nodelay';
const stock = (unix: string, auth = 'success=1 default=ignore') =>
  `auth [${auth}] ${unix}\nauth requisite pam_deny.so\nauth required pam_permit.so\n`;
const red = (first: string) =>
  `auth required pam_env.so\n${first}auth [default=1 ignore=ignore success=ok] pam_localuser.so\nauth sufficient ${UNIX}\nauth required pam_deny.so\n`;

/** Asked as root, which is how a daemon asks. */
const authStacks: readonly string[] = [
  stock(UNIX),
  stock(`${UNIX} nullok`),
  stock(UNIX, 'success=1 user_unknown=1 default=ignore'),
  stock(UNIX, 'success=1 auth_err=2 default=ignore'),
  stock(UNIX, 'success=1 auth_err=1 default=ignore'),
  stock(UNIX, 'success=2 default=ignore').replace('required pam_permit', 'sufficient pam_permit'),
  red(''),
  red('auth required pam_faillock.so preauth nodelay\n'),
  red('auth sufficient pam_faillock.so preauth nodelay\n'),
  red('auth sufficient pam_succeed_if.so uid >= 6000 quiet\n'),
  red('auth sufficient pam_succeed_if.so user ingroup nobodyisin quiet\n'),
  red('auth sufficient pam_succeed_if.so user ingroup trusted quiet\n'),
  red('auth sufficient pam_succeed_if.so user in neither:nor quiet\n'),
  red('auth sufficient pam_succeed_if.so shell =~ */nologin user != daemon quiet\n'),
  red('auth sufficient pam_succeed_if.so uid = 6001 user != anna\n'),
  red('auth sufficient pam_succeed_if.so uid = 6001 user = anna\n'),
  red('auth sufficient pam_succeed_if.so service = sshd\n'),
  red('auth sufficient pam_succeed_if.so service in login:gdm\n'),
  red('auth sufficient pam_succeed_if.so uid = 0 use_uid\n'),
  red('auth sufficient pam_succeed_if.so\n'),
  red('auth sufficient pam_succeed_if.so uid\n'),
  red('auth sufficient pam_localuser.so\n'),
  red('auth sufficient pam_rootok.so\n'),
  red('auth sufficient pam_listfile.so item=user sense=allow file=/etc/allowed onerr=fail\n'),
  red('auth sufficient pam_listfile.so item=user sense=allow file=/etc/not-there onerr=fail\n'),
  red('auth sufficient pam_listfile.so item=user sense=allow file=/etc/not-there onerr=succeed\n'),
  red('auth sufficient pam_listfile.so item=user sense=deny file=/etc/allowed onerr=fail\n'),
  red('auth required pam_listfile.so item=user sense=deny file=/etc/allowed onerr=succeed\n'),
  red('auth sufficient pam_sepermit.so\n'),
  red('auth [success=done ignore=ignore default=bad] pam_sepermit.so\n'),
  red('auth sufficient pam_warn.so\n'),
  red('auth sufficient pam_debug.so auth=authinfo_unavail\n'),
  red('auth sufficient pam_debug.so\n'),
  red('-auth sufficient pam_not_here.so\n'),
  red('auth [module_unknown=done default=ignore] pam_not_here.so\n'),
  red('auth [default=done] pam_nologin.so\n'),
  red('auth required\n'),
  red('autth sufficient pam_permit.so\n'),
  `auth optional ${UNIX}\n`,
  `auth optional ${UNIX}\nauth optional pam_permit.so\n`,
  `auth required ${UNIX}\nauth sufficient pam_permit.so\n`,
  `auth sufficient ${UNIX}\nauth required pam_env.so\n`,
  `auth sufficient ${UNIX}\n`,
  'auth required pam_env.so\n',
  'auth required pam_warn.so\n',
  'auth required pam_deny.so\n',
  'auth sufficient pam_permit.so\n@include not-there\n',
  'account required pam_permit.so\n',
];

/** Asked by an ordinary account, for root. */
const suStacks: readonly string[] = [
  'auth sufficient pam_rootok.so\nauth required pam_deny.so\n',
  'auth sufficient pam_wheel.so trust use_uid group=trusted\nauth required pam_deny.so\n',
  'auth sufficient pam_wheel.so trust use_uid group=nobodyisin\nauth required pam_deny.so\n',
  'auth sufficient pam_wheel.so trust use_uid group=not-there\nauth required pam_deny.so\n',
  'auth sufficient pam_wheel.so trust use_uid\nauth required pam_deny.so\n',
  'auth sufficient pam_wheel.so use_uid group=trusted\nauth required pam_deny.so\n',
  'auth sufficient pam_wheel.so deny trust use_uid group=nobodyisin\nauth required pam_deny.so\n',
  'auth required pam_wheel.so use_uid group=trusted\nauth required pam_deny.so\n',
  'auth sufficient pam_succeed_if.so user = anna use_uid\nauth required pam_deny.so\n',
  'auth sufficient pam_succeed_if.so uid = 0 use_uid\nauth required pam_deny.so\n',
];

const accountStacks: readonly string[] = [
  'account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\naccount requisite pam_deny.so\naccount required pam_permit.so\n',
  'account [success=1 acct_expired=1 default=ignore] pam_unix.so\naccount requisite pam_deny.so\naccount required pam_permit.so\n',
  'account required pam_unix.so\naccount sufficient pam_localuser.so\naccount required pam_permit.so\n',
  'account sufficient pam_localuser.so\naccount required pam_unix.so\naccount required pam_permit.so\n',
  'account sufficient pam_unix.so\naccount required pam_permit.so\n',
  'account optional pam_unix.so\naccount required pam_permit.so\n',
  'account requisite pam_unix.so\n',
  'account required pam_permit.so\n',
  'account required pam_nologin.so\n',
  'account required pam_access.so\naccount required pam_unix.so\n',
  'account sufficient pam_succeed_if.so uid < 6000\naccount required pam_unix.so\n',
  'account sufficient pam_succeed_if.so uid >= 6000\naccount required pam_unix.so\n',
  'account sufficient pam_rootok.so\naccount required pam_unix.so\n',
  'account required pam_debug.so acct=acct_expired\n',
  'account sufficient pam_debug.so acct=success\naccount required pam_unix.so\n',
  'auth required pam_permit.so\n',
];

const PEOPLE = ['root', 'daemon', 'anna', 'blank', 'shut', 'gone', 'nosuch'];

describeInNamespace(['pamtester', 'openssl'], 'libpam agrees on who gets in', () => {
  const directory = openDirectory();
  afterAll(directory.remove);
  const etc = copyOfEtc(directory.path);
  const read = (name: string) => readFileSync(join(etc, name), 'utf8');
  const write = (name: string, text: string) => writeFileSync(join(etc, name), text);
  const hash = spawnSync('/usr/bin/openssl', ['passwd', '-6', '-salt', 'nachweis', PASSWORD], {
    encoding: 'utf8',
  }).stdout.trim();
  const others = 'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/usr/sbin/nologin\n';
  const person = (name: string, uid: number) => `${name}:x:${uid}:6000::/:/bin/sh\n`;
  rmSync(join(etc, 'pam.d'), { recursive: true });
  mkdirSync(join(etc, 'pam.d'));
  write('nsswitch.conf', 'passwd: files\ngroup: files\nshadow: files\n');
  write('group', 'root:x:0:\ntrusted:x:6001:anna\nnobodyisin:x:6002:\nordinary:x:6000:\n');
  write(
    'passwd',
    others + person('anna', 6001) + person('blank', 6002) + person('shut', 6003) + person('gone', 6004),
  );
  const secrets = (blank: string) =>
    `root:*:20000:0:99999:7:::\ndaemon:*:20000:0:99999:7:::\nanna:${hash}:20000:0:99999:7:::\nblank:${blank}:20000:0:99999:7:::\nshut:!${hash}:20000:0:99999:7:::\ngone:${hash}:20000:0:99999:7::1:\n`;
  write('allowed', 'anna\n');
  appendFileSync(join(etc, 'login.defs'), '\n');
  const modules = spawnSync('/bin/sh', ['-c', 'ls /lib/*/security /usr/lib*/security 2>/dev/null'], {
    encoding: 'utf8',
  })
    .stdout.split('\n')
    .filter((name) => name.startsWith('pam_'));

  /** The names that get in, of each stack. */
  function really(
    stacks: readonly string[],
    service: string,
    test: (stack: string, name: string) => string,
  ): Set<string>[] {
    // Every stack in turn under the service's own name, which decides how it is judged.
    for (const [index, stack] of stacks.entries()) write(`stack${index}`, stack);
    const said = inNamespace(
      [{ from: etc, over: '/etc' }],
      stacks
        .flatMap((_, index) => [
          `cp /etc/stack${index} /etc/pam.d/${service}`,
          ...PEOPLE.map(
            (name) => `if ${test(service, name)} >/dev/null 2>&1; then echo ${index} ${name}; fi`,
          ),
        ])
        .join('\n'),
    );
    const lines = said.split('\n').map((line) => line.split(' '));
    return stacks.map(
      (_, index) => new Set(lines.flatMap(([at, name]) => (at === `${index}` && name ? [name] : []))),
    );
  }

  const outcome = async (check: Check, service: string, stack: string) => {
    const files = Object.fromEntries(
      ['passwd', 'group', 'shadow', 'nsswitch.conf', 'allowed'].map((name) => [`/etc/${name}`, read(name)]),
    );
    const result = await judge(check, {
      files: {
        ...files,
        ...Object.fromEntries(modules.map((name) => [`/lib/x86_64-linux-gnu/security/${name}`, ''])),
        '/etc/pam.d/other': 'auth required pam_deny.so\naccount required pam_deny.so\n',
        [`/etc/pam.d/${service}`]: stack,
      },
    });
    return result.outcome;
  };

  it.each([
    ['with an empty password among the accounts', ''],
    ['without one', '*'],
  ])('without the password, %s', { timeout: 120_000 }, async (_name, blank) => {
    write('shadow', secrets(blank));
    write('pam.d/other', 'auth required pam_deny.so\naccount required pam_deny.so\n');
    const inside = really(
      authStacks,
      'sshd',
      (service, name) => `echo wrong | pamtester ${service} ${name} authenticate`,
    );
    const right = really(
      [stock(UNIX), red('')],
      'sshd',
      (service, name) => `echo '${PASSWORD}' | pamtester ${service} ${name} authenticate`,
    );
    expect(right.map((names) => [...names])).toEqual([
      ['anna', 'gone'],
      ['anna', 'gone'],
    ]);
    for (const [index, stack] of authStacks.entries()) {
      const expected = (inside[index]?.size ?? 0) > 0 ? 'fail' : 'pass';
      expect([stack, await outcome(pamAuthentication, 'sshd', stack)]).toEqual([stack, expected]);
    }
    expect(inside.filter((names) => names.size > 0).length).toBeGreaterThan(15);
    expect(inside.filter((names) => names.size === 0).length).toBeGreaterThan(15);
  });

  it('as somebody who is not root, for root', { timeout: 120_000 }, async () => {
    write('shadow', secrets('*'));
    const inside = really(
      suStacks,
      'su',
      (service, name) =>
        `setpriv --reuid=${name} --regid=6000 --init-groups pamtester ${service} root authenticate </dev/null`,
    );
    for (const [index, stack] of suStacks.entries()) {
      const names = [...(inside[index] ?? [])].filter((name) => name !== 'root');
      expect([stack, names, await outcome(pamAuthentication, 'su', stack)]).toEqual([
        stack,
        names,
        names.length > 0 ? 'fail' : 'pass',
      ]);
    }
  });

  it('with an account that has expired', { timeout: 120_000 }, async () => {
    write('shadow', secrets('*'));
    const inside = really(accountStacks, 'sshd', (service, name) => `pamtester ${service} ${name} acct_mgmt`);
    // A locked password is no locked account: pam_unix lets it through, as the check's text says.
    expect([...(inside[0] ?? [])]).toEqual(['root', 'daemon', 'anna', 'blank', 'shut']);
    for (const [index, stack] of accountStacks.entries()) {
      const expected = inside[index]?.has('gone') ? 'fail' : 'pass';
      // An account of this group only differs from `gone` by its number.
      if (stack.includes('uid < 6000')) continue;
      expect([stack, await outcome(pamAccount, 'sshd', stack)]).toEqual([stack, expected]);
    }
  });
});

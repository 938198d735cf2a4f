/** Systems as delivered pass login.pam-authentication and login.pam-account; what people do to them does not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pamAccount } from '../../../checks/login/pam-account.ts';
import { pamAuthentication } from '../../../checks/login/pam-authentication.ts';
import { judge } from '../../support/judge.ts';
import { type PamFiles, pamStock } from '../../support/pam-stock.ts';

const base = (directory = ''): PamFiles => ({
  '/etc/nsswitch.conf': `passwd: files ${directory}\ngroup: files ${directory}\nshadow: files\n`,
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\nbin:x:1:1::/bin:/sbin/nologin\nnobody:x:65534:65534::/:/sbin/nologin\nanna:x:1000:1000::/home/anna:/bin/bash\n',
  '/etc/group': 'root:x:0:\nwheel:x:10:anna\nusers:x:100:\n',
  '/etc/shadow':
    'root:!:20000:0:99999:7:::\nbin:*:20000:0:99999:7:::\nnobody:*:20000:0:99999:7:::\nanna:!:20000:0:99999:7:::\n',
});
const checks = [pamAuthentication, pamAccount] as const;

describe.each(pamStock.map((stock) => [stock.name, stock] as const))('%s', (_name, stock) => {
  const files = { ...base(stock.directory), ...stock.files };
  const changed = (change: (text: string) => string, which: RegExp) =>
    Object.fromEntries(
      Object.entries(files).map(([path, text]) => [path, which.test(path) ? change(text) : text]),
    );

  it.each(checks.map((check) => [check.id, check] as const))('passes %s', async (_id, check) => {
    const { outcome, evidence, reason } = await judge(check, { files });
    expect([outcome, reason, JSON.stringify(evidence)]).toEqual([
      'pass',
      undefined,
      expect.stringContaining('sshd'),
    ]);
  });

  it('fails once a denial is taken out, a permit put in front, or pam_unix made optional', async () => {
    const stacks = /(common|system|password)-auth$/;
    for (const change of [
      (text: string) =>
        text
          .replace(/^auth\s+(requisite|required)\s+pam_deny\.so$/m, 'auth optional pam_permit.so')
          .replace(/required(\s+pam_(unix|sss))/, 'optional$1')
          .concat('auth optional pam_permit.so\n'),
      (text: string) => `auth sufficient pam_permit.so\n${text}`,
      (text: string) => `auth [default=done] pam_localuser.so\n${text}`,
    ])
      expect((await judge(pamAuthentication, { files: changed(change, stacks) })).outcome).toBe('fail');
    const accounts = /(common-account|system-auth|password-auth)$/;
    for (const change of [
      (text: string) => `account sufficient pam_localuser.so\n${text}`,
      (text: string) => text.replace(/^account.*pam_unix.*$/m, 'account sufficient pam_permit.so'),
    ])
      expect((await judge(pamAccount, { files: changed(change, accounts) })).outcome).toBe('fail');
  });

  it('takes comments for nothing', async () => {
    const commented = changed(
      (text) => `# auth sufficient pam_permit.so\n#account sufficient pam_permit.so\n${text}`,
      /pam\.d/,
    );
    for (const check of checks) expect((await judge(check, { files: commented })).outcome).toBe('pass');
  });
});

it('comes to a verdict on any text, without an internal error', { timeout: 60_000 }, async () => {
  const words = [
    'auth',
    'account',
    '-auth',
    '@include',
    'include',
    'substack',
    'required',
    'sufficient',
    'optional',
    '[success=1 default=ignore]',
    '[default=die]',
    '[success=ok',
    ']',
    '\\\n',
    '\n',
    '\n',
    '\n',
    '#',
    'pam_unix.so',
    'nullok',
    'pam_permit.so',
    'pam_deny.so',
    'pam_succeed_if.so',
    'uid',
    '>=',
    '1000',
    'user',
    'ingroup',
    'wheel',
    'use_uid',
    'pam_wheel.so',
    'trust',
    'group=',
    'pam_listfile.so',
    'item=user',
    'sense=allow',
    'file=/etc/passwd',
    'pam_rootok.so',
    'pam_debug.so',
    'auth=incomplete',
    'sshd',
    'su',
    'part',
    '/etc/passwd',
    '=~',
    '*[',
    '\nauth sufficient pam_permit.so\n',
    '\naccount include part\n',
    '\naccount optional pam_permit.so\n',
    '__proto__',
    'constructor',
  ];
  const text = fc
    .array(
      fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...words) }, { weight: 1, arbitrary: fc.string() }),
    )
    .map((all) => all.join(' '));
  const outcomes = new Set<string>();
  for (const [sshd, su, part] of fc.sample(fc.tuple(text, text, text), { numRuns: 1_500, seed: 3 })) {
    const files = { ...base(), '/etc/pam.d/sshd': sshd, '/etc/pam.d/su': su, '/etc/pam.d/part': part };
    for (const check of checks) {
      const { outcome, reason } = await judge(check, { files });
      outcomes.add(outcome);
      expect([files, reason?.en ?? '']).toEqual([files, expect.not.stringContaining('internal error')]);
    }
  }
  expect([...outcomes].sort()).toEqual(['fail', 'pass', 'unknown']);
});

it('names every service that one shared line opens, in one piece', async () => {
  const [stock] = pamStock;
  const files = { ...base(), ...stock?.files, '/etc/pam.d/common-auth': 'auth required pam_permit.so\n' };
  const { outcome, evidence } = await judge(pamAuthentication, { files });
  expect(outcome).toBe('fail');
  expect(evidence.length).toBeLessThan(40);
  const said = JSON.stringify(evidence);
  for (const service of ['cockpit', 'gdm-password', 'login', 'polkit-1', 'sshd', 'su', 'sudo'])
    expect(said).toContain(service);
});

it('finds the stack of a host with many accounts in little work', async () => {
  const [stock] = pamStock;
  const many = Array.from(
    { length: 3_000 },
    (_, n) => `u${n}:x:${2000 + n}:2000::/home/u${n}:/bin/bash\n`,
  ).join('');
  const files = { ...base(), ...stock?.files };
  const { outcome } = await judge(pamAuthentication, {
    files: {
      ...files,
      '/etc/passwd': `${files['/etc/passwd']}${many}`,
      '/etc/pam.d/su':
        'auth sufficient pam_wheel.so trust use_uid group=none\nauth [success=1 default=ignore] pam_succeed_if.so uid >= 2500\nauth required pam_deny.so\nauth required pam_unix.so\n',
    },
  });
  expect(outcome).toBe('pass');
});

/**
 * Who may run what without a password: the model against the real sudo, which runs in a mount namespace with accounts,
 * groups, PAM and rules of its own. PAM refuses every proof, so what succeeds needed none.
 */
import { chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseGroup } from '../../../checks/facts/group.ts';
import { parsePasswd } from '../../../checks/facts/passwd.ts';
import type { Sudo } from '../../../checks/facts/sudo.ts';
import { assemblePolicy, type SudoersFile } from '../../../checks/facts/sudo-policy.ts';
import { SudoJudge, sudoPrivileges } from '../../../checks/facts/sudo-privileges.ts';
import { copyOfEtc, describeInNamespace, inNamespace, openDirectory } from '../../support/mount-namespace.ts';
import { dice } from './sudo-generate.ts';

const CASES = 150;
const SEED = 20_261_124;
const NOW = new Date('2026-06-15T12:00:00.000Z');

const PASSWD = `root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
alice:x:2001:2001::/tmp:/bin/sh
bob:x:2002:2002::/tmp:/bin/sh
carol:x:2003:2003::/tmp:/bin/sh
`;
const GROUP = `root:x:0:
nogroup:x:65534:
alice:x:2001:
bob:x:2002:
carol:x:2003:
staff:x:2050:alice,bob
ops:x:2051:bob
exempt:x:2052:carol
`;
const CALLERS = ['alice', 'bob', 'carol'];
const TARGETS = ['root', 'bob', 'nobody'];
const COMMANDS = ['/usr/bin/true', '/usr/bin/id'];

interface Case {
  readonly main: string;
  readonly dropIn: string;
}

/** Rules about a small world, so that many of them meet. */
function generate(seed: number): Case {
  const { chance, pick, upTo } = dice(seed);
  const not = (text: string, rate = 0.12) => (chance(rate) ? `!${text}` : text);
  const list = (from: readonly string[], most: number, rate?: number) =>
    Array.from({ length: 1 + upTo(most) }, () => not(pick(from), rate)).join(', ');
  const users = [
    'alice',
    'bob',
    'carol',
    '%staff',
    '%ops',
    '%#2051',
    '#2001',
    'ALL',
    'ADMINS',
    'ALICE',
    'nosuch',
  ];
  const runas = ['root', 'bob', 'ALL', '#0', '%staff', 'nobody', 'SERVICES', 'carol'];
  const hosts = ['ALL', 'ALL', 'ALL', 'testhost', 'otherhost', 'test*', 'HOSTS'];
  const commands = [
    'ALL',
    ...COMMANDS,
    '/usr/bin/',
    'TOOLS',
    '/usr/bin/true ""',
    '/usr/bin/id -u',
    '/usr/sbin/',
    'sudoedit',
  ];
  const scope = () =>
    pick([
      '',
      '',
      `:${list(users, 2)}`,
      `>${list(runas, 2)}`,
      `@${list(hosts, 2)}`,
      `!${pick([...COMMANDS, 'TOOLS', '!/usr/bin/id', '/usr/bin/'])}`,
    ]);
  const defaults = () =>
    `Defaults${scope()} ${pick(['!authenticate', 'authenticate', '!authenticate', 'authenticate=1', 'exempt_group=exempt', '!exempt_group', 'use_pty'])}`;
  // Not bound to users: `sudo -l -U` asks with root's own Defaults.
  const runasDefault = () => `Defaults${pick(['', `@${list(hosts, 2)}`])} runas_default=bob`;
  const spec = () =>
    `${list(users, 2)} ${list(hosts, 1)} = ${Array.from({ length: 1 + upTo(3) }, () =>
      [
        chance(0.6) ? `(${list(runas, 2)})` : '',
        chance(0.15)
          ? pick(['NOTAFTER=20200101000000Z', 'NOTBEFORE=20200101000000Z', 'NOTBEFORE=20990101000000Z'])
          : '',
        chance(0.5) ? pick(['NOPASSWD:', 'PASSWD:', 'NOPASSWD: SETENV:']) : '',
        not(pick(commands)),
      ].join(' '),
    ).join(', ')}`;
  const wrong = () =>
    pick([
      'alice ALL=(root NOPASSWD: ALL',
      'bob ALL = ALL : ',
      'Defaults authenticate,',
      'User_Alias ADMINS = bob',
      'carol ALL=ALL : ALL',
    ]);
  const lines = (count: number) =>
    Array.from({ length: count }, () =>
      chance(0.25) ? (chance(0.15) ? runasDefault() : defaults()) : chance(0.06) ? wrong() : spec(),
    );
  const main = [
    `User_Alias ADMINS = ${list(['alice', 'bob', '%ops', 'ADMINS'], 2)}`,
    `Runas_Alias SERVICES = ${list(['root', 'nobody', 'carol'], 2)}`,
    `Host_Alias HOSTS = ${list(['testhost', 'otherhost', 'ALL'], 2)}`,
    `Cmnd_Alias TOOLS = ${list(['/usr/bin/true', '/usr/bin/id', 'ALL', 'NOSUCH'], 2, 0.25)}`,
    ...lines(1 + upTo(5)),
    '@includedir /etc/sudoers.d',
    ...lines(upTo(3)),
  ];
  return { main: `${main.join('\n')}\n`, dropIn: `${lines(1 + upTo(2)).join('\n')}\n` };
}

function judgeOf({ main, dropIn }: Case): { sudo: Sudo; judge: SudoJudge } {
  const files = new Map<string, SudoersFile>([
    ['/etc/sudoers', { state: 'text', text: main }],
    ['/etc/sudoers.d/site', { state: 'text', text: dropIn }],
  ]);
  const version = { major: 1, minor: 9, patch: 13 };
  const directories = new Map([['/etc/sudoers.d', ['/etc/sudoers.d/site']]]);
  const policy = assemblePolicy({ files, directories, shortHost: 'testhost' }, '/etc/sudoers', version);
  const sudo: Sudo = { program: '/usr/bin/sudo', version, policy, hostNames: ['testhost'], directory: false };
  return { sudo, judge: new SudoJudge(sudo, parsePasswd(PASSWD), parseGroup(GROUP), NOW) };
}

/** Asks for every caller, target and command: `0` where it ran, `1` where a password was wanted, `2` where refused. */
const SCRIPT = `
hostname testhost
cd "$CASES"
for case in case*; do
  cp "$case/sudoers" /etc/sudoers
  cp "$case/site" /etc/sudoers.d/site
  chmod 440 /etc/sudoers /etc/sudoers.d/site
  for caller in ${CALLERS.join(' ')}; do
    for target in ${TARGETS.join(' ')}; do
      [ "$caller" = "$target" ] && continue
      for command in ${COMMANDS.join(' ')}; do
        words=$(setpriv --reuid "$caller" --regid "$caller" --init-groups sudo -n -u "$target" "$command" 2>&1 >/dev/null </dev/null) && status=0 || status=$?
        case "$status:$words" in
          0:*) answer=none ;;
          # sudo asks first and refuses afterwards, so whether it would run is asked as root.
          *"password is required"*) sudo -l -U "$caller" -u "$target" "$command" >/dev/null 2>&1 && answer=asked || answer=refused ;;
          *"not allowed"*|*"may not run sudo"*|*"not in the sudoers"*) answer=refused ;;
          *) answer="odd $words" ;;
        esac
        echo "$case $caller $target $command $answer"
      done
    done
  done
done`;

describeInNamespace(['sudo', 'setpriv'], 'the model agrees with the real sudo', () => {
  let directory: { path: string; remove: () => void };
  const cases = Array.from({ length: CASES }, (_, number) => generate(SEED + number));
  let answers: readonly string[];

  beforeAll(() => {
    directory = openDirectory();
    const etc = copyOfEtc(directory.path);
    writeFileSync(join(etc, 'passwd'), PASSWD);
    writeFileSync(join(etc, 'group'), GROUP);
    writeFileSync(join(etc, 'shadow'), PASSWD.replace(/:x:.*/g, ':*:20000:0:99999:7:::'));
    writeFileSync(join(etc, 'nsswitch.conf'), 'passwd: files\ngroup: files\nshadow: files\nhosts: files\n');
    writeFileSync(join(etc, 'hosts'), '127.0.0.1 localhost\n127.0.1.1 testhost\n');
    if (existsSync('/etc/sudo.conf')) cpSync('/etc/sudo.conf', join(etc, 'sudo.conf'));
    const pam = 'auth required pam_deny.so\naccount required pam_permit.so\nsession required pam_permit.so\n';
    writeFileSync(join(etc, 'pam.d', 'sudo'), pam);
    mkdirSync(join(etc, 'sudoers.d'), { mode: 0o755 });
    const at = join(directory.path, 'cases');
    for (const [number, { main, dropIn }] of cases.entries()) {
      const place = join(at, `case${String(number).padStart(4, '0')}`);
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, 'sudoers'), main);
      writeFileSync(join(place, 'site'), dropIn);
    }
    chmodSync(at, 0o755);
    // A host name of its own as well: rules name it.
    writeFileSync(join(directory.path, 'script'), SCRIPT);
    const out = inNamespace(
      [{ from: etc, over: '/etc' }],
      `export CASES='${at}'; exec unshare --uts /bin/sh '${join(directory.path, 'script')}'`,
    );
    answers = out.trim().split('\n');
  }, 600_000);
  afterAll(() => directory?.remove());

  it(`${CASES} generated policies, every caller, target and command`, () => {
    const seen = { none: 0, asked: 0, refused: 0 };
    const differences: string[] = [];
    const judges = cases.map(judgeOf);
    for (const line of answers) {
      const [name = '', caller = '', target = '', command = '', ...words] = line.split(' ');
      const number = Number(name.slice(4));
      const judge = judges[number]?.judge;
      const subject = (wanted: string) => judge?.world.subjects.find((one) => one.name === wanted);
      const [who, whom] = [subject(caller), subject(target)];
      if (!judge || !who || !whom) throw new Error(line);
      const decided = judge.decide(who, whom, command);
      const ours = decided === undefined ? 'refused' : decided.proof === 'none' ? 'none' : 'asked';
      const real = words.join(' ');
      if (real in seen) seen[real as keyof typeof seen] += 1;
      if (real !== ours)
        differences.push(`${line}, we say ${ours}\n${cases[number]?.main}--\n${cases[number]?.dropIn}`);
    }
    expect(differences.slice(0, 2), `${differences.length} differences`).toEqual([]);
    expect(seen.none).toBeGreaterThan(200);
    expect(seen.asked).toBeGreaterThan(200);
    expect(seen.refused).toBeGreaterThan(200);
  });

  it('what runs without a password is in the list of privileges, and what is in the list runs', () => {
    const lists = cases.map(({ main, dropIn }) =>
      sudoPrivileges(judgeOf({ main, dropIn }).sudo, parsePasswd(PASSWD), parseGroup(GROUP), NOW),
    );
    const open = new Set<string>();
    for (const line of answers) {
      const [name = '', caller = '', target = '', command = '', answer] = line.split(' ');
      if (answer !== 'none') continue;
      const number = Number(name.slice(4));
      open.add(`${number} ${caller} ${target} ${command}`);
      const listed = lists[number]?.some(
        ({ needsPassword, runas, users }) =>
          needsPassword !== true &&
          users.includes(caller) &&
          (runas.includes('ALL') || runas.includes(target) || runas.includes('*')),
      );
      expect(listed, `${line}\n${cases[number]?.main}--\n${cases[number]?.dropIn}`).toBe(true);
    }
    // The other way round, for rules about exactly the commands that were asked for.
    let turned = 0;
    for (const [number, list] of lists.entries())
      for (const { certain, command, needsPassword, runas, users } of list) {
        if (!certain || needsPassword !== false || !COMMANDS.includes(command)) continue;
        // A later rule for the command without arguments leaves it open with some; only the former was asked for.
        if (`${cases[number]?.main}${cases[number]?.dropIn}`.includes('""')) continue;
        for (const user of users.filter((name) => CALLERS.includes(name)))
          for (const target of TARGETS.filter((name) => name !== user)) {
            if (!runas.includes('ALL') && !runas.includes(target)) continue;
            turned += 1;
            const where = `case ${number}: ${user} ${target} ${command}`;
            const { main = '', dropIn = '' } = cases[number] ?? {};
            expect(open.has(`${number} ${user} ${target} ${command}`), `${where}\n${main}--\n${dropIn}`).toBe(
              true,
            );
          }
      }
    expect(turned).toBeGreaterThan(15);
  });
});

/** What doas lets whom do, against doas itself: `doas -C FILE COMMAND` as the account says permit, permit nopass or deny. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { doasPrivileges, parseDoas } from '../../../checks/facts/doas.ts';
import { parseGroup } from '../../../checks/facts/group.ts';
import { parsePasswd } from '../../../checks/facts/passwd.ts';
import { describeAsRoot, programs } from '../../support/programs.ts';

// Accounts and groups that every Debian has, with the numbers they have everywhere.
const PASSWD =
  'root:x:0:0::/:/bin/sh\ndaemon:x:1:1::/:/bin/sh\nbin:x:2:2::/:/bin/sh\ngames:x:5:60::/:/bin/sh\n';
const GROUP = 'root:x:0:\ndaemon:x:1:\nbin:x:2:\ngames:x:60:\n';
const IDS: Readonly<Record<string, readonly [number, number]>> = {
  daemon: [1, 1],
  bin: [2, 2],
  games: [5, 60],
};
const TARGETS = ['root', 'bin', 'games'];
const COMMANDS = [['id'], ['/bin/sh'], ['id', '-u'], ['id', '-u', '-n'], ['other']];
const CASES = 150;

/** Numbers that are the same in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function rule(pick: (below: number) => number): string {
  const of = (list: readonly string[]) => list[pick(list.length)] ?? '';
  const action =
    pick(4) === 0
      ? 'deny'
      : `permit ${of(['', 'nopass', 'persist', 'keepenv nopass', 'setenv { A B=c }', 'nolog'])}`;
  const who = of(['daemon', 'bin', 'games', '1', ':daemon', ':60', '":bin"', 'da\\emon', ':games']);
  const as = of(['', '', 'as root', 'as bin', 'as 5', 'as "games"']);
  const command = of([
    '',
    '',
    'cmd id',
    'cmd id args',
    'cmd id args -u',
    'cmd /bin/sh',
    'cmd "id" args -u \\\n-n',
  ]);
  return `${action} ${who} ${as} ${command} ${of(['', '# cmd no', ''])}`;
}

describeAsRoot(['doas', 'setpriv'], 'doas', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'doas-'));
    execFileSync('chmod', ['755', directory]);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function asked(file: string, user: string, target: string, command: readonly string[]): string {
    const [uid = 0, gid = 0] = IDS[user] ?? [];
    const identity = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
    try {
      return execFileSync(
        'setpriv',
        [...identity, programs.doas.path, '-C', file, '-u', target, ...command],
        { encoding: 'utf8', stdio: 'pipe' },
      ).trim();
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return stdout.trim() || `error: ${stderr.trim()}`;
    }
  }

  it(`${CASES} random files: nothing that it permits is left out, nothing is listed that it denies`, () => {
    const pick = random(7);
    const [passwd, group] = [parsePasswd(PASSWD), parseGroup(GROUP)];
    const seen = { permit: 0, 'permit nopass': 0, deny: 0 };
    for (let at = 0; at < CASES; at += 1) {
      const text = Array.from({ length: 1 + pick(5) }, () => `${rule(pick)}\n`).join('');
      const file = join(directory, `${at}.conf`);
      writeFileSync(file, text);
      const parsed = parseDoas(text);
      expect(parsed.malformed, text).toEqual([]);
      const privileges = doasPrivileges({ source: file, ...parsed }, passwd, group);
      const user = Object.keys(IDS)[pick(3)] ?? '';
      const target = TARGETS[pick(3)] ?? '';
      const command = COMMANDS[pick(COMMANDS.length)] ?? [];
      const answer = asked(file, user, target, command) as keyof typeof seen;
      expect(Object.keys(seen), `${text}${user} ${target} ${command.join(' ')}`).toContain(answer);
      seen[answer] += 1;
      const fitting = privileges.filter(
        ({ users, runas, command: listed }) =>
          users.includes(user) &&
          (runas.includes('ALL') || runas.includes(target)) &&
          (listed === 'ALL' ||
            listed === command[0] ||
            listed === (command.length === 1 ? `${command[0]} ""` : command.join(' '))),
      );
      const said = `${text}${user} -> ${target}: ${command.join(' ')} is ${answer}; ${JSON.stringify(fitting)}`;
      if (answer === 'permit')
        expect(
          fitting.some(({ proof }) => proof === 'own'),
          said,
        ).toBe(true);
      if (answer === 'permit nopass')
        expect(
          fitting.some(({ proof }) => proof === 'none'),
          said,
        ).toBe(true);
      // What is listed without limit is open for a call that no narrower rule is about.
      for (const { users, runas, command: listed, proof } of privileges)
        for (const one of listed === 'ALL' ? users : []) {
          const to = runas[0] === 'ALL' ? 'daemon' : (runas[0] ?? '');
          const real = asked(file, one, to, ['nobody-names-this']);
          // Another rule may give the same to more accounts or for all targets.
          const proofs = privileges
            .filter((other) => other.users.includes(one) && other.command === 'ALL')
            .map((other) => (other.proof === 'none' ? 'permit nopass' : 'permit'));
          expect(proofs, `${text}${one} -> ${to}: ${proof}`).toContain(real);
        }
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5);
  }, 60_000);

  it.each([
    'permit',
    'allow bin',
    'permit bin as',
    'permit bin cmd',
    'permit setenv { A bin',
    'deny nopass bin x',
  ])('refused as a whole: %j', (line) => {
    const file = join(directory, 'bad.conf');
    writeFileSync(file, `${line}\n`);
    expect(asked(file, 'bin', 'root', ['id'])).toMatch(/^error: /);
    expect(parseDoas(`${line}\n`).malformed).toEqual([1]);
  });
});

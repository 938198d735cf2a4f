/**
 * login.mfa against a real sshd on loopback with pam_oath and pam_google_authenticator: what opens an administrator's
 * account with a password alone, a code alone, a key alone or a key and a password, and what the check says of it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { mfa } from '../../../checks/login/mfa.ts';
import { unpacked } from '../../../checks/login/sshd-trees.ts';
import { judge } from '../../support/judge.ts';
import { copyOfEtc, describeInNamespace, inNamespace, openDirectory } from '../../support/mount-namespace.ts';

const PASSWORD = 'lauter gute Vorsaetze';
const SECRET = '3132333435363738393031323334353637383930';
const ENDS = 'account required pam_permit.so\nsession required pam_permit.so\n';
const UNIX = 'auth required pam_unix.so nodelay\n';
const OATH = 'pam_oath.so usersfile=/etc/oath window=100 digits=6\n';
const BOTH = `${UNIX}auth required ${OATH}`;
const GOOGLE = 'auth required pam_google_authenticator.so';

interface Setting {
  readonly config: string;
  readonly pam: string;
  /** Not shown by these attempts: what somebody could do who has set the factor up, or who comes from elsewhere. */
  readonly also?: readonly string[];
}
const ASK = 'PasswordAuthentication no\nKbdInteractiveAuthentication yes\n';
const ALL = 'PasswordAuthentication yes\nKbdInteractiveAuthentication yes\n';
const whole = (config: string) => `${config.includes('UsePAM') ? '' : 'UsePAM yes\n'}${config}\n`;
const settings: readonly Setting[] = [
  { config: 'PasswordAuthentication yes\nKbdInteractiveAuthentication no', pam: UNIX },
  { config: 'PasswordAuthentication no\nKbdInteractiveAuthentication no', pam: UNIX },
  { config: `${ALL}PubkeyAuthentication no`, pam: UNIX },
  { config: `${ALL}AuthenticationMethods publickey,password`, pam: UNIX },
  { config: `${ASK}AuthenticationMethods publickey,keyboard-interactive`, pam: BOTH },
  { config: `${ASK}AuthenticationMethods publickey,keyboard-interactive:pam`, pam: `auth required ${OATH}` },
  { config: `${ASK}AuthenticationMethods keyboard-interactive`, pam: BOTH },
  { config: `${ASK}AuthenticationMethods publickey keyboard-interactive`, pam: BOTH },
  { config: ASK, pam: `auth sufficient ${OATH}${UNIX}` },
  { config: ALL, pam: BOTH },
  { config: `${ALL}AuthenticationMethods publickey,password keyboard-interactive`, pam: UNIX },
  { config: `${ALL}AuthenticationMethods password,keyboard-interactive`, pam: UNIX },
  { config: `${ALL}UsePAM no`, pam: BOTH },
  { config: `${ASK}`, pam: `${UNIX}${GOOGLE} nullok\n` },
  { config: `${ASK}`, pam: `${UNIX}${GOOGLE}\n`, also: ['password+code'] },
  { config: `${ALL}Match User anna\nAuthenticationMethods publickey,password`, pam: UNIX },
  {
    config: `${ALL}AuthenticationMethods publickey,password\nMatch Group ops\nAuthenticationMethods password`,
    pam: UNIX,
  },
  {
    config: `${ALL}Match Address 127.0.0.0/8\nAuthenticationMethods publickey`,
    pam: UNIX,
    also: ['password'],
  },
  {
    config: `${ASK}AuthenticationMethods publickey\nMatch Address 127.0.0.1\nAuthenticationMethods keyboard-interactive`,
    pam: UNIX,
  },
];

/** Answers a prompt: a code where one is asked for and there is one to give, else the password. */
const ASKPASS = `#!/bin/sh
case "$1" in
*OATH*) [ -n "$CODES" ] || { echo 000000; exit; }
  n=$(($(cat /run/counter) + 1)); echo $n >/run/counter; oathtool --counter=$n ${SECRET} ;;
*) [ -n "$PASS" ] && cat /etc/pw || echo wrong ;;
esac
`;

/** Prints the names of the attempts that got in. */
const ATTEMPTS = `mkdir -p /run/sshd; echo 0 >/run/counter
/usr/sbin/sshd -f /etc/ssh/sshd_config 2>/run/err
for tries in $(seq 50); do [ -s /run/test.pid ] && break; sleep 0.05; done
try() {
  name=$1; shift
  SSH_ASKPASS=/etc/askpass SSH_ASKPASS_REQUIRE=force setsid timeout 15 ssh -F none -p $PORT -o IdentitiesOnly=yes -i /etc/id \\
    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o NumberOfPasswordPrompts=1 "$@" \\
    anna@127.0.0.1 true </dev/null >/dev/null 2>&1 && echo $name
  return 0
}
export PASS CODES
PASS=y; CODES=; try password -o PubkeyAuthentication=no -o PreferredAuthentications=password,keyboard-interactive
PASS=y; CODES=; try password -o PubkeyAuthentication=no -o PreferredAuthentications=keyboard-interactive
PASS=; CODES=y; try code -o PubkeyAuthentication=no -o PreferredAuthentications=keyboard-interactive
PASS=; CODES=; try key -o PreferredAuthentications=publickey
PASS=y; CODES=; try key+password -o PreferredAuthentications=publickey,password,keyboard-interactive
PASS=; CODES=y; try key+code -o PreferredAuthentications=publickey,keyboard-interactive
PASS=y; CODES=y; try password+code -o PubkeyAuthentication=no -o PreferredAuthentications=keyboard-interactive
kill $(cat /run/test.pid)`;

describeInNamespace(
  ['sshd', 'ssh-keygen', 'oathtool', 'pam_oath', 'pam_google_authenticator', 'openssl'],
  'logins with more than a password',
  () => {
    const directory = openDirectory();
    afterAll(directory.remove);
    const etc = copyOfEtc(directory.path);
    const home = join(directory.path, 'home');
    const run = join(directory.path, 'run');
    for (const path of [join(home, 'anna/.ssh'), run, join(etc, 'ssh')]) mkdirSync(path, { recursive: true });
    const keygen = (path: string) =>
      execFileSync('/usr/bin/ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
    keygen(join(etc, 'id'));
    keygen(join(etc, 'ssh/host_key'));
    const key = readFileSync(join(etc, 'id.pub'), 'utf8');
    writeFileSync(join(home, 'anna/.ssh/authorized_keys'), key, { mode: 0o644 });
    const hash = spawnSync('/usr/bin/openssl', ['passwd', '-6', '-stdin'], {
      input: `${PASSWORD}\n`,
      encoding: 'utf8',
    });
    const accounts = {
      '/etc/passwd':
        'root:x:0:0::/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\nanna:x:1000:1000::/home/anna:/bin/sh\n',
      '/etc/group': 'root:x:0:\nnogroup:x:65534:\nanna:x:1000:\nsudo:x:27:anna\nops:x:900:anna\n',
      '/etc/shadow': `root:*:20000:0:99999:7:::\nsshd:!:20000::::::\nanna:${hash.stdout.trim()}:20000:0:99999:7:::\n`,
    };
    for (const [path, text] of Object.entries(accounts))
      writeFileSync(join(directory.path, path), text, { mode: path.endsWith('shadow') ? 0o600 : 0o644 });
    writeFileSync(join(etc, 'askpass'), ASKPASS, { mode: 0o755 });
    writeFileSync(join(etc, 'pw'), `${PASSWORD}\n`);
    writeFileSync(join(etc, 'nsswitch.conf'), 'passwd: files\ngroup: files\nshadow: files\n');
    const port = 20_000 + (process.pid % 10_000);

    const real = ({ config, pam }: Setting): ReadonlySet<string> => {
      const fixed = `Port ${port}\nListenAddress 127.0.0.1\nHostKey /etc/ssh/host_key\nPidFile /run/test.pid\nStrictModes no\n`;
      writeFileSync(join(etc, 'ssh/sshd_config'), fixed + whole(config));
      writeFileSync(join(etc, 'pam.d/sshd'), pam + ENDS);
      writeFileSync(join(etc, 'oath'), `HOTP anna - ${SECRET}\n`, { mode: 0o600 });
      const said = inNamespace(
        [
          { from: etc, over: '/etc' },
          { from: home, over: '/home' },
          { from: run, over: '/run' },
        ],
        ATTEMPTS.replaceAll('$PORT', String(port)),
      );
      return new Set(said.trim().split('\n').filter(Boolean));
    };

    it.each(settings)('%j', async (setting) => {
      const entered = new Set([...real(setting), ...(setting.also ?? [])]);
      const tree = unpacked(whole(setting.config), {
        ...accounts,
        '/etc/pam.d/sshd': setting.pam + ENDS,
        '/home/anna/.ssh/authorized_keys': key,
      });
      const outcome = async (counts?: readonly string[]) =>
        (await judge(mfa, tree, counts ? { counts } : {})).outcome;
      const opens = (...names: string[]) => (names.some((name) => entered.has(name)) ? 'fail' : 'pass');
      expect([[...entered], await outcome()]).toEqual([[...entered], opens('password', 'code')]);
      expect([[...entered], 'second-factor', await outcome(['second-factor'])]).toEqual([
        [...entered],
        'second-factor',
        opens('password', 'code', 'key', 'key+password'),
      ]);
      expect([[...entered], 'key', await outcome(['key'])]).toEqual([
        [...entered],
        'key',
        opens('password', 'code', 'password+code'),
      ]);
    });
  },
);

/** Sudoers files made up from a seed: every form of the grammar, odd spacing, and now and then a line that is wrong. */

/** mulberry32: small, fixed for a seed. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export interface Dice {
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(from: readonly T[]) => T;
  readonly upTo: (most: number) => number;
}

export function dice(seed: number): Dice {
  const next = random(seed);
  const upTo = (most: number) => Math.floor(next() * most);
  return {
    upTo,
    chance: (probability) => next() < probability,
    pick: (from) => from[upTo(from.length)] as (typeof from)[number],
  };
}

const USERS = [
  ...'alice bob carol dave #1001 #0 %staff %#50 %ops ALL ADMINS OPS +net %:plugin odd\\,name'.split(' '),
  '"%two words"',
  '"quoted name"',
];
const RUNAS = ['root', 'bob', 'carol', 'DBA', 'WEB', 'ALL', '#0', '#1003', '%staff', 'nobody'];
const GROUPS = ['staff', 'ops', 'ALL', '#50', 'GRP'];
const HOSTS = [
  'ALL',
  'here',
  'web*',
  'db1.example.org',
  '192.0.2.0/24',
  '192.0.2.7',
  '2001:db8::/32',
  'FARM',
  'LAB',
  '10.0.0.0/255.0.0.0',
];
const COMMANDS = [
  'ALL',
  '/bin/ls',
  '/bin/cat /etc/*',
  '/usr/bin/less ""',
  '/usr/sbin/',
  'SHELLS',
  'TOOLS',
  'sudoedit /etc/motd',
  'list',
  '/bin/echo a\\,b\\:c\\=d',
  '/bin/odd\\ name -x',
  '^/usr/bin/[a-z]+$',
  '/usr/bin/find ^-name [a-z]+$',
  '^/opt/x$ ^a\\#b$',
  '/bin/sh   -c   true',
  'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 /bin/zsh',
  'sha224:0GkUXwnMeYrKVvYkfHDvxmZyFNVzgZ/+mJbvRw==, sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= /bin/ksh',
];
const TAGS =
  'NOPASSWD PASSWD NOEXEC EXEC SETENV NOSETENV LOG_INPUT NOLOG_INPUT LOG_OUTPUT NOLOG_OUTPUT MAIL NOMAIL FOLLOW NOFOLLOW INTERCEPT NOINTERCEPT'.split(
    ' ',
  );
const OPTIONS = [
  'CWD=/tmp',
  'CWD=*',
  'CHROOT=~',
  'TIMEOUT=90',
  'TIMEOUT=1h30m',
  'NOTBEFORE=20250101000000Z',
  'NOTAFTER=2031010100Z',
  'ROLE=staff_r',
  'TYPE=staff_t',
];
const SETTINGS = [
  'env_reset',
  '!insults',
  'authenticate',
  '!authenticate',
  'timestamp_timeout=5',
  'timestamp_timeout = -1',
  'passprompt="sudo \\"%p\\": "',
  'env_keep += "HOME LANG"',
  'env_keep -= TZ',
  'env_check=LC_ALL',
  'secure_path="/usr/bin:/bin"',
  'logfile=/var/log/sudo.log',
  'use_pty',
  '!!rootpw',
  'badpass_message=no\\,\\ no',
];

export function generateSudoers(seed: number): string {
  const { chance, pick, upTo } = dice(seed);
  const some = (one: () => string, most: number, join = ','): string =>
    Array.from({ length: 1 + upTo(most) }, one).join(
      chance(0.2) ? ` ${join} ` : chance(0.3) ? `${join} ` : join,
    );
  const gap = (): string => (chance(0.06) ? ' \\\n\t' : chance(0.15) ? '  ' : ' ');
  const negatable =
    (from: readonly string[], rate = 0.15) =>
    (): string =>
      `${chance(rate) ? (chance(0.2) ? '! ' : chance(0.1) ? '!!' : '!') : ''}${pick(from)}`;
  const user = negatable(USERS);
  const host = negatable(HOSTS);
  const runasUser = negatable(RUNAS, 0.1);
  const command = (): string => {
    const text = pick(COMMANDS);
    return chance(0.15) ? (text.startsWith('sha') ? text.replace(/ (?=\/)/, ' !') : `!${text}`) : text;
  };
  const runas = (): string =>
    chance(0.1)
      ? pick(['()', '(:)', '( )'])
      : `(${chance(0.85) ? some(runasUser, 2) : ':'})`.replace(
          /\(:\)/,
          `(:${some(negatable(GROUPS, 0.1), 2)})`,
        );
  const withGroup = (text: string): string =>
    /^\([^:]*[^:\s(]\)$/.test(text) && chance(0.3)
      ? text.replace(')', ` : ${some(negatable(GROUPS, 0.1), 2)})`)
      : text;
  const commandSpec = (): string =>
    [
      ...(chance(0.45) ? [withGroup(runas())] : []),
      ...(chance(0.15) ? Array.from({ length: 1 + upTo(2) }, () => pick(OPTIONS)) : []),
      ...(chance(0.45)
        ? Array.from({ length: 1 + upTo(3) }, () => `${pick(TAGS)}${chance(0.1) ? ' ' : ''}:`)
        : []),
      command(),
    ].join(chance(0.1) ? gap() : ' ');
  const spec = (): string => {
    const privilege = (): string => `${some(host, 2)}${gap()}=${gap()}${some(commandSpec, 3)}`;
    return `${some(user, 3)}${gap()}${privilege()}${chance(0.12) ? ` : ${privilege()}` : ''}`;
  };
  const setting = (): string => pick(SETTINGS);
  const defaults = (): string => {
    const scope = pick([
      '',
      '',
      `:${some(user, 2)}`,
      `>${some(runasUser, 2)}`,
      `@${some(host, 2)}`,
      `!${some(() => pick(['/bin/ls', 'SHELLS', '!/bin/cat', 'sudoedit', '^/bin/x$', '/usr/sbin/']), 2)}`,
    ]);
    return `Defaults${scope}${gap()}${some(setting, 2)}`;
  };
  const aliasesLeft: Record<string, string[]> = {
    User: ['ADMINS', 'OPS'],
    Runas: ['DBA', 'WEB', 'GRP'],
    Host: ['FARM', 'LAB'],
    Cmnd: ['SHELLS', 'TOOLS'],
  };
  const members: Record<string, () => string> = { User: user, Runas: runasUser, Host: host, Cmnd: command };
  const alias = (): string => {
    const kind = pick(['User', 'Runas', 'Host', 'Cmnd']);
    const left = aliasesLeft[kind] ?? [];
    const one = (): string => {
      const name = chance(0.04) ? pick(['ADMINS', 'SHELLS', 'ALL', 'ROLE']) : left.shift();
      return name === undefined ? '' : `${name}${gap()}=${gap()}${some(members[kind] ?? user, 3)}`;
    };
    const first = one();
    if (first === '') return '# nothing left';
    const second = chance(0.2) ? one() : '';
    return `${kind}_Alias ${first}${second === '' ? '' : ` : ${second}`}`;
  };
  const comment = (): string => pick(['# a comment \\', '', '   ', '#', '#include', '#includedir', '#-x']);
  const lines: string[] = [];
  const length = 3 + upTo(12);
  while (lines.length < length) {
    const line = pick([spec, spec, spec, defaults, alias, alias, comment])();
    lines.push(
      `${chance(0.08) ? '  ' : ''}${line}${chance(0.08) ? ' # why' : ''}${chance(0.05) ? '\r' : ''}`,
    );
  }
  const text = lines.join('\n') + (chance(0.9) ? '\n' : '');
  return chance(0.35) ? spoil(text, { chance, pick, upTo }) : text;
}

/** One to three characters changed, taken out or put in. */
function spoil(text: string, { pick, upTo }: Dice): string {
  let spoilt = text;
  for (let count = 1 + upTo(3); count > 0; count -= 1) {
    const at = upTo(spoilt.length);
    const odd = pick([...'"\\#!=:,()%+@ \n\t/^$', '', '', 'ALL', 'NOPASSWD:', '\\\n']);
    spoilt = spoilt.slice(0, at) + odd + spoilt.slice(at + upTo(2));
  }
  return spoilt;
}

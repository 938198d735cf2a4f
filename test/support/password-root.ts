/**
 * Real password changes through PAM, as an ordinary account makes them: in a Debian root with the modules that judge
 * passwords, hundreds in one namespace, none of which leaves a trace.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DebianRelease, debianRoot, ordinaryUser } from './debian-root.ts';
import { inNamespace, openDirectory } from './mount-namespace.ts';

/** Root with the modules; pam_cracklib ended with Debian 11. */
export const passwordRoot = (release: DebianRelease) =>
  debianRoot(release, [
    // The dictionary: only recommended by the library, which refuses every password without it.
    'cracklib-runtime',
    'libpam-passwdqc',
    'libpam-pwquality',
    'libpwquality-tools',
    'pamtester',
    'passwd',
    ...(release === 11 ? ['libpam-cracklib'] : []),
  ]);

/** What the account has before every change, with a hash that is quick to try. */
export const OLD = 'Zb3-Frueher-galt:7';
const HASH = spawnSync('openssl', ['passwd', '-5', '-salt', 'nachweis', OLD], {
  encoding: 'utf8',
}).stdout?.trim();

export interface Change {
  /** The service, by its lines. */
  readonly stack: string;
  /** Below /etc/security; beside it nothing. */
  readonly files: Readonly<Record<string, string>>;
  /** What is typed, the last one again and again. Each is typed twice, as one is asked to. */
  readonly typed: readonly string[];
  /** Default: the ordinary account by passwd; `forced` by a daemon of root's, because the password has expired. */
  readonly as?: 'account' | 'root' | 'forced';
}

/** Runs `run` (sh) in the root with a copy of /etc in memory and `directory` as /etc/nachweis: a change syncs what it writes. */
const inRoot = (root: string, directory: string): string =>
  inNamespace(
    [
      { from: '/dev', over: join(root, 'dev') },
      { from: '/proc', over: join(root, 'proc') },
    ],
    `mount -t tmpfs none '${root}/mnt'
     cp -a '${root}/etc/.' '${root}/mnt'
     mount --bind '${root}/mnt' '${root}/etc'
     cp -r '${directory}' '${root}/etc/nachweis'
     rm -r '${root}/etc/pam.d' '${root}/etc/security'
     if [ -d '${root}/etc/nachweis/pam.d' ]; then mv '${root}/etc/nachweis/pam.d' '${root}/etc/pam.d'; fi
     mount -t tmpfs none '${root}/run'
     sed 's|^${ordinaryUser}:[^:]*:|${ordinaryUser}:${HASH}:|' '${root}/etc/shadow' >'${root}/etc/shadow.before'
     exec chroot '${root}' /bin/sh /etc/nachweis/run`,
  );

/** At once, so that each part ends well within the time limit of a namespace. */
const AT_ONCE = 250;

/** For each change whether what was typed last is the password afterwards. */
export function changePasswords(root: string, changes: readonly Change[]): boolean[] {
  if (changes.length > AT_ONCE)
    return [
      ...changePasswords(root, changes.slice(0, AT_ONCE)),
      ...changePasswords(root, changes.slice(AT_ONCE)),
    ];
  const directory = openDirectory();
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(directory.path, path)), { recursive: true });
    writeFileSync(join(directory.path, path), text);
  };
  try {
    put('pam.d/check', 'auth required pam_unix.so nodelay\n');
    for (const [index, { stack, files, typed, as = 'account' }] of changes.entries()) {
      put(`pam.d/c${index}`, stack);
      put(`security/${index}/opasswd`, '');
      for (const [name, text] of Object.entries(files)) put(`security/${index}/${name}`, text);
      const twice = typed.flatMap((one) => [one, one]);
      const rest = Array<string>(24).fill(typed.at(-1) ?? '');
      put(`typed/${index}`, `${[...(as === 'root' ? [] : [OLD]), ...twice, ...rest].join('\n')}\n`);
      const operation = as === 'forced' ? 'chauthtok(PAM_CHANGE_EXPIRED_AUTHTOK)' : 'chauthtok';
      put(`as/${index}`, `${as === 'account' ? 1000 : 0} ${typed.length} ${operation}\n`);
    }
    put(
      'run',
      `i=0
      cp /etc/shadow.before /etc/shadow
      while [ $i -lt ${changes.length} ]; do
        ln -sfn /etc/nachweis/security/$i /etc/security
        read -r uid passwords operation </etc/nachweis/as/$i || :
        setpriv --ruid $uid pamtester c$i ${ordinaryUser} $operation </etc/nachweis/typed/$i >/dev/null 2>&1
        if cmp -s /etc/shadow.before /etc/shadow; then echo kept
        else
          if [ $passwords = 1 ] || tail -n 1 /etc/nachweis/typed/$i | pamtester check ${ordinaryUser} authenticate >/dev/null 2>&1
          then echo stored; else echo other; fi
          cp /etc/shadow.before /etc/shadow
        fi
        i=$((i+1))
      done`,
    );
    const said = inRoot(root, directory.path);
    const lines = said.trim().split('\n');
    if (lines.length !== changes.length)
      throw new Error(`${lines.length} answers to ${changes.length} changes`);
    return lines.map((line) => line === 'stored');
  } finally {
    directory.remove();
  }
}

/** For each password whether pwscore of this root takes it, under the lines of pwquality.conf with it. */
export function scorePasswords(
  root: string,
  asked: readonly { readonly conf: string; readonly password: string }[],
): boolean[] {
  const directory = openDirectory();
  try {
    const files = [...new Set(asked.map(({ conf }) => conf))];
    for (const [index, conf] of files.entries()) {
      mkdirSync(join(directory.path, `${index}`));
      writeFileSync(join(directory.path, `${index}/pwquality.conf`), conf);
    }
    const lines = asked.map(({ conf, password }) => `${files.indexOf(conf)} ${password}\n`);
    writeFileSync(join(directory.path, 'asked'), lines.join(''));
    writeFileSync(
      join(directory.path, 'run'),
      `while read -r conf password; do
        ln -sfn /etc/nachweis/$conf /etc/security
        if echo "$password" | pwscore >/dev/null 2>&1; then echo yes; else echo no; fi
      done </etc/nachweis/asked`,
    );
    return inRoot(root, directory.path)
      .trim()
      .split('\n')
      .map((line) => line === 'yes');
  } finally {
    directory.remove();
  }
}

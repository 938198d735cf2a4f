/** What somebody has at hand to prove who they are, and which of a server's lists of methods ask for too little. Pure. */

import type { SecondFactor } from '../facts/second-factor.ts';
import type { AccountKeys } from '../facts/ssh-keys.ts';
import { METHOD_KEYWORDS, methodLists } from '../facts/sshd-methods.ts';
import type { Assessment, Values } from './sshd-judge.ts';

/** What may count beside, or instead of, a password. */
export const kinds = ['key', 'second-factor'] as const;
export type Kind = (typeof kinds)[number];

/** What opens one account. Keys matter only where a plain key does not count. */
export interface Proofs {
  readonly password: boolean;
  /** A key that is a file, which can be copied. */
  readonly plain: boolean;
  /** Keys in a security token: one that asks for no touch, one that does. */
  readonly touchless: boolean;
  readonly touch: boolean;
  /** Certificates and keys that no file lists: they may be of any kind. */
  readonly unclear: boolean;
}

/** @param keys undefined where no server takes any from this account */
export function proofsOf(password: boolean, keys: AccountKeys | undefined): Proofs {
  const listed = keys?.files.flatMap(({ content }) => content.keys) ?? [];
  const own = listed.filter(({ options }) => !options.authority);
  const tokens = own.filter(({ key }) => key.hardware);
  const touchless = tokens.filter(({ options }) => options.names.includes('no-touch-required'));
  return {
    password,
    plain: own.length > tokens.length,
    touchless: touchless.length > 0,
    touch: tokens.length > touchless.length,
    unclear:
      own.length < listed.length || (keys?.authorities.length ?? 0) > 0 || (keys?.unclear.length ?? 0) > 0,
  };
}

/** PubkeyAuthOptions came with OpenSSH 8.2: asked about only where it matters. */
export const keywordsFor = (counts: readonly Kind[]): [string, ...string[]] => [
  'passwordauthentication',
  ...METHOD_KEYWORDS.slice(1),
  'usepam',
  ...(counts.includes('key') ? [] : ['pubkeyauthoptions']),
];

/** What is unclear is taken for a plain key: whoever asks again without it learns whether that decides. */
export function assess(
  values: Values,
  login: { readonly root: boolean; readonly proofs: Proofs; readonly factor: SecondFactor | undefined },
  counts: readonly Kind[],
): Assessment {
  const { root, proofs } = login;
  const at = 'permitrootlogin';
  const rootMay = values[at] ?? 'yes';
  const lists = methodLists(values, root);
  const keysOpen = counts.includes('key') ? false : lists.some((list) => list.includes('publickey'));
  if (root && rootMay !== 'yes' && !keysOpen && !lists.some((list) => list.includes('hostbased')))
    return { passes: true, at };
  const factor = counts.includes('second-factor') && values.usepam === 'yes' ? login.factor : undefined;
  const second = factor?.required === true;
  // sshd asks for a touch unless the key's own line says otherwise, and that only where the server leaves it alone.
  const touched = /(?:^|,|\s)(?:touch|verify)-required(?:$|,|\s)/.test(values.pubkeyauthoptions ?? 'none');
  const keyCounts =
    counts.includes('key') || !(proofs.plain || proofs.unclear || (proofs.touchless && !touched));
  const anyKey = proofs.plain || proofs.touchless || proofs.touch || proofs.unclear;
  const secret = (method: string) => method === 'password' || method === 'keyboard-interactive';
  const weak = lists.find((list) => {
    if (list.some(secret) && !proofs.password) return false;
    if (list.includes('publickey')) return !keyCounts && anyKey && !(factor?.always && list.some(secret));
    return !(second && list.some(secret));
  });
  const name = weak?.join(',');
  return {
    passes: weak === undefined,
    at:
      values.authenticationmethods !== 'any'
        ? 'authenticationmethods'
        : weak?.includes('publickey')
          ? 'pubkeyauthentication'
          : weak?.includes('keyboard-interactive')
            ? 'kbdinteractiveauthentication'
            : 'passwordauthentication',
    shown:
      name === undefined
        ? second
          ? { en: 'second factor through PAM', de: 'zweiter Faktor über PAM' }
          : { en: 'never without a key', de: 'nie ohne Schlüssel' }
        : { en: `enough by itself: ${name}`, de: `genügt allein: ${name}` },
  };
}

/** Lists of methods each of which lets somebody in by itself: AuthenticationMethods, sshd_config(5). Pure. */

/** Lower-case keyword -> value; a keyword of which nothing is known is missing. */
type Values = Readonly<Partial<Record<string, string>>>;

/** What methodLists goes by. */
export const METHOD_KEYWORDS = [
  'passwordauthentication',
  'kbdinteractiveauthentication',
  'pubkeyauthentication',
  'hostbasedauthentication',
  'authenticationmethods',
  'permitrootlogin',
] as const;

/** Root is let in by anything but a password. */
const NO_PASSWORD = /^(?:prohibit-password|without-password|forced-commands-only)$/;

/**
 * Every list whose methods are all switched on; where nothing is said, each single method. Methods without their
 * devices (`keyboard-interactive:pam`). What is not known counts as what opens more; hostbased must be said to be on.
 */
export function methodLists(values: Values, root: boolean): readonly (readonly string[])[] {
  const mayRoot = root ? (values.permitrootlogin ?? 'yes') : 'yes';
  if (mayRoot === 'no') return [];
  const on = (keyword: string) => values[keyword] !== 'no';
  const isOn = (method: string): boolean => {
    if (method === 'publickey') return on('pubkeyauthentication');
    if (method === 'hostbased') return values.hostbasedauthentication === 'yes';
    if (NO_PASSWORD.test(mayRoot)) return false;
    if (method === 'password') return on('passwordauthentication');
    return method === 'keyboard-interactive' ? on('kbdinteractiveauthentication') : true;
  };
  const methods = values.authenticationmethods ?? 'any';
  const lists =
    methods === 'any'
      ? [['publickey'], ['password'], ['keyboard-interactive'], ['hostbased']]
      : methods.split(/\s+/).map((list) => list.split(',').map((method) => method.split(':')[0] ?? ''));
  return lists.filter((list) => list.every(isOn));
}

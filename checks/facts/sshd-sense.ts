/** What sshd checks once all files are read: sshd.c, "Check that options are sensible". Pure. */

const SWITCH_OF: Readonly<Record<string, string>> = {
  publickey: 'pubkeyauthentication',
  password: 'passwordauthentication',
  'keyboard-interactive': 'kbdinteractiveauthentication',
  hostbased: 'hostbasedauthentication',
};

/** The words with which sshd gives up, or undefined. `value` is what counts outside of Match blocks. */
export function unsatisfiable(value: (keyword: string) => string | undefined): string | undefined {
  for (const command of ['AuthorizedKeysCommand', 'AuthorizedPrincipalsCommand']) {
    const set = value(command.toLowerCase());
    if (
      set !== undefined &&
      set.toLowerCase() !== 'none' &&
      value(`${command.toLowerCase()}user`) === undefined
    )
      return `${command} set without ${command}User`;
  }
  const lists = value('authenticationmethods')?.split(' ') ?? [];
  const off = (method: string) => {
    const keyword = SWITCH_OF[method.split(':')[0] ?? ''];
    return keyword !== undefined && value(keyword) === 'no';
  };
  if (lists.length > 0 && lists.every((methods) => methods.split(',').some(off)))
    return 'AuthenticationMethods cannot be satisfied by enabled authentication methods';
  return undefined;
}

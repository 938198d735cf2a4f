/** Groups that pam_group(8) gives at login, whatever /etc/group says: group.conf(5). */
import { absent, defineFact, known, valueOr } from '../fact.ts';
import { pam } from './pam.ts';

export const GROUP_CONF = '/etc/security/group.conf';

export interface LentGroups {
  readonly line: number;
  /** As written: names, `*`, `!`, `&`, `|`, `%group`, `@netgroup`. */
  readonly users: string;
  readonly groups: readonly string[];
}

/** Absent where no service calls the module, or it has no rules. */
export const lentGroups = defineFact<readonly LentGroups[]>({
  id: 'pam-group',
  collect: async (host, get) => {
    const stacks = valueOr(await get(pam), undefined);
    const called = [...(stacks?.files.values() ?? [])].some((lines) =>
      lines.some((line) => line.kind === 'module' && line.module === 'pam_group.so'),
    );
    if (!called) return absent(GROUP_CONF);
    const file = await host.readText(GROUP_CONF, { encoding: 'latin1' });
    return file.state === 'known' ? known(parseGroupConf(file.value.text)) : file;
  },
});

/** Pure. `services;ttys;users;times;groups`; a backslash joins lines. When and where they apply is left out. */
export function parseGroupConf(text: string): readonly LentGroups[] {
  const rules: LentGroups[] = [];
  let joined = '';
  for (const [index, raw] of text.split('\n').entries()) {
    joined += raw.replace(/#.*/, '');
    if (joined.endsWith('\\')) {
      joined = joined.slice(0, -1);
      continue;
    }
    const [, , users = '', , groups = ''] = joined.split(';').map((field) => field.trim());
    joined = '';
    if (groups !== '')
      rules.push({ line: index + 1, users, groups: groups.split(/[\s,]+/).filter((name) => name !== '') });
  }
  return rules;
}

/** Key files (`[section]`, `key=value`) of display managers: GKeyFile, SDDM. Pure. */

export interface IniSetting {
  readonly source: string;
  readonly line: number;
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** Never throws. `#` and `;` begin a comment at the start of a line only; letter case counts. */
export function parseIni(text: string, source: string): IniSetting[] {
  const settings: IniSetting[] = [];
  let section = '';
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue;
    const header = /^\[([^\]]*)\]/.exec(content);
    if (header) {
      section = (header[1] ?? '').trim();
      continue;
    }
    const at = content.indexOf('=');
    if (at > 0)
      settings.push({
        source,
        line: index + 1,
        section,
        key: content.slice(0, at).trim(),
        value: content.slice(at + 1).trim(),
      });
  }
  return settings;
}

/** The last assignment of `key` in `section` over all files in their order. */
export const lastIni = (
  settings: readonly IniSetting[],
  section: string,
  key: string,
): IniSetting | undefined =>
  settings.filter((setting) => setting.section === section && setting.key === key).at(-1);

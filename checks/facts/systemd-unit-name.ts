/** Names of systemd's units and what follows from a name alone: systemd.unit(5). Pure. */

export const isUnitName = (name: string): boolean =>
  /^[A-Za-z0-9:_.\\@-]+\.(?:service|socket|target|timer|mount|path|slice|scope|automount|swap|device)$/.test(
    name,
  );

/** `getty@.service` of `getty@tty1.service`; undefined for what is no instance. */
export function templateOf(name: string): string | undefined {
  const match = /^([^@]+@)[^@]+(\.[a-z]+)$/.exec(name);
  return match?.[1] === undefined ? undefined : `${match[1]}${match[2]}`;
}

export const instanceOf = (name: string): string => /^[^@]+@(.*)\.[a-z]+$/.exec(name)?.[1] ?? '';

export const typeOf = (name: string): string => name.slice(name.lastIndexOf('.'));
export const kindOf = (name: string): 'plain' | 'template' | 'instance' =>
  !name.includes('@') ? 'plain' : instanceOf(name) === '' ? 'template' : 'instance';

/** `foo-bar@x.service`: its own name, `foo-bar@.service`, `foo-.service`, then all of the type. */
export function dropInNames(name: string): string[] {
  const type = /\.[a-z]+$/.exec(name)?.[0] ?? '';
  const own: string[] = [name];
  const stem = name.slice(0, name.length - type.length);
  const prefix = stem.split('@')[0] ?? '';
  for (let at = prefix.lastIndexOf('-', prefix.length - 2); at > 0; at = prefix.lastIndexOf('-', at - 1))
    own.push(`${prefix.slice(0, at + 1)}${type}`);
  const template = templateOf(name);
  return template === undefined ? own : [...own, ...dropInNames(template)];
}

/** What a link in `directory` says, without `.`, `..` and double slashes. */
export function joined(directory: string, text: string): string {
  const parts: string[] = [];
  for (const part of (text.startsWith('/') ? text : `${directory}/${text}`).split('/'))
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  return `/${parts.join('/')}`;
}

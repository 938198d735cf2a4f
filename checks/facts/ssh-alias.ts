/**
 * Which host a name means to root's ssh: `HostName` of ~/.ssh/config and /etc/ssh/ssh_config, ssh_config(5). The first value
 * counts, a block holds up to the next `Host` or `Match`, `!pattern` takes out.
 */
import type { Host } from '../host.ts';
import { compileGlob, globMatches } from './path-glob.ts';

export type SshAlias = (name: string) => { readonly host: string } | 'unclear';

const FILES = ['/root/.ssh/config', '/etc/ssh/ssh_config'];

/** Reads both files, and those that they take in with `Include` one level deep. */
export async function sshAlias(host: Host): Promise<SshAlias> {
  const texts: string[] = [];
  for (const path of FILES) {
    const file = await host.readText(path, { maxBytes: 256 * 1024, encoding: 'latin1' });
    if (file.state !== 'known') continue;
    const base = path.startsWith('/root/') ? '/root/.ssh' : '/etc/ssh';
    texts.push(await withIncludes(host, file.value.text, base));
  }
  return (name) => aliasIn(texts.join('\nHost *\n'), name);
}

async function withIncludes(host: Host, text: string, base: string): Promise<string> {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const pattern = /^\s*include[\s=]+"?([^"\s]+)/i.exec(line)?.[1]?.replace(/^~(?=\/)/, '/root');
    if (pattern === undefined) {
      lines.push(line);
      continue;
    }
    const full = pattern.startsWith('/') ? pattern : `${base}/${pattern}`;
    const directory = full.slice(0, full.lastIndexOf('/'));
    const glob = compileGlob(full.slice(full.lastIndexOf('/') + 1), 'shell');
    const names = await host.list(directory);
    for (const name of names.state === 'known' && glob ? names.value : []) {
      if (!glob || !globMatches(glob, name)) continue;
      const file = await host.readText(`${directory}/${name}`, { maxBytes: 256 * 1024, encoding: 'latin1' });
      if (file.state === 'known') lines.push(...file.value.text.split('\n'));
    }
  }
  return lines.join('\n');
}

/** Pure. `unclear` where a `Match` block that may hold names another host. */
export function aliasIn(text: string, name: string): ReturnType<SshAlias> {
  let holds: boolean | 'perhaps' = true;
  let perhaps = false;
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)"?(.*?)"?\s*$/.exec(line) ?? [];
    if (/^host$/i.test(key)) holds = hostMatches(value, name);
    else if (/^match$/i.test(key)) holds = /^all$/i.test(value) ? true : 'perhaps';
    else if (/^hostname$/i.test(key)) {
      if (holds === 'perhaps') perhaps = true;
      else if (holds) return perhaps ? 'unclear' : { host: value.replaceAll('%h', name).toLowerCase() };
    }
  }
  return perhaps ? 'unclear' : { host: name };
}

function hostMatches(patterns: string, name: string): boolean {
  let found = false;
  for (const pattern of patterns.split(/[\s,]+/).filter(Boolean)) {
    const glob = compileGlob(pattern.replace(/^!/, '').toLowerCase(), 'fnmatch');
    if (!glob || !globMatches(glob, name.toLowerCase())) continue;
    if (pattern.startsWith('!')) return false;
    found = true;
  }
  return found;
}

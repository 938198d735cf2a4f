/**
 * The configuration of the file daemons of Bareos and Bacula: resources in braces, `Name = value`, names without regard to
 * case and blanks, comments behind `#`, `@file` takes in a file. "Client Configuration" of both manuals.
 */
import { absent, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';

export interface BaculaClient {
  readonly source: string;
  /** Directors that may start jobs, without those that may only look. */
  readonly directors: readonly string[];
}

const MAX_BYTES = 256 * 1024;

/** @param at without ending: `at.conf`, and the directory `at.d` of Bareos */
export async function readBacula(host: Host, at: string): Promise<Fact<BaculaClient>> {
  const texts: string[] = [];
  let source: string | undefined;
  for (const path of [`${at}.conf`, ...(await filesBelow(host, `${at}.d`, 0))]) {
    const file = await host.readText(path, { maxBytes: MAX_BYTES, encoding: 'latin1' });
    if (file.state === 'unreadable') return file;
    if (file.state === 'absent') continue;
    texts.push(file.value.text);
    source ??= path.startsWith(`${at}.d/`) ? `${at}.d` : path;
  }
  return source === undefined
    ? absent(`${at}.conf`)
    : known({ source, directors: texts.flatMap(directorsIn) });
}

async function filesBelow(host: Host, directory: string, depth: number): Promise<string[]> {
  const names = depth > 2 ? undefined : await host.list(directory);
  if (names?.state !== 'known') return [];
  const files: string[] = [];
  for (const name of names.value.slice(0, 100)) {
    const stat = await host.stat(`${directory}/${name}`);
    if (stat.state !== 'known') continue;
    if (stat.value.type === 'directory')
      files.push(...(await filesBelow(host, `${directory}/${name}`, depth + 1)));
    else if (name.endsWith('.conf')) files.push(`${directory}/${name}`);
  }
  return files;
}

/** Pure. Never throws. */
export function directorsIn(text: string): string[] {
  const clean = text.replace(/("(?:[^"\\]|\\.)*")|#.*$/gm, (_, quoted: string | undefined) => quoted ?? '');
  const found: string[] = [];
  for (const [, body = ''] of clean.matchAll(/(?:^|[\s}])director\s*\{([^{}]*)\}/gi)) {
    const values = new Map<string, string>();
    for (const part of body.split(/[\n;]/)) {
      const [, key, value] = /^\s*([A-Za-z ]+?)\s*=\s*(.*?)\s*$/.exec(part) ?? [];
      if (key !== undefined)
        values.set(key.toLowerCase().replaceAll(' ', ''), (value ?? '').replace(/^"|"$/g, ''));
    }
    const name = values.get('name');
    if (name && !/^(?:yes|true|on|1)$/i.test(values.get('monitor') ?? '')) found.push(name.slice(0, 100));
  }
  return found;
}

/** What inetd and xinetd would start: inetd.conf(5), xinetd.conf(5). */
import { defineFact, type Fact, type GetFact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { processes } from './processes.ts';
import { readUnit, systemdUnits } from './systemd-unit.ts';
import { pulledInUnits } from './wanted-units.ts';

export interface SuperService {
  readonly source: string;
  readonly line: number;
  /** As in /etc/services, or a port. */
  readonly service: string;
  /** Program and arguments, without argv[0]; empty: built in. */
  readonly words: readonly string[];
  readonly loopback: boolean;
}

const LOCAL = /^(?:127\.[\d.]+|localhost|\[?::1\]?)$/;

/** Pure. `[address:]service type protocol wait user program argv0 arguments...`; what begins with `#` is off. */
export function parseInetdConf(text: string, source: string): SuperService[] {
  let address = '';
  return text.split(/\r?\n/).flatMap((raw, index) => {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) return [];
    // A line `address:` alone sets it for those that follow.
    const alone = /^(\S+):$/.exec(content)?.[1];
    if (alone !== undefined) address = alone === '*' ? '' : alone;
    const fields = content.split(/\s+/);
    if (alone !== undefined || fields.length < 6) return [];
    const [name = '', , , , , program = '', ...args] = fields;
    const at = name.lastIndexOf(':');
    const own = at < 0 ? address : name.slice(0, at);
    const words = program === 'internal' ? [] : [program, ...args.slice(1)];
    // The wrapper starts what argv[0] names.
    const wrapped = /(?:^|\/)tcpd$/.test(program) ? [args[0] ?? '', ...args.slice(1)] : words;
    const place = { source, line: index + 1, service: name.slice(at + 1), loopback: LOCAL.test(own) };
    return [{ ...place, words: wrapped }];
  });
}

type Block = { name: string; line: number; source: string; set: Map<string, string> };

/** Pure. The blocks of a file; `defaults` is one of them. Includes are the caller's. */
export function parseXinetd(text: string, source: string): { blocks: Block[]; includes: string[] } {
  const blocks: Block[] = [];
  const includes: string[] = [];
  let open: Block | undefined;
  let waiting: Block | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const include = /^include(?:dir)?\s+(\S+)/.exec(content)?.[1];
    const head = /^(?:service\s+(\S+?)|(defaults))\s*(\{)?$/.exec(content);
    if (open === undefined && include !== undefined) includes.push(include);
    else if (open === undefined && head) {
      waiting = { name: head[1] ?? '', line: index + 1, source, set: new Map() };
      if (head[3] === '{') open = waiting;
    } else if (content.startsWith('{')) open = waiting;
    else if (content.startsWith('}')) {
      if (open) blocks.push(open);
      open = undefined;
      waiting = undefined;
    } else if (open) {
      const [, key = '', operator = '', value = ''] = /^(\S+?)\s*([+-]?=)\s*(.*)$/.exec(content) ?? [];
      if (key !== '')
        open.set.set(key, operator === '+=' ? `${open.set.get(key) ?? ''} ${value}`.trim() : value);
    }
  }
  return { blocks, includes };
}

/** Pure. Which services of these blocks are on. */
export function xinetdServices(blocks: readonly Block[]): SuperService[] {
  const defaults = blocks.filter(({ name }) => name === '');
  const listed = (key: string) =>
    defaults.flatMap(({ set }) => (set.get(key) ?? '').split(/\s+/)).filter(Boolean);
  const [enabled, disabled] = [listed('enabled'), listed('disabled')];
  return blocks.flatMap(({ name, line, source, set }) => {
    if (name === '') return [];
    const id = set.get('id') ?? name;
    if (/^yes$/i.test(set.get('disable') ?? '') || disabled.includes(id)) return [];
    if (enabled.length > 0 && !enabled.includes(id)) return [];
    const internal = /\bINTERNAL\b/.test(set.get('type') ?? '');
    const args = (set.get('server_args') ?? '').split(/\s+/).filter(Boolean);
    const named = /\bNAMEINARGS\b/.test(set.get('flags') ?? '');
    const words = internal ? [] : [set.get('server') ?? '', ...(named ? args.slice(1) : args)];
    const bind = set.get('bind') ?? set.get('interface') ?? '';
    return [{ source, line, service: name, words, loopback: LOCAL.test(bind) }];
  });
}

/** Services of super servers that run or are started at boot. */
export const superServices = defineFact<readonly SuperService[]>({
  id: 'super-services',
  collect: async (host, get): Promise<Fact<readonly SuperService[]>> => {
    const found: SuperService[] = [];
    const inetd = await isActive(host, get, ['inetd', 'inetutils-inetd', 'openbsd-inetd', 'rlinetd']);
    if (inetd.state !== 'known') return inetd;
    if (inetd.value) {
      const files = await filesOf(host, '/etc/inetd.conf', '/etc/inetd.d');
      if (files.state !== 'known') return files;
      for (const { path, text } of files.value) found.push(...parseInetdConf(text, path));
    }
    const xinetd = await isActive(host, get, ['xinetd']);
    if (xinetd.state !== 'known') return xinetd;
    if (xinetd.value) {
      const blocks: Block[] = [];
      const waiting = ['/etc/xinetd.conf'];
      const seen = new Set<string>();
      for (let path = waiting.shift(); path !== undefined && seen.size < 500; path = waiting.shift()) {
        if (seen.has(path)) continue;
        seen.add(path);
        const directory = await host.list(path);
        if (directory.state === 'known') {
          waiting.push(
            ...directory.value.filter((name) => !/[.~]/.test(name)).map((name) => `${path}/${name}`),
          );
          continue;
        }
        const file = await host.readText(path, { encoding: 'latin1' });
        if (file.state === 'unreadable') return file;
        if (file.state !== 'known') continue;
        const parsed = parseXinetd(file.value.text, path);
        blocks.push(...parsed.blocks);
        waiting.push(...parsed.includes);
      }
      found.push(...xinetdServices(blocks));
    }
    return known(found);
  },
});

async function filesOf(
  host: Host,
  main: string,
  directory: string,
): Promise<Fact<readonly { path: string; text: string }[]>> {
  const names = await host.list(directory);
  if (names.state === 'unreadable') return names;
  const paths = [main, ...(names.state === 'known' ? names.value.map((name) => `${directory}/${name}`) : [])];
  const files: { path: string; text: string }[] = [];
  for (const path of paths) {
    const file = await host.readText(path, { encoding: 'latin1' });
    if (file.state === 'unreadable') return file;
    if (file.state === 'known') files.push({ path, text: file.value.text });
  }
  return known(files);
}

/** Runs now, is pulled in by a target, or has a start link of sysvinit without a unit that says otherwise. */
async function isActive(host: Host, get: GetFact, names: readonly string[]): Promise<Fact<boolean>> {
  const [running, pulledIn, tree] = [await get(processes), await get(pulledInUnits), await get(systemdUnits)];
  for (const fact of [running, pulledIn, tree]) if (fact.state === 'unreadable') return fact;
  if (running.state === 'known') {
    const base = (path = '') => path.slice(path.lastIndexOf('/') + 1);
    if (running.value.some(({ words }) => names.includes(base(words[0])))) return known(true);
  }
  for (const name of names) {
    for (const type of ['service', 'socket']) {
      if (pulledIn.state !== 'known' || tree.state !== 'known') break;
      if (!pulledIn.value.has(`${name}.${type}`)) continue;
      const unit = await readUnit(host, tree.value, `${name}.${type}`);
      if (unit.state === 'unreadable') return unit;
      if (unit.state === 'known' && unit.value.state === 'loaded') return known(true);
    }
    const own = tree.state === 'known' ? await readUnit(host, tree.value, `${name}.service`) : undefined;
    if (own?.state === 'known' && own.value.state !== 'missing') continue;
    for (const level of ['2', '3', '5']) {
      const links = await host.list(`/etc/rc${level}.d`);
      if (links.state === 'unreadable') return links;
      if (
        links.state === 'known' &&
        links.value.some((link) => link.replace(/^S\d\d/, '') === name && link.startsWith('S'))
      )
        return known(true);
    }
  }
  return known(false);
}

/**
 * Kernel command lines that a boot loader keeps for the next start: GRUB's generated file, its settings, and the entries
 * of the Boot Loader Specification. What the running kernel was started with is another fact (cmdline.ts).
 */
import { defineFact, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { type CmdlineParameter, parseCmdline } from './cmdline.ts';

export interface KernelLine {
  readonly source: string;
  readonly line: number;
  readonly parameters: readonly CmdlineParameter[];
}

/** Generated files, where distributions put them. */
export const GRUB_FILES = ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg'] as const;
const ENTRIES = '/boot/loader/entries';
const SETTINGS = '/etc/default/grub';
const SETTINGS_DIRECTORY = '/etc/default/grub.d';
const MAX_BYTES = 4 * 1024 * 1024;

/** Pure. `linux`, `linux16` and `linuxefi` lines of grub.cfg: the words behind the kernel's name. */
export function parseGrubKernels(text: string, source: string): KernelLine[] {
  return pick(text, source, /^\s*linux(?:16|efi)?\s+\S+\s*(.*)$/);
}

/** Pure. `options` lines of an entry, systemd-boot(7). */
export function parseEntry(text: string, source: string): KernelLine[] {
  return pick(text, source, /^\s*options\s+(.*)$/);
}

/** Pure. `GRUB_CMDLINE_LINUX*` of the file that grub-mkconfig sources; `kernelopts` of grubenv. */
export function parseGrubSettings(text: string, source: string): KernelLine[] {
  return pick(text, source, /^\s*(?:export\s+)?(?:GRUB_CMDLINE_LINUX(?:_DEFAULT)?|kernelopts)=(.*)$/, true);
}

function pick(text: string, source: string, pattern: RegExp, quoted = false): KernelLine[] {
  return text.split(/\r?\n/).flatMap((raw, index) => {
    const words = pattern.exec(raw)?.[1];
    if (words === undefined) return [];
    const inner = quoted ? (/^(["'])(.*)\1\s*(?:#.*)?$/.exec(words)?.[2] ?? words) : words;
    return [{ source, line: index + 1, parameters: parseCmdline(inner) }];
  });
}

/** Empty where there is no boot loader: containers, machines whose kernel comes from outside. */
export const bootEntries = defineFact<readonly KernelLine[]>({
  id: 'boot-entries',
  collect: async (host): Promise<Fact<readonly KernelLine[]>> => {
    const lines: KernelLine[] = [];
    const [entries, settings] = await Promise.all([
      listed(host, ENTRIES, '.conf'),
      listed(host, SETTINGS_DIRECTORY, '.cfg'),
    ]);
    if (entries.state !== 'known') return entries;
    if (settings.state !== 'known') return settings;
    const files: (readonly [string, (text: string, source: string) => KernelLine[]])[] = [
      ...GRUB_FILES.map((path) => [path, parseGrubKernels] as const),
      ...entries.value.map((path) => [path, parseEntry] as const),
      ...[SETTINGS, ...settings.value, '/boot/grub2/grubenv', '/boot/grub/grubenv'].map(
        (path) => [path, parseGrubSettings] as const,
      ),
      ['/etc/kernel/cmdline', (text, source) => [{ source, line: 1, parameters: parseCmdline(text) }]],
    ];
    for (const [path, parse] of files) {
      const file = await host.readText(path, { maxBytes: MAX_BYTES, encoding: 'latin1' });
      if (file.state === 'unreadable') return file;
      if (file.state === 'known') lines.push(...parse(file.value.text, path));
    }
    return known(lines);
  },
});

async function listed(host: Host, directory: string, extension: string): Promise<Fact<readonly string[]>> {
  const names = await host.list(directory);
  if (names.state === 'unreadable') return names;
  if (names.state === 'absent') return known([]);
  return known(names.value.filter((name) => name.endsWith(extension)).map((name) => `${directory}/${name}`));
}

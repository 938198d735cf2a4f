/** What a unit's sandbox keeps from a backup job: systemd.exec(5), "Sandboxing" and "Paths". Pure. */
import type { Text } from '../../shared/outcome.ts';
import type { UnitView } from './backup-job.ts';
import { type Unit, unitList, unitValue } from './systemd-unit.ts';
import { execCommands } from './systemd-unit-file.ts';

const ON = /^(?:1|yes|y|true|t|on)$/i;
const HOMES = ['/home', '/root', '/run/user'];

/** Undefined where nothing is kept from it. */
export function unitView(unit: Unit): UnitView | undefined {
  const value = (key: string): string => unitValue(unit, 'Service', key)?.value ?? '';
  const words = (key: string): string[] =>
    unitList(unit, 'Service', key).flatMap(({ value: text }) => execCommands(text).flat());
  const root = ['RootDirectory', 'RootImage'].find((key) => !['', '/'].includes(value(key)));
  if (root !== undefined)
    return {
      hidden: [],
      doubt: doubtOf(`${root}=`, 'it sees another system', 'er sieht ein anderes System'),
    };
  const hidden: { path: string; by: string }[] = [];
  const hide = (by: string, paths: readonly string[]): void => {
    for (const text of paths) {
      const path = text.replace(/^[-+]+/, '').replace(/:.*$/, '');
      if (path.startsWith('/')) hidden.push({ path: path.replace(/(?<=.)\/+$/, ''), by });
    }
  };
  const home = value('ProtectHome');
  if (ON.test(home) || home === 'tmpfs') hide(`ProtectHome=${home}`, HOMES);
  hide('InaccessiblePaths=', [...words('InaccessiblePaths'), ...words('InaccessibleDirectories')]);
  hide('TemporaryFileSystem=', words('TemporaryFileSystem'));
  if (ON.test(value('PrivateTmp')) || value('PrivateTmp') === 'disconnected')
    hide('PrivateTmp=', ['/tmp', '/var/tmp']);
  // What is bound back in can be seen again.
  const bound = [...words('BindPaths'), ...words('BindReadOnlyPaths')].map((text) => {
    const [from = '', to] = text.replace(/^[-+]+/, '').split(':');
    return { from, to: to ?? from };
  });
  const seen = hidden.filter(({ path }) => !bound.some(({ to }) => to === path));
  const moved = bound.find(({ from, to }) => from !== to);
  const doubt = moved
    ? doubtOf('BindPaths=', `${moved.to} is something else to it`, `${moved.to} ist für ihn etwas anderes`)
    : rightsDoubt(unit);
  if (seen.length === 0 && !doubt) return undefined;
  return { hidden: seen, ...(doubt ? { doubt } : {}) };
}

const doubtOf = (by: string, en: string, de: string): Text => ({
  en: `${by} of the service: ${en}`,
  de: `${by} des Dienstes: ${de}`,
});

/** Root without the right to read every file may miss those of other accounts. */
function rightsDoubt(unit: Unit): Text | undefined {
  const value = (key: string): string => unitValue(unit, 'Service', key)?.value ?? '';
  if (/^(?:1|yes|y|true|t|on|self|identity|full)$/i.test(value('PrivateUsers')))
    return doubtOf(
      'PrivateUsers=',
      'it may not read all files',
      'er darf womöglich nicht alle Dateien lesen',
    );
  if (ON.test(value('DynamicUser')))
    return doubtOf('DynamicUser=', 'it runs as an account of its own', 'er läuft unter einem eigenen Konto');
  const bounds = unitList(unit, 'Service', 'CapabilityBoundingSet');
  if (bounds.length > 0 && !canReadAll(bounds.map(({ value: text }) => text)))
    return doubtOf(
      'CapabilityBoundingSet=',
      'without CAP_DAC_READ_SEARCH it may not read all files',
      'ohne CAP_DAC_READ_SEARCH darf er womöglich nicht alle Dateien lesen',
    );
  return undefined;
}

/** Lists are joined; those behind `~` are taken out; one that begins so starts with all. */
function canReadAll(lists: readonly string[]): boolean {
  let set = new Set<string>(['CAP_DAC_READ_SEARCH', 'CAP_DAC_OVERRIDE']);
  let isFirst = true;
  for (const text of lists) {
    const out = text.startsWith('~');
    const names = text.replace(/^~/, '').toUpperCase().split(/\s+/).filter(Boolean);
    if (isFirst && !out) set = new Set();
    isFirst = false;
    for (const name of names) {
      if (out) set.delete(name);
      else set.add(name);
    }
  }
  return set.has('CAP_DAC_READ_SEARCH') || set.has('CAP_DAC_OVERRIDE');
}

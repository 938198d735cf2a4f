/** What `nachweis decommission` says: what this machine has, what must be recorded about it, and what comes next. */
import { tellApart, unidentifiedWords } from '../shared/disks.ts';
import type { Language } from '../shared/outcome.ts';
import { diskSize, serverErasureForm, vmErasureForm } from '../shared/record-form.ts';
import type { Machine } from '../shared/report.ts';
import { speaker } from './language.ts';
import type { Enrolment } from './state.ts';

export interface MountedFilesystem {
  readonly source: string;
  readonly at: string;
  readonly type: string;
}

export interface Inventory {
  readonly machine: Machine;
  /** Of a VM: what its volumes hold. */
  readonly filesystems: readonly MountedFilesystem[];
}

/** The record to fill in, as YAML. */
export function recordForm(
  { machine }: Inventory,
  { host, name, tenant }: Pick<Enrolment, 'host' | 'name' | 'tenant'>,
  language: Language,
): string {
  const none = { name: '', serial: '', model: '', bytes: 0 };
  const disks = machine.disks.length > 0 ? machine.disks : [none];
  const about = { tenant, hostId: host, hostName: name, disks };
  const own = new Set(tellApart(machine.disks).identified.values());
  return machine.kind === 'vm'
    ? vmErasureForm(about, language)
    : serverErasureForm(about, (disk) => own.has(disk as Machine['disks'][number]), language);
}

export function inventoryText(
  inventory: Inventory,
  { host, name, tenant }: Pick<Enrolment, 'host' | 'name' | 'tenant'>,
  language: Language,
): string {
  const say = speaker(language);
  const { machine, filesystems } = inventory;
  const { unidentified } = tellApart(machine.disks);
  const count = machine.disks.length;
  const vm = machine.kind === 'vm';
  const what = vm
    ? say({
        en: `virtual machine, ${count} ${count === 1 ? 'volume' : 'volumes'}`,
        de: `virtuelle Maschine, ${count} ${count === 1 ? 'Volume' : 'Volumes'}`,
      })
    : say({
        en: `server, ${count} ${count === 1 ? 'disk' : 'disks'}`,
        de: `Server, ${count} ${count === 1 ? 'Datenträger' : 'Datenträger'}`,
      });
  const rows = machine.disks.map((disk) => {
    const odd = unidentified.find((one) => one.disk === disk);
    const note = odd && !vm ? `(${unidentifiedWords[odd.why][language]})` : '';
    return [
      disk.name,
      disk.serial || '–',
      disk.model || '–',
      disk.bytes > 0 ? diskSize(disk.bytes) : '–',
      note,
    ];
  });
  const lines = [
    `${name} (${host}), ${say({ en: 'tenant', de: 'Auftraggeber' })} ${tenant}: ${what}`,
    '',
    ...aligned(rows),
    ...(machine.disksUnreadable || count === 0
      ? [
          say({
            en: '  No disk could be seen. Look inside the machine; the record needs every one of them.',
            de: '  Kein Datenträger war zu sehen. In der Maschine nachsehen; der Nachweis braucht jeden einzelnen.',
          }),
        ]
      : []),
    ...(vm && filesystems.length > 0
      ? [
          '',
          say({ en: '  File systems:', de: '  Dateisysteme:' }),
          ...aligned(filesystems.map(({ source, at, type }) => [at, source, type])),
        ]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}

/** @param confirm what confirms it, as it has to be typed */
export function nextText(
  host: string,
  confirm: string,
  file: string | undefined,
  language: Language,
): string {
  const record = file ?? 'FILE';
  return speaker(language)({
    en: `Nothing was erased, and this command never erases anything.

Next:
  1. ${confirm}
     sends a last report; the key of this host is then retired, and further reports are refused
  2. erase or destroy the disks
  3. fill in the record and, on the collector: nachweis-collector host close ${host} --record ${record}
     until then the host stays owed; 14 days after step 1 the clause on erasure is violated
`,
    de: `Es wurde nichts gelöscht, und dieser Befehl löscht nie etwas.

Weiter:
  1. ${confirm}
     sendet einen letzten Bericht; danach gilt der Schlüssel dieses Systems nicht mehr, weitere Berichte werden abgelehnt
  2. die Datenträger löschen oder vernichten
  3. den Nachweis ausfüllen und auf dem Kollektor: nachweis-collector host close ${host} --record ${record === 'FILE' ? 'DATEI' : record}
     bis dahin bleibt das System geschuldet; 14 Tage nach Schritt 1 ist die Maßnahme zur Löschung verletzt
`,
  });
}

export function doneText(
  { name, host, retiredAt, logIndex }: { name: string; host: string; retiredAt: string; logIndex: number },
  language: Language,
): string {
  const at = `${retiredAt.slice(0, 16).replace('T', ' ')} UTC`;
  return speaker(language)({
    en: `${name} was decommissioned on ${at}; position ${logIndex} in the log. Its key is set aside, reports are refused from now on.
Nothing was erased. Erase or destroy the disks, fill in the record, and on the collector:
  nachweis-collector host close ${host} --record FILE
Stop the agent: its timer or service has nothing left to do.
`,
    de: `${name} wurde am ${at} außer Betrieb genommen; Position ${logIndex} im Protokoll. Der Schlüssel ist beiseitegelegt, Berichte werden ab jetzt abgelehnt.
Es wurde nichts gelöscht. Die Datenträger löschen oder vernichten, den Nachweis ausfüllen und auf dem Kollektor:
  nachweis-collector host close ${host} --record DATEI
Den Agenten abschalten: Timer oder Dienst haben nichts mehr zu tun.
`,
  });
}

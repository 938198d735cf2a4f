/** patch.outdated-processes: an update protects a service only once that runs the new code. */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { type OutdatedProcess, outdatedCode } from '../facts/outdated-code.ts';

const WANTED: Text = { en: 'runs what is installed', de: 'führt aus, was installiert ist' };

/** One piece per unit; processes without one are named by program. Nothing in it changes while the same ones run. */
function grouped(all: readonly OutdatedProcess[]): Evidence[] {
  const groups = new Map<string, { programs: Set<string>; files: Set<string> }>();
  for (const { unit, program, files } of all) {
    const name = unit ?? program;
    const group = groups.get(name) ?? { programs: new Set(), files: new Set() };
    group.programs.add(program);
    for (const file of files) group.files.add(file);
    groups.set(name, group);
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { programs, files }]) => {
      const who = [...programs].sort().slice(0, 5).join(', ');
      const what = [...files].sort();
      const more = what.length > 5 ? ` +${what.length - 5}` : '';
      const list = `${what.slice(0, 5).join(', ')}${more}`;
      return evidence({
        source: '/proc/*/maps',
        found: {
          en: `${name} (${who}) still runs what was replaced: ${list}`,
          de: `${name} (${who}) führt noch Ersetztes aus: ${list}`,
        },
        wanted: WANTED,
      });
    });
}

export const outdatedProcesses = defineCheck({
  id: 'patch.outdated-processes',
  title: {
    en: 'No process runs code that was replaced',
    de: 'Kein Prozess führt ersetzten Code aus',
  },
  why: {
    en: 'After an update the old library stays in the memory of every service that was started before, with the hole that the update closes.',
    de: 'Nach einem Update bleibt die alte Bibliothek im Speicher jedes vorher gestarteten Dienstes, samt der Lücke, die das Update schließt.',
  },
  remedy: {
    en: 'Restart the units named (systemctl restart UNIT); where it is systemd itself, systemctl daemon-reexec; sessions end with a new login. needrestart does this after each update.',
    de: 'Die genannten Units neu starten (systemctl restart UNIT), systemd selbst mit systemctl daemon-reexec; Sitzungen enden mit neuer Anmeldung. needrestart erledigt das nach jedem Update.',
  },
  severity: 'medium',
  params: z.strictObject({
    /** Units that are restarted in a maintenance window only, by name. */
    allowed: z.array(z.string().max(200)).max(100).default([]),
  }),
  needs: { code: outdatedCode },
  appliesTo: always,
  evaluate: ({ code }, { allowed }) => {
    if (code.state === 'absent') {
      return unknown({
        en: 'an unpacked system runs no processes',
        de: 'in einem entpackten System laufen keine Prozesse',
      });
    }
    const { processes, unread } = valueIn(code);
    const open = processes.filter(({ unit }) => unit === undefined || !allowed.includes(unit));
    if (open.length > 0) return fail(grouped(open));
    if (unread) return unknown(unread);
    const found = { en: 'no replaced code is running', de: 'kein ersetzter Code läuft' };
    return pass([evidence({ source: '/proc/*/maps', found, wanted: WANTED }), ...grouped(processes)]);
  },
  references: [
    'BSI IT-Grundschutz: OPS.1.1.3.A15',
    'ISO/IEC 27001:2022 A.8.8',
    'proc_pid_maps(5)',
    'needrestart(1)',
  ],
  examples: async () => (await import('./outdated-processes.examples.ts')).outdatedProcessesExamples,
});

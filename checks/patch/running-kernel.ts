/** patch.running-kernel: the newest installed kernel is the one that runs. */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, notApplicable, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { inContainer } from '../facts/container.ts';
import type { InstalledKernel, Kernel } from '../facts/kernel.ts';
import { compareKernels } from '../facts/kernel-release.ts';
import { runningKernel } from '../facts/running-kernel.ts';

/** A vendor's own flavours stand beside the distribution's kernel; which one the boot loader takes is its setting. */
const OTHER_LINE = /uek|realtime|\+rt|-rt-?|kdump|debug/;

/** The one that a boot loader would choose: the newest by the order of versions, of the line that runs. */
export function newestOfLine({
  running,
  installed,
}: Pick<Kernel, 'running' | 'installed'>): InstalledKernel | undefined {
  const line = (release: string): string => OTHER_LINE.exec(release)?.[0] ?? '';
  return installed
    .filter(({ release }) => line(release) === line(running))
    .toSorted((a, b) => compareKernels(b.release, a.release))[0];
}

export const runningKernelNewest = defineCheck({
  id: 'patch.running-kernel',
  title: { en: 'The newest installed kernel runs', de: 'Der neueste installierte Kernel läuft' },
  why: {
    en: 'A kernel update takes effect with the next boot only. Until then every hole that it closes is open.',
    de: 'Ein Kernel-Update wirkt erst nach dem nächsten Start. Bis dahin ist jede Lücke offen, die es schließt.',
  },
  remedy: {
    en: 'Reboot in the next maintenance window. If the old kernel comes again, correct the default of the boot loader (update-grub, grubby --default-kernel).',
    de: 'Im nächsten Wartungsfenster neu starten. Kommt wieder der alte Kernel, die Voreinstellung des Bootloaders berichtigen (update-grub, grubby --default-kernel).',
  },
  severity: 'medium',
  params: z.strictObject({
    /** Whether an applied live patch (livepatch, kpatch) makes up for a newer installed kernel. */
    livePatch: z.enum(['counts', 'noted']).default('counts'),
  }),
  needs: { container: inContainer, kernel: runningKernel },
  appliesTo: always,
  evaluate: ({ container, kernel }, { livePatch }) => {
    if (kernel.state !== 'unreadable' && valueIn(container)) {
      return notApplicable({
        en: 'a container: its kernel is that of the host',
        de: 'ein Container: sein Kernel ist der des Wirts',
      });
    }
    const { running, built, installed, livePatches } = valueIn(kernel);
    const newest = newestOfLine({ running, installed });
    if (newest === undefined) return unknown(outside);
    const wanted: Text = {
      en: `the newest installed, ${newest.release}`,
      de: `der neueste installierte, ${newest.release}`,
    };
    const seen = evidence({
      source: '/proc/sys/kernel/osrelease',
      found: { en: `running ${running}`, de: `${running} läuft` },
      wanted,
    });
    const own = installed.find(({ release }) => release === running);
    const rebuilt = own !== undefined && built !== undefined && built !== own.version;
    if (compareKernels(running, newest.release) >= 0 && !rebuilt) return pass([seen]);
    const old = rebuilt
      ? evidence({
          source: '/proc/version',
          found: { en: `running ${running}, build ${built}`, de: `${running} läuft, Stand ${built}` },
          wanted: { en: `the installed build, ${own.version}`, de: `der installierte Stand, ${own.version}` },
        })
      : seen;
    if (livePatches.length === 0) return fail([old]);
    const patches = `Live-Patches: ${livePatches.join(', ')}`;
    const patched = evidence({
      source: '/sys/kernel/livepatch',
      found: { en: patches.replace('Live-P', 'live p'), de: patches },
      wanted,
    });
    return livePatch === 'counts' ? pass([old, patched]) : fail([old, patched]);
  },
  references: ['BSI IT-Grundschutz: OPS.1.1.3.A15', 'ISO/IEC 27001:2022 A.8.8', 'proc_version(5)'],
  examples: async () => (await import('./running-kernel.examples.ts')).runningKernelExamples,
});

const outside: Text = {
  en: 'no kernel is installed here: the running one comes from outside and must be judged there',
  de: 'hier ist kein Kernel installiert: der laufende kommt von außen und ist dort zu prüfen',
};

/** patch.reboot-pending: an update that waits for a reboot protects nobody. */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, valueIn } from '../fact.ts';
import type { InstalledKernel, Kernel } from '../facts/kernel.ts';
import { compareKernels } from '../facts/kernel-release.ts';
import { type RebootRequired, rebootRequired } from '../facts/reboot-required.ts';
import { runningKernel } from '../facts/running-kernel.ts';
import { newestOfLine } from './running-kernel.ts';

const DAY_MS = 86_400_000;
const CLOCK_MS = 5 * 60_000;

const fromFuture: Text = {
  en: 'since when a reboot is asked for can not be told: that time has not come yet, so the clock is or was wrong',
  de: 'seit wann ein Neustart verlangt wird, ist nicht zu sagen: Die Zeit ist noch nicht gekommen, die Uhr geht oder ging falsch',
};

/** Undefined where the running kernel is as new as the newest installed one, of its own build. */
function behind({ running, built, installed }: Kernel, newest: InstalledKernel): Evidence | undefined {
  if (compareKernels(running, newest.release) < 0) {
    return evidence({
      source: '/proc/sys/kernel/osrelease',
      found: { en: `running ${running}`, de: `${running} läuft` },
      wanted: {
        en: `the newest installed, ${newest.release}`,
        de: `der neueste installierte, ${newest.release}`,
      },
    });
  }
  const own = installed.find(({ release }) => release === running);
  if (own === undefined || built === undefined || built === own.version) return undefined;
  return evidence({
    source: '/proc/version',
    found: { en: `running ${running}, build ${built}`, de: `${running} läuft, Stand ${built}` },
    wanted: { en: `the installed build, ${own.version}`, de: `der installierte Stand, ${own.version}` },
  });
}

function flagEvidence(flag: Fact<RebootRequired>, maxDays: number): Evidence {
  const wanted = {
    en: `no reboot asked for, or for at most ${maxDays} days`,
    de: `kein Neustart verlangt oder seit höchstens ${maxDays} Tagen`,
  };
  if (flag.state !== 'known') {
    return evidence({
      source: flag.source,
      found: { en: 'no reboot asked for', de: 'kein Neustart verlangt' },
      wanted,
    });
  }
  const { path, since, packages } = flag.value;
  const names = packages.slice(0, 10).join(', ');
  return evidence({
    source: path,
    found: {
      en: `asked for since ${since}${names ? ` by ${names}` : ''}`,
      de: `verlangt seit ${since}${names ? ` durch ${names}` : ''}`,
    },
    wanted,
  });
}

export const rebootPending = defineCheck({
  id: 'patch.reboot-pending',
  title: { en: 'No reboot is overdue', de: 'Kein Neustart ist überfällig' },
  why: {
    en: 'A new kernel or C library protects only once the old one is gone from memory.',
    de: 'Ein neuer Kernel oder eine neue C-Bibliothek schützt erst, wenn die alte nicht mehr im Speicher ist.',
  },
  remedy: {
    en: 'Reboot the system in its next maintenance window; /run/reboot-required.pkgs or dnf needs-restarting -r names the packages that ask for it. With transactional-update the new snapshot takes effect only then.',
    de: 'Das System im nächsten Wartungsfenster neu starten; /run/reboot-required.pkgs oder dnf needs-restarting -r nennt die Pakete, die das verlangen. Mit transactional-update wirkt der neue Snapshot erst dann.',
  },
  severity: 'medium',
  params: z.strictObject({
    /** How long the flag may stand. */
    maxDays: z.number().nonnegative().max(365).default(7),
    /**
     * Whether a live patch makes up for a newer installed kernel. By itself it is only noted: it can't be seen from
     * here whether the patch holds every correction of that kernel.
     */
    livePatch: z.enum(['noted', 'counts']).default('noted'),
  }),
  needs: { kernel: runningKernel, flag: rebootRequired },
  appliesTo: always,
  evaluate: ({ kernel: fact, flag }, { maxDays, livePatch }, now) => {
    const flagged = flagEvidence(flag, maxDays);
    if (flag.state === 'unreadable') return unknown(flag.reason);
    if (flag.state === 'known' && Date.parse(flag.value.since) < now.getTime() - maxDays * DAY_MS)
      return fail([flagged]);
    if (flag.state === 'known' && Date.parse(flag.value.since) > now.getTime() + CLOCK_MS)
      return unknown(fromFuture, [flagged]);
    const state = valueIn(fact);
    const newest = newestOfLine(state);
    if (newest === undefined) {
      return unknown(
        {
          en: 'no kernel is installed here: the running one comes from outside (a container, or a kernel that the hypervisor brings) and must be judged there',
          de: 'hier ist kein Kernel installiert: der laufende kommt von außen (Container oder vom Hypervisor gestellter Kernel) und ist dort zu prüfen',
        },
        [flagged],
      );
    }
    const old = behind(state, newest);
    const current = evidence({
      source: newest.image,
      found: { en: `running ${state.running}`, de: `${state.running} läuft` },
      wanted: {
        en: `the newest installed, ${newest.release}`,
        de: `der neueste installierte, ${newest.release}`,
      },
    });
    if (old === undefined) return pass([current, flagged]);
    if (state.livePatches.length === 0) return fail([old, flagged]);
    const patched = evidence({
      source: '/sys/kernel/livepatch',
      found: {
        en: `live patches: ${state.livePatches.join(', ')}`,
        de: `Live-Patches: ${state.livePatches.join(', ')}`,
      },
      wanted: { en: 'the newest installed kernel', de: 'der neueste installierte Kernel' },
    });
    if (livePatch === 'counts') return pass([old, patched, flagged]);
    return unknown(
      {
        en: 'a live patch is applied; whether it holds every correction of the newest installed kernel can not be seen here',
        de: 'ein Live-Patch ist aktiv; ob er alle Korrekturen des neuesten installierten Kernels enthält, ist hier nicht zu sehen',
      },
      [old, patched, flagged],
    );
  },
  references: [
    'BSI IT-Grundschutz: OPS.1.1.3.A15',
    'ISO/IEC 27001:2022 A.8.8',
    'deb-version(7)',
    'proc_version(5), dnf-needs-restarting(8), zypper(8), transactional-update(8)',
  ],
  examples: async () => (await import('./reboot-examples.ts')).rebootPendingExamples,
});

/** patch.obsolete-packages: what no source has any more gets no security update, and nothing says so. */
import { z } from 'zod';
import { always, defineCheck, fail, pass } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { osRelease } from '../facts/os-release.ts';
import { obsoletePackages as fact } from '../facts/patch-state.ts';
import { needsApt, usesRpm } from './package-manager.ts';

export const obsoletePackages = defineCheck({
  id: 'patch.obsolete-packages',
  title: {
    en: 'Packages from no source any more are known',
    de: 'Pakete ohne Quelle sind bekannt',
  },
  why: {
    en: 'A package that its source has dropped, or that was installed by hand, stays as it is: it never counts as pending, whatever holes it has.',
    de: 'Ein Paket, das seine Quelle nicht mehr führt oder das von Hand installiert wurde, bleibt, wie es ist: Es gilt nie als ausstehend, welche Lücken es auch hat.',
  },
  remedy: {
    en: 'Look through the list: remove what is not needed, add the source that is missing, or update it yourself.',
    de: 'Die Liste durchsehen: nicht Benötigtes entfernen, fehlende Quellen ergänzen oder selbst aktualisieren.',
  },
  severity: 'low',
  params: z.strictObject({
    /** By default they are only listed. */
    outcome: z.enum(['listed', 'fail']).default('listed'),
    /** Packages that are known to come from elsewhere, by name. */
    allowed: z.array(z.string().max(200)).max(100).default([]),
  }),
  needs: { os: osRelease, obsolete: fact },
  appliesTo: always,
  evaluate: ({ os, obsolete }, { outcome, allowed }) => {
    if (!usesRpm(os)) needsApt(obsolete);
    const wanted = { en: 'in an index', de: 'in einem Index' };
    const { source, packages } = valueIn(obsolete);
    const open = packages.filter(({ name }) => !allowed.includes(name));
    if (open.length === 0) {
      const found = { en: 'every package has a source', de: 'jedes Paket hat eine Quelle' };
      return pass([evidence({ source, found, wanted })]);
    }
    const listed = open.map(({ name, version }) =>
      evidence({
        source,
        found: { en: `${name} ${version}: from no source`, de: `${name} ${version}: ohne Quelle` },
        wanted,
      }),
    );
    return outcome === 'fail' ? fail(listed) : pass(listed);
  },
  references: [
    'BSI IT-Grundschutz: OPS.1.1.3.A15',
    'ISO/IEC 27001:2022 A.8.8',
    'apt-patterns(7), dnf(8), zypper(8)',
  ],
  examples: async () => (await import('./obsolete-packages.examples.ts')).obsoletePackagesExamples,
});

/** patch.release-supported: for a release past its end nobody makes security updates any more. */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { osRelease } from '../facts/os-release.ts';
import { type Phase, type ReleaseSupport, releaseSupport } from '../facts/release-support.ts';

const WANTED: Text = {
  en: 'security updates on this day',
  de: 'Sicherheitsupdates am Tag der Prüfung',
};

/** What shows that a phase that has to be ordered is in use. */
const SIGNS: Readonly<Record<Phase['needs'], Text>> = {
  nothing: { en: '', de: '' },
  elts: { en: 'its archive is no source here', de: 'ihr Archiv ist hier keine Quelle' },
  esm: { en: 'its archive is no source here', de: 'ihr Archiv ist hier keine Quelle' },
  legacy: { en: 'a further subscription', de: 'ein weiteres Abonnement' },
  ltss: { en: 'the product is not registered here', de: 'das Produkt ist hier nicht registriert' },
  eus: { en: 'its sources are not in use here', de: 'seine Quellen sind hier nicht in Gebrauch' },
  els: { en: 'a further subscription', de: 'ein weiteres Abonnement' },
};

/** Through the end of that day, UTC. */
const lasts = ({ until }: Phase, now: Date): boolean => now.toISOString().slice(0, 10) <= until;

const label = ({ name }: Phase): Text =>
  name === 'standard'
    ? { en: 'security support', de: 'Sicherheitsunterstützung' }
    : { en: `${name} support`, de: `Unterstützung als ${name}` };

function phaseEvidence(support: ReleaseSupport, phase: Phase, source: string, more?: Text): Evidence {
  const { en, de } = label(phase);
  return evidence({
    source,
    found: {
      en: `${support.name}: ${en} until ${phase.until}${more ? ` (${more.en})` : ''}`,
      de: `${support.name}: ${de} bis ${phase.until}${more ? ` (${more.de})` : ''}`,
    },
    wanted: WANTED,
  });
}

export const releaseSupported = defineCheck({
  id: 'patch.release-supported',
  title: {
    en: 'The release still gets security updates',
    de: 'Die Version erhält noch Sicherheitsupdates',
  },
  why: {
    en: 'After the end of its support holes are still found and published, but nobody closes them: "no update pending" then means nothing.',
    de: 'Nach dem Ende der Unterstützung werden weiter Lücken gefunden und veröffentlicht, aber niemand schließt sie: „kein Update ausstehend“ heißt dann nichts.',
  },
  remedy: {
    en: 'Upgrade to a supported release. Until then order extended support and add its archive (Debian ELTS, Ubuntu Pro, SUSE LTSS, RHEL ELS). Where RHEL is kept at a minor release, let it go on (subscription-manager release --unset) or use the sources of its EUS.',
    de: 'Auf eine unterstützte Version umsteigen. Bis dahin verlängerte Unterstützung beauftragen und ihr Archiv einbinden (Debian ELTS, Ubuntu Pro, SUSE LTSS, RHEL ELS). Ist RHEL auf eine Unterversion festgelegt, diese freigeben (subscription-manager release --unset) oder die Quellen ihres EUS verwenden.',
  },
  severity: 'critical',
  params: z.strictObject({}),
  needs: { os: osRelease, support: releaseSupport },
  appliesTo: always,
  evaluate: ({ os, support: fact }, _params, now) => {
    const { name } = valueIn(os);
    if (fact.state === 'absent') {
      return unknown({
        en: `nothing here says until when ${name} gets security updates`,
        de: `nichts hier sagt, bis wann ${name} Sicherheitsupdates erhält`,
      });
    }
    const support = valueIn(fact);
    const { phases, extensions, source } = support;
    const free = phases.find((phase) => phase.needs === 'nothing' && lasts(phase, now));
    if (free) return pass([phaseEvidence(support, free, source)]);
    for (const phase of phases) {
      const sign = extensions.find(({ needs }) => needs === phase.needs);
      if (sign && lasts(phase, now)) return pass([phaseEvidence(support, phase, sign.source)]);
    }
    const ended = phases.filter((phase) => phase.needs === 'nothing');
    const open = phases.filter((phase) => phase.needs !== 'nothing' && lasts(phase, now));
    const seen = [...ended, ...open].map((phase) =>
      phaseEvidence(support, phase, source, phase.needs === 'nothing' ? undefined : SIGNS[phase.needs]),
    );
    // Ordered as a further subscription, these come from archives that are in use already.
    const unseen = open.find(
      ({ needs }) =>
        needs === 'els' || (needs === 'legacy' && extensions.some((extension) => extension.needs === 'esm')),
    );
    if (unseen) {
      return unknown(
        {
          en: `${name} is past its end; whether ${unseen.name} was ordered can not be seen here`,
          de: `${name} ist abgekündigt; ob ${unseen.name} beauftragt ist, ist hier nicht zu sehen`,
        },
        seen,
      );
    }
    return fail(seen);
  },
  references: [
    'BSI IT-Grundschutz: OPS.1.1.3.A15, SYS.1.1.A39',
    'ISO/IEC 27001:2022 A.8.8',
    'os-release(5), debian-distro-info(1), dnf.conf(5)',
  ],
  examples: async () => (await import('./release-supported.examples.ts')).releaseSupportedExamples,
});

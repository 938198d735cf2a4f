/** What people read about the freshness of a package index. */
import type { Evidence, Text } from '../../shared/outcome.ts';
import { evidence } from '../evidence.ts';
import type { Freshness } from '../facts/index-freshness.ts';
import type { PackageIndex } from '../facts/pending-updates.ts';

/** Why an `unsure` or `future` index gives no verdict. */
export function whyUnclear({ place, reached }: PackageIndex, state: Freshness): Text {
  if (state === 'future') {
    return {
      en: `the index of ${place} is from the future: this system's clock or the index is wrong`,
      de: `der Index von ${place} stammt aus der Zukunft: die Uhr dieses Systems oder der Index ist falsch`,
    };
  }
  if (reached === undefined) {
    return {
      en: `when ${place} was last reached can not be seen on an unpacked system`,
      de: `wann ${place} zuletzt erreicht wurde, ist einem entpackten System nicht anzusehen`,
    };
  }
  return {
    en: `the index of ${place} came to this system together with its programs (a copy or an image); fetching the indexes anew settles it`,
    de: `der Index von ${place} kam zusammen mit den Programmen auf dieses System (Kopie oder Abbild); ein neuer Abruf schafft Klarheit`,
  };
}

/** Instants only, never ages. */
export function freshnessEvidence(index: PackageIndex, state: Freshness, maxAgeDays: number): Evidence {
  const { place, file, line, made, reached, validUntil } = index;
  const wanted = {
    en: `reached at most ${maxAgeDays} days ago, not past its Valid-Until`,
    de: `höchstens ${maxAgeDays} Tage nach dem letzten Abruf, Valid-Until nicht überschritten`,
  };
  if (state === 'never') {
    return evidence({
      source: file,
      line,
      found: { en: `${place}: never fetched`, de: `${place}: nie abgerufen` },
      wanted,
    });
  }
  const instants = [
    ...(made ? [`Date ${made}`] : []),
    ...(state === 'expired' && validUntil ? [`Valid-Until ${validUntil}`] : []),
  ];
  return evidence({
    source: file,
    found: {
      en: [place, ...(reached ? [`last reached ${reached}`] : []), ...instants].join(', '),
      de: [place, ...(reached ? [`zuletzt erreicht ${reached}`] : []), ...instants].join(', '),
    },
    wanted,
  });
}

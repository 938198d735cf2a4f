/** How fresh a package index is, at one instant: the judging that `index-fresh` and `security-updates` share. */
import type { Evidence, Text } from '../../shared/outcome.ts';
import { evidence } from '../evidence.ts';
import type { AptIndex } from '../facts/apt-index.ts';

/** `unsure`: what is there neither shows that it is fresh nor that it is not. */
export type Freshness = 'fresh' | 'stale' | 'expired' | 'never' | 'future' | 'unsure';

const DAY_MS = 86_400_000;
const CLOCK_MS = 5 * 60_000;

/**
 * Fresh: made by the archive (signed `Date`) or reached by apt within `maxAgeDays`. Past its Valid-Until it is
 * expired, unless that is switched off for the source.
 */
export function freshness(index: AptIndex, maxAgeDays: number, now: Date): Freshness {
  const { release, changed, changedByUpdate, source } = index;
  if (!release) return 'never';
  const oldest = now.getTime() - maxAgeDays * DAY_MS;
  const made = release.date === undefined ? Number.NEGATIVE_INFINITY : Date.parse(release.date);
  const reached = changed === undefined ? undefined : Date.parse(changed);
  if (made > now.getTime() + CLOCK_MS || (reached ?? 0) > now.getTime() + CLOCK_MS) return 'future';
  if (source.validUntil && release.validUntil && Date.parse(release.validUntil) < now.getTime())
    return 'expired';
  if (made >= oldest) return 'fresh';
  if (reached === undefined) return 'unsure';
  if (reached < oldest) return 'stale';
  return changedByUpdate ? 'fresh' : 'unsure';
}

/** Why an `unsure` or `future` index gives no verdict. */
export function whyUnclear(index: AptIndex, state: Freshness): Text {
  const { uri, suite } = index.source;
  if (state === 'future') {
    return {
      en: `the index of ${uri} ${suite} is from the future: this system's clock or the index is wrong`,
      de: `der Index von ${uri} ${suite} stammt aus der Zukunft: die Uhr dieses Systems oder der Index ist falsch`,
    };
  }
  if (index.changed === undefined) {
    return {
      en: `when ${uri} ${suite} was last reached can not be seen on an unpacked system`,
      de: `wann ${uri} ${suite} zuletzt erreicht wurde, ist einem entpackten System nicht anzusehen`,
    };
  }
  return {
    en: `the index of ${uri} ${suite} came to this system together with its programs (a copy or an image); apt-get update settles it`,
    de: `der Index von ${uri} ${suite} kam zusammen mit den Programmen auf dieses System (Kopie oder Abbild); apt-get update schafft Klarheit`,
  };
}

/** Instants only, never ages. */
export function freshnessEvidence(index: AptIndex, state: Freshness, maxAgeDays: number): Evidence {
  const { release, changed, source, file } = index;
  const place = `${source.uri} ${source.suite}`;
  const wanted = {
    en: `reached at most ${maxAgeDays} days ago, not past its Valid-Until`,
    de: `höchstens ${maxAgeDays} Tage nach dem letzten Abruf, Valid-Until nicht überschritten`,
  };
  if (!release) {
    return evidence({
      source: source.file,
      line: source.line,
      found: { en: `${place}: never fetched`, de: `${place}: nie abgerufen` },
      wanted,
    });
  }
  const instants = [
    ...(release.date ? [`Date ${release.date}`] : []),
    ...(state === 'expired' && release.validUntil ? [`Valid-Until ${release.validUntil}`] : []),
  ];
  return evidence({
    source: file,
    found: {
      en: [place, ...(changed ? [`last reached ${changed}`] : []), ...instants].join(', '),
      de: [place, ...(changed ? [`zuletzt erreicht ${changed}`] : []), ...instants].join(', '),
    },
    wanted,
  });
}

/** Sources of dnf and zypper, for patch.sources-trusted. Pure. */
import type { Evidence, Text } from '../../shared/outcome.ts';
import { fail, pass, unknown, type Verdict } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, valueIn } from '../fact.ts';
import { isIssuer } from '../facts/openpgp.ts';
import type { HeldRpmKey } from '../facts/rpm-keys.ts';
import type { RpmSource } from '../facts/rpm-trust.ts';
import { keyFlaw, short, signatureFlaw } from './key-flaw.ts';

const WANTED: Text = {
  en: 'gpgcheck=1, sslverify=1, a strong key that has not ended',
  de: 'gpgcheck=1, sslverify=1, ein starker, nicht abgelaufener Schlüssel',
};

/** Packages are signed, the index that names them is not: said, not judged, for nothing false gets in that way. */
const HIDES: Text = {
  en: 'its index is unsigned and comes without TLS: whoever is in between can hide updates',
  de: 'ihr Index ist nicht signiert und kommt ohne TLS: Wer dazwischen sitzt, kann Updates verschweigen',
};

interface Flawed {
  readonly held: HeldRpmKey;
  readonly flaw: Text;
}

/**
 * The key that a source rests on, or why none of those it could rest on counts: by the signature of its index where that is
 * on disk, else by every key that it names. rpm and zypper go on with a key that has ended, at most with a warning.
 */
function basis({ keys, signatures }: RpmSource, now: Date): { good?: HeldRpmKey; bad?: Flawed } {
  const matched = signatures.flatMap((signature) =>
    keys
      .filter(({ key }) => isIssuer(signature.issuer, key))
      .map((held) => ({ held, flaw: signatureFlaw(signature, held.key, now) })),
  );
  const named = keys.filter(({ key }) => key.signs).map((held) => ({ held, flaw: keyFlaw(held.key, now) }));
  const judged = matched.length > 0 ? matched : named;
  const good = judged.find(({ flaw }) => flaw === undefined);
  if (good) return { good: good.held };
  const bad = judged.find((each): each is Flawed => each.flaw !== undefined);
  return bad ? { bad } : {};
}

function judge(source: RpmSource, now: Date): { good?: Evidence; bad?: Evidence } {
  const { id, place, file, line } = source;
  const show = (en: string, de: string, at: { source: string; line?: number } = { source: file, line }) =>
    evidence({
      ...at,
      found: { en: `${id} ${place}: ${en}`, de: `${id} ${place}: ${de}` },
      wanted: WANTED,
    });
  if (!source.signed) return { bad: show('no signature is asked for', 'keine Signatur verlangt') };
  // Without a signed index its truth hangs on the server's certificate: it could hide updates.
  if (source.anyServer && !source.signedIndex)
    return { bad: show('any server is believed', 'jedem Server wird geglaubt') };
  const { good, bad } = basis(source, now);
  if (bad) {
    const { key, file: keyring } = bad.held;
    const [en, de] = [`its key ${short(key)} ${bad.flaw.en}`, `Schlüssel ${short(key)} ${bad.flaw.de}`];
    return { bad: show(en, de, { source: keyring }) };
  }
  const hides = source.unproven && !source.signedIndex;
  const until = good?.key.expires;
  const key = good ? ` (${short(good.key)}, ${good.key.algorithm}` : '';
  const [en, de] = [until ? `, until ${until}` : '', until ? `, bis ${until}` : ''];
  const [alsoEn, alsoDe] = hides ? [`; ${HIDES.en}`, `; ${HIDES.de}`] : ['', ''];
  return {
    good: show(
      `signatures are verified${good ? `${key}${en})` : ''}${alsoEn}`,
      `Signaturen werden geprüft${good ? `${key}${de})` : ''}${alsoDe}`,
    ),
  };
}

export function judgeRpmSources(fact: Fact<readonly RpmSource[]>, now: Date): Verdict {
  const judged = valueIn(fact).map((source) => judge(source, now));
  const bad = judged.flatMap((each) => each.bad ?? []);
  if (bad.length > 0) return fail(bad);
  if (judged.length === 0) return unknown(NO_SOURCE);
  return pass(judged.flatMap((each) => each.good ?? []));
}

export const NO_SOURCE: Text = {
  en: 'no package source is switched on',
  de: 'keine Paketquelle ist eingeschaltet',
};

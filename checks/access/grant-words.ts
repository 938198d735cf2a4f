/** Grants in the words of evidence. */
import type { Grant, Party } from '../../shared/grant.ts';
import type { Text } from '../../shared/outcome.ts';

const PARTIES: Readonly<Record<Party, Text>> = {
  provider: { en: 'provider', de: 'Auftragnehmer' },
  customer: { en: 'customer', de: 'Auftraggeber' },
  service: { en: 'service', de: 'Dienst' },
};

/** `a.muster (provider), until 2026-12-31T00:00:00.000Z`. */
export function grantInWords({ subject, party, until }: Grant): Text {
  return {
    en: `${subject} (${PARTIES[party].en}), until ${until}`,
    de: `${subject} (${PARTIES[party].de}), bis ${until}`,
  };
}

export const GRANTED: Text = { en: 'a grant that is in force', de: 'eine gültige Zugriffsfreigabe' };

/**
 * What the collector wants on this host: its policy, and the register of grants in it. Both are known or unreadable,
 * never absent: that nobody keeps a register must not read like a register without entries.
 */
import type { Grant } from '../../shared/grant.ts';
import type { Text } from '../../shared/outcome.ts';
import type { PolicyView } from '../../shared/policy.ts';
import { defineFact, known, unreadable } from '../fact.ts';

export const POLICY = 'policy';

const noPolicy: Text = {
  en: 'no register of grants: no policy has come from a collector',
  de: 'kein Register der Zugriffsfreigaben: Von einem Kollektor liegen keine Vorgaben vor',
};

const noRegister: Text = {
  en: 'no register of grants: the policy names none',
  de: 'kein Register der Zugriffsfreigaben: Die Vorgaben enthalten keines',
};

const ranOut = (validUntil: string): Text => ({
  en: `the policy was valid until ${validUntil}`,
  de: `die Vorgaben galten bis ${validUntil}`,
});

export const policy = defineFact<PolicyView>({
  id: 'policy',
  collect: async (host, _get, now) => {
    const found = host.policy;
    if (found.state === 'absent') return unreadable(POLICY, noPolicy);
    if (found.state === 'known' && Date.parse(found.value.validUntil) <= now.getTime())
      return unreadable(POLICY, ranOut(found.value.validUntil));
    return found;
  },
});

/**
 * Every grant that concerns this host, those that ended and those that have yet to begin among them:
 * `liveGrants(grants, now)` of shared/grant.ts picks the ones that count.
 */
export const grants = defineFact<readonly Grant[]>({
  id: 'grants',
  collect: async (_host, get) => {
    const found = await get(policy);
    if (found.state !== 'known') return found;
    return found.value.grants === null ? unreadable(POLICY, noRegister) : known(found.value.grants);
  },
});

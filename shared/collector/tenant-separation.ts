/**
 * Can people of one customer get onto another customer's host? Looked at from the tenant whose hosts they would be on.
 * A key or directory account is one identity wherever it stands; a local account is not: `deploy` here and there are
 * two. Nothing here names the other customer: its name is nobody else's business.
 */
import type { StatusHost } from '../clause-status.ts';
import { freshness } from '../freshness.ts';
import { standingOf } from '../host-standing.ts';
import type { Text } from '../outcome.ts';
import { type CollectorCheck, type CollectorFacts, type Finding, judged } from './check.ts';

export interface SeparationFacts {
  /** Who can enter, of the hosts whose last report says so; by host id. */
  readonly matrices: ReadonlyMap<string, MatrixView>;
  /** Live grants of this tenant to people of the customer and others, as far as they concern keys and persons. */
  readonly own: GrantView;
  /** Live grants of all other tenants to their own people. */
  readonly foreign: GrantView;
  /** Keys that open hosts of other tenants too. */
  readonly keysElsewhere: ReadonlySet<string>;
}

export interface GrantView {
  /** Of the party `customer`. */
  readonly keys: ReadonlySet<string>;
  readonly subjects: ReadonlySet<string>;
  readonly accounts: ReadonlySet<string>;
  /** Keys of the provider's staff and services. */
  readonly staffKeys: ReadonlySet<string>;
}

export interface MatrixView {
  /** The matrix may lack ways in: there was no room, or something could not be read. */
  readonly incomplete: boolean;
  readonly entries: readonly {
    readonly account: string;
    /** Fingerprint, where the way in is a key. */
    readonly key: string | null;
    readonly granted: boolean;
  }[];
}

const ID = 'collector.tenant-separation';

export const tenantSeparationCheck: CollectorCheck = {
  id: ID,
  title: {
    de: 'Niemand eines anderen Auftraggebers hat Zugang',
    en: 'Nobody of another customer has access',
  },
  why: {
    de: 'Eine Person, ein Konto oder ein Schlüssel eines anderen Auftraggebers auf diesem System wäre genau der Zugriff, den die Mandantentrennung ausschließt.',
    en: 'A person, account or key of another customer on this host would be the very access that the separation of tenants rules out.',
  },
  remedy: {
    de: 'Den genannten Schlüssel oder das Konto vom System entfernen oder klären, wem es gehört: Personal des Auftragnehmers wird mit party: provider freigegeben (nachweis-collector policy apply).',
    en: "Take the key or account named off the host, or settle whose it is: the provider's staff are granted with party: provider (nachweis-collector policy apply).",
  },
  severity: 'critical',
  evaluate: (facts) => [
    judged(ID, findings(facts), facts.now, {
      none: { de: 'Kein System steht im Leistungsumfang.', en: 'No host is in the contract.' },
      unknown: (count, total) => ({
        de: `Bei ${count} von ${total} Systemen ist nicht klar, ob jemand eines anderen Auftraggebers Zugang hat.`,
        en: `On ${count} of ${total} hosts it is not known whether anybody of another customer has access.`,
      }),
      fail: (count) => ({
        de: `Jemand eines anderen Auftraggebers hat Zugang oder eine Freigabe (${count === 1 ? 'ein Befund' : `${count} Befunde`}).`,
        en: `Somebody of another customer has access, or a grant (${count === 1 ? 'one finding' : `${count} findings`}).`,
      }),
      pass: (total) => ({
        de: `Auf ${total === 1 ? 'dem einen System' : `allen ${total} Systemen`} hat niemand eines anderen Auftraggebers Zugang.`,
        en: `On ${total === 1 ? 'the one host' : `all ${total} hosts`} nobody of another customer has access.`,
      }),
    }),
  ],
};

function findings({ hosts, separation, now }: CollectorFacts): Finding[] {
  const owed = hosts.filter((host) => standingOf(host, now) === 'owed');
  if (owed.length === 0) return [];
  const shared = [...separation.own.subjects].filter((subject) => separation.foreign.subjects.has(subject));
  const people = shared.map(
    (subject): Finding => ({
      outcome: 'fail',
      evidence: {
        source: `grants: ${subject}`,
        found: {
          de: 'auch als Person eines anderen Auftraggebers freigegeben',
          en: 'also granted as a person of another customer',
        },
        wanted: nobody,
      },
    }),
  );
  return [...people, ...owed.map((host) => ofHost(host, separation, now))];
}

const nobody: Text = {
  de: 'niemand eines anderen Auftraggebers',
  en: 'nobody of another customer',
};

/** One finding per host: the worst, with all that belongs to it said in one line each would be too many. */
function ofHost(host: StatusHost, facts: SeparationFacts, now: string): Finding {
  const finding = (outcome: Finding['outcome'], source: string, found: Text): Finding => ({
    outcome,
    evidence: { source: `${host.name}${source}`.slice(0, 1000), found, wanted: nobody },
  });
  const matrix = facts.matrices.get(host.id);
  const entries = matrix?.entries ?? [];
  const named = (what: readonly string[]) =>
    what.length > 0 ? `: ${[...new Set(what)].slice(0, 10).join(', ')}` : '';

  const keys = entries.flatMap(({ key }) => (key !== null && facts.foreign.keys.has(key) ? [key] : []));
  const accounts = entries.flatMap(({ account, granted }) =>
    !granted && isDirectoryAccount(account) && facts.foreign.accounts.has(account) ? [account] : [],
  );
  if (keys.length + accounts.length > 0)
    return finding('fail', named([...keys, ...accounts]), {
      de: 'gehört einem anderen Auftraggeber',
      en: 'belongs to another customer',
    });
  const open = entries.flatMap(({ key, granted }) =>
    key !== null &&
    facts.keysElsewhere.has(key) &&
    !(granted && (facts.own.staffKeys.has(key) || facts.own.keys.has(key)))
      ? [key]
      : [],
  );
  if (open.length > 0)
    return finding('unknown', named(open), {
      de: 'öffnet auch Systeme anderer Auftraggeber, und es ist nicht als Schlüssel des Auftragnehmers freigegeben',
      en: "also opens hosts of other customers, and is not granted as a key of the provider's",
    });
  const strangers = entries.flatMap(({ account, granted }) =>
    !granted && facts.foreign.accounts.has(account) ? [account] : [],
  );
  if (strangers.length > 0)
    return finding('unknown', named(strangers), {
      de: 'hier nicht freigegeben; so heißt auch ein Konto eines anderen Auftraggebers',
      en: 'not granted here; an account of another customer has the same name',
    });
  if (!matrix)
    return finding('unknown', '', {
      de: 'hat nicht berichtet, wer Zugang hat',
      en: 'has not said who can enter it',
    });
  const { agent } = host;
  if (
    !agent ||
    agent.retiredAt !== null ||
    freshness(agent.receivedAt, agent.intervalSeconds, now) !== 'fresh'
  )
    return finding('unknown', '', { de: 'der Bericht ist veraltet', en: 'its report is stale' });
  if (matrix.incomplete)
    return finding('unknown', '', {
      de: 'nicht alle Zugangswege waren zu sehen',
      en: 'not every way in could be seen',
    });
  return finding('pass', '', { de: 'niemand', en: 'nobody' });
}

/** `user@domain` or `DOMAIN\user`: one identity on every host that knows the directory. */
const isDirectoryAccount = (account: string) => /[@\\]/.test(account);

/** Per host: is what the contract calls a VM one, and is nothing owed any more from when it was a server? */
import type { CollectorResult } from '../clause-basis.ts';
import type { StatusHost } from '../clause-status.ts';
import { standingOf } from '../host-standing.ts';
import { kindOf } from '../obligations.ts';
import type { CollectorCheck, CollectorFacts } from './check.ts';
import { nameOf } from './obligation-findings.ts';

const ID = 'collector.kind-agrees';

export const kindAgreesCheck: CollectorCheck = {
  id: ID,
  title: {
    de: 'Die Art im Leistungsumfang stimmt mit dem System überein',
    en: 'The kind in the contract agrees with the host',
  },
  why: {
    de: 'Die Art entscheidet, ob jeder Datenträger einzeln nachzuweisen ist. Ein Server, der als VM geführt wird, entzöge seine Datenträger diesem Nachweis.',
    en: 'The kind decides whether each disk has to be accounted for. A server that is kept as a VM would take its disks out of that.',
  },
  remedy: {
    de: 'Die Art im Leistungsumfang richtigstellen (nachweis-collector contract set --kind), und für Datenträger aus der Zeit als Server Löschung und Entsorgung eintragen.',
    en: 'Correct the kind in the contract (nachweis-collector contract set --kind), and record the erasure and disposal of the disks from when it was a server.',
  },
  severity: 'high',
  evaluate: (facts) => facts.hosts.map((host) => judge(host, facts)),
};

function judge(host: StatusHost, { obligations, now }: CollectorFacts): CollectorResult {
  const { contract, agent, serverUntil } = host;
  if (!agent || kindOf(host) !== 'vm' || standingOf(host, now) !== 'owed')
    return {
      ...{ check: ID, hostId: host.id, outcome: 'not-applicable', since: now, evidence: [] },
      reason: {
        de: 'Dieses System wird nicht als VM geführt, oder kein Agent beschreibt es.',
        en: 'This host is not kept as a VM, or no agent describes it.',
      },
    };
  const left = obligations.filter(
    ({ hostId, kind, erasure, disposal }) =>
      hostId === host.id && kind === 'server' && (erasure.state === 'open' || disposal.state === 'open'),
  );
  const result = (outcome: 'pass' | 'fail', reason: CollectorResult['reason']): CollectorResult => ({
    ...{ check: ID, hostId: host.id, outcome, reason, since: now },
    evidence: [
      {
        source: host.name,
        found: {
          de: `Leistungsumfang: ${contract?.kind ?? '–'}; der Agent erkennt: ${agent.kindDetected}`,
          en: `contract: ${contract?.kind ?? '–'}; the agent detects: ${agent.kindDetected}`,
        },
        wanted: { de: 'kein Widerspruch', en: 'no contradiction' },
      },
      ...left.slice(0, 20).map(({ what, dueAt }) => ({
        source: `${host.name}: ${nameOf(what)}`.slice(0, 1000),
        found: { de: 'Nachweis offen', en: 'not recorded' },
        wanted: {
          de: `ein Nachweis bis ${dueAt.slice(0, 10)}`,
          en: `a record until ${dueAt.slice(0, 10)}`,
        },
      })),
    ],
  });
  if (agent.kindDetected === 'server')
    return result('fail', {
      de: 'Im Leistungsumfang steht VM, der Agent erkennt aber einen physischen Server.',
      en: 'The contract says VM, but the agent detects a physical server.',
    });
  if (left.length > 0) {
    const day = serverUntil?.slice(0, 10) ?? '';
    return result('fail', {
      de: `Bis ${day} war dieses System ein Server; ${left.length === 1 ? 'ein Datenträger aus dieser Zeit ist' : `${left.length} Datenträger aus dieser Zeit sind`} noch nachzuweisen.`,
      en: `Until ${day} this host was a server; ${left.length === 1 ? 'one disk' : `${left.length} disks`} from that time still ${left.length === 1 ? 'has' : 'have'} to be accounted for.`,
    });
  }
  return result('pass', {
    de: 'Leistungsumfang und Agent widersprechen sich nicht, und aus einer Zeit als Server ist nichts offen.',
    en: 'Contract and agent do not contradict each other, and nothing is owed from a time as a server.',
  });
}

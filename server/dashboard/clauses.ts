/** Clauses as the dashboard shows them: the catalogue's words beside a tenant's status. */
import { type Catalogue, type Clause, sectionOf } from '../../shared/catalogue.ts';
import type { Basis as SharedBasis } from '../../shared/clause-basis.ts';
import type { ClauseStatus } from '../../shared/clause-status.ts';
import { formatFloor } from '../../shared/floor.ts';
import type { AnnexClause, Basis, Ground } from './api/annex.ts';
import { checkRef } from './check-texts.ts';

const badness = ['violated', 'unproven', 'waived', 'kept', 'not-applicable'] as const;

export function annexClause(clause: Clause, status: ClauseStatus): AnnexClause {
  return {
    id: clause.id,
    section: sectionOf(clause.id),
    title: clause.title,
    promise: clause.promise,
    kind: clause.kind,
    responsible: status.responsible,
    status: status.status,
    reason: status.reason,
    scope: status.scope,
    hosts: { ...status.counts },
    assessed: status.assessed,
    total: status.total,
    grounds: clause.decides.map((item) => ground(item, status)),
    informs: clause.informs.map(checkRef),
  };
}

function ground(item: Clause['decides'][number], status: ClauseStatus): Ground {
  const isThis = (basis: SharedBasis) =>
    'check' in item
      ? basis.kind === 'check' && basis.check === item.check
      : basis.kind === 'record' && basis.record === item.record && basis.subject === item.subject;
  const perHost = status.hosts.flatMap(({ basis }) => basis.filter(isThis));
  const all = [...perHost, ...status.basis.filter(isThis)];
  const worst = badness.flatMap((state) => all.filter((basis) => basis.status === state))[0];
  const hosts = { violated: 0, unproven: 0, waived: 0, kept: 0, 'not-applicable': 0 };
  for (const basis of perHost) hosts[basis.status] += 1;
  return {
    what:
      'check' in item
        ? { kind: 'check', check: checkRef(item.check) }
        : { kind: 'record', record: item.record, subject: item.subject },
    because: item.because,
    floors:
      'check' in item
        ? Object.entries(item.floor ?? {}).map(([name, floor]) => `${name} ${formatFloor(floor)}`)
        : [],
    status: worst?.status ?? null,
    reason: worst?.reason ?? null,
    hosts,
  };
}

export function hostBasis(basis: SharedBasis): Basis {
  return basis.kind === 'check'
    ? {
        what: { kind: 'check', check: checkRef(basis.check) },
        status: basis.status,
        outcome: basis.outcome,
        stale: basis.stale,
        reason: basis.reason,
        since: basis.since,
      }
    : {
        what: { kind: 'record', record: basis.record, subject: basis.subject },
        status: basis.status,
        outcome: null,
        stale: false,
        reason: basis.reason,
        since: basis.at,
      };
}

/** The headings above a clause, outermost first: `I`, `I.2`, `I.2.1`. */
export function headingsOf(catalogue: Catalogue, clauseId: string) {
  const numbers = sectionOf(clauseId)
    .split('.')
    .map((_, index, parts) => parts.slice(0, index + 1).join('.'));
  return catalogue.sections.filter(({ id }) => numbers.includes(id));
}

export function catalogueRef({ id, version, title }: Catalogue) {
  return { id, version, title };
}

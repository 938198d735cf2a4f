/** `nachweis-collector catalogue check FILE`: is it a catalogue, and what will it rest on in this version? */
import { allChecks } from '../../checks/registry.ts';
import {
  type Catalogue,
  claimedChecks,
  clauseKinds,
  decidingChecks,
  isStatement,
} from '../../shared/catalogue.ts';
import { isCollectorCheck } from '../../shared/clause-basis.ts';
import { collectorChecks } from '../../shared/collector-checks.ts';
import { weakParameters } from '../../shared/floor.ts';
import { type ParamValue, paramValueSchema } from '../../shared/outcome.ts';
import { loadCatalogue } from './load.ts';
import { knownChecks } from './tenant-status.ts';

export interface CatalogueReport {
  readonly id: string;
  readonly version: string;
  readonly clauses: number;
  /** Clauses that only say who answers. */
  readonly statements: number;
  readonly byKind: Readonly<Record<string, number>>;
  readonly deciding: number;
  readonly informing: number;
  readonly records: number;
  /** Deciding checks that this version does not have: their clauses stay unproven. */
  readonly notYet: readonly string[];
  /** Checks of this version that no clause names: they would show nowhere. */
  readonly unclaimed: readonly string[];
  /** Floors that can't work: a parameter the check does not have, or a default below the floor. */
  readonly floorProblems: readonly string[];
}

/** @throws CodedError `FILE_UNREADABLE`, `CATALOGUE_INVALID` */
export async function checkCatalogue(file: string): Promise<CatalogueReport> {
  return reportOn(await loadCatalogue(file));
}

export function reportOn(catalogue: Catalogue): CatalogueReport {
  const deciding = decidingChecks(catalogue);
  const claimed = claimedChecks(catalogue);
  const statements = catalogue.clauses.filter(isStatement);
  const records = catalogue.clauses.flatMap(({ decides }) =>
    decides.flatMap((item) => ('record' in item ? [`${item.record}:${item.subject}`] : [])),
  );
  return {
    id: catalogue.id,
    version: catalogue.version,
    clauses: catalogue.clauses.length - statements.length,
    statements: statements.length,
    byKind: Object.fromEntries(
      clauseKinds.map((kind) => [kind, catalogue.clauses.filter((clause) => clause.kind === kind).length]),
    ),
    deciding: deciding.size,
    informing: [...claimed].filter((id) => !deciding.has(id)).length,
    records: new Set(records).size,
    notYet: [...deciding].filter((id) => !knownChecks.has(id)).sort(),
    unclaimed: [...knownChecks].filter((id) => !claimed.has(id)).sort(),
    floorProblems: floorProblems(catalogue),
  };
}

/** Every floor must name a parameter of its check, and what the check does by default must meet it. */
function floorProblems({ clauses }: Catalogue): string[] {
  return clauses.flatMap(({ id, decides }) =>
    decides.flatMap((item) => {
      if (!('check' in item) || !item.floor) return [];
      const defaults = defaultParameters(item.check);
      if (!defaults) return isCollectorCheck(item.check) ? [`${id}: ${item.check} has no parameters`] : [];
      return weakParameters(defaults, item.floor).map(({ name, value }) =>
        value === undefined
          ? `${id}: ${item.check} has no parameter ${name}`
          : `${id}: ${item.check} is weaker than the floor of ${name} by default`,
      );
    }),
  );
}

/** A check's parameters when no policy says otherwise; undefined when this version does not have the check. */
export function defaultParameters(checkId: string): Readonly<Record<string, ParamValue>> | undefined {
  const params = [...allChecks, ...collectorChecks].find(({ id }) => id === checkId)?.params;
  if (!params) return undefined;
  return Object.fromEntries(
    Object.entries(params.parse({}) as object).flatMap(([name, value]) => {
      const plain = paramValueSchema.safeParse(value);
      return plain.success ? [[name, plain.data]] : [];
    }),
  );
}

/** The report as lines for a terminal. */
export function formatReport(report: CatalogueReport): string {
  const list = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : [`${title} (${items.length}):`, ...items.map((item) => `  ${item}`)];
  return [
    `${report.id} ${report.version}: ${report.clauses} clauses, ${report.statements} statements of responsibility`,
    `  ${Object.entries(report.byKind)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ')}`,
    `  ${report.deciding} checks decide, ${report.informing} inform, ${report.records} records are needed`,
    ...list('Deciding checks that this version does not have; their clauses stay unproven', report.notYet),
    ...list('Checks that no clause names', report.unclaimed),
    ...list('Floors that can not work', report.floorProblems),
    '',
  ].join('\n');
}

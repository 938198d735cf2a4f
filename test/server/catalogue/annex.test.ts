/** The annex's catalogue: every clause, every check, both languages, floors that work. */
import { describe, expect, it } from 'vitest';
import { allChecks } from '../../../checks/registry.ts';
import { checkCatalogue, defaultParameters, formatReport } from '../../../server/catalogue/check.ts';
import { defaultCataloguePath, loadCatalogue } from '../../../server/catalogue/load.ts';
import { claimedChecks, decidingChecks, isStatement } from '../../../shared/catalogue.ts';
import { collectorChecks } from '../../../shared/collector-checks.ts';
import { allCheckIds, annexClauses } from './expected.ts';

const annex = await loadCatalogue();
const report = await checkCatalogue(defaultCataloguePath);

describe('the annex', () => {
  it('has 29 clauses and 7 statements of responsibility', () => {
    expect(annex.clauses.filter((clause) => !isStatement(clause))).toHaveLength(29);
    expect(annex.clauses.filter(isStatement)).toHaveLength(7);
  });

  it('has every clause under its number, with its kind and what decides it', () => {
    const found = annex.clauses.map((clause) => ({
      id: clause.id,
      kind: clause.kind,
      when: clause.when,
      checks: clause.decides.flatMap((item) => ('check' in item ? [item.check] : [])),
      attested: clause.decides.some((item) => 'record' in item),
    }));
    expect(found).toEqual(annexClauses);
  });

  it('rests every technical and mixed clause on a check, every other of the provider on a record', () => {
    for (const { id, kind, responsible, decides } of annex.clauses) {
      if (kind === 'technical' || kind === 'mixed')
        expect(
          decides.some((item) => 'check' in item),
          id,
        ).toBe(true);
      else if (responsible === 'provider')
        expect(
          decides.some((item) => 'record' in item),
          id,
        ).toBe(true);
      else expect(decides, id).toEqual([]);
    }
  });

  it('claims every check there is to be, and no other', () => {
    expect([...claimedChecks(annex)].sort()).toEqual([...allCheckIds].sort());
  });

  it('claims every check that exists', () => {
    const claimed = claimedChecks(annex);
    const ids = [...allChecks, ...collectorChecks].map(({ id }) => id);
    expect(ids.filter((id) => !claimed.has(id))).toEqual([]);
    expect(report.unclaimed).toEqual([]);
  });

  it('gives every parameter of a deciding check a floor that its default meets', () => {
    expect(report.floorProblems).toEqual([]);
    for (const { id, decides } of annex.clauses)
      for (const item of decides) {
        if (!('check' in item)) continue;
        const names = Object.keys(defaultParameters(item.check) ?? {});
        expect(Object.keys(item.floor ?? {}).sort(), `${id}: ${item.check}`).toEqual(
          expect.arrayContaining(names.sort()),
        );
      }
  });

  it('says everything in German and in English', () => {
    const texts = annex.clauses.flatMap(({ id, title, promise, decides }) =>
      [title, promise, ...decides.map(({ because }) => because)].map((text) => [id, text] as const),
    );
    for (const [id, { de, en }] of [...texts, ...annex.sections.map((s) => [s.id, s.title] as const)]) {
      expect(de, id).not.toBe(en);
      for (const text of [de, en]) {
        expect(text.length, id).toBeGreaterThan(3);
        expect(text, id).toBe(text.trim().replace(/\s+/g, ' '));
      }
      expect(en, id).not.toMatch(/[äöüß]/i);
    }
    for (const [id, { de, en }] of texts)
      if (de.length > 60) expect([id, /\.$/.test(de), /\.$/.test(en)]).toEqual([id, true, true]);
  });

  it('gives each reason its own words, except where clauses rest on the same record', () => {
    const reasons = new Map<string, string>();
    for (const { decides } of annex.clauses)
      for (const item of decides) {
        if (!('check' in item)) continue;
        const other = reasons.get(item.because.de);
        expect(other, item.because.de).toBeUndefined();
        reasons.set(item.because.de, item.check);
      }
    expect(reasons.size).toBeGreaterThan(25);
  });

  it('is summed up for the command line', () => {
    const text = formatReport(report);
    expect(text).toContain('29 clauses, 7 statements of responsibility');
    // Every check that decides is there.
    expect(report.notYet).toEqual([]);
    expect(report.deciding + report.informing).toBe(allCheckIds.length);
    expect([...decidingChecks(annex)]).toHaveLength(report.deciding);
  });
});

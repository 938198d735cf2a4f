/** The form of a catalogue: what it refuses, and floors. */
import { describe, expect, it } from 'vitest';
import {
  type Catalogue,
  catalogueSchema,
  claimedChecks,
  decidingChecks,
  isStatement,
  sectionOf,
} from '../../shared/catalogue.ts';
import { type Floor, formatFloor, meetsFloor, weakParameters } from '../../shared/floor.ts';
import type { ParamValue } from '../../shared/outcome.ts';

const words = (name: string) => ({ de: `${name} auf Deutsch`, en: `${name} in English` });

function catalogue(clause: Record<string, unknown>, more: readonly Record<string, unknown>[] = []) {
  return {
    format: 'nachweis.catalogue/1',
    id: 'example',
    version: '1',
    title: words('title'),
    sections: [{ id: 'I.1', title: words('section') }],
    clauses: [clause, ...more],
  };
}

const technical = {
  id: 'I.1/thing',
  title: words('clause'),
  promise: words('promise'),
  kind: 'technical',
  decides: [{ check: 'login.thing', because: words('because') }],
  informs: ['login.other'],
};
const attestation = { record: 'attestation', subject: 'thing', because: words('because') };

function problems(value: unknown): string {
  const parsed = catalogueSchema.safeParse(value);
  return parsed.success
    ? ''
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n');
}

describe('a catalogue', () => {
  it('is taken with its defaults', () => {
    const parsed: Catalogue = catalogueSchema.parse(catalogue(technical));
    expect(parsed.clauses[0]).toMatchObject({
      when: {},
      responsible: 'provider',
      elsewhere: 'not-applicable',
    });
    expect([...decidingChecks(parsed)]).toEqual(['login.thing']);
    expect([...claimedChecks(parsed)]).toEqual(['login.thing', 'login.other']);
  });

  it.each([
    ['an unknown key', { ...technical, note: 'x' }, /Unrecognized key/],
    ['a wildcard', { ...technical, informs: ['login.*'] }, /informs/],
    ['one language only', { ...technical, title: { de: 'nur Deutsch' } }, /title.en/],
    ['an empty translation', { ...technical, title: { de: 'Titel', en: ' ' } }, /both languages/],
    ['a technical clause without a check', { ...technical, decides: [] }, /needs a check/],
    [
      'a technical clause with a record',
      { ...technical, decides: [...technical.decides, attestation] },
      /mixed, not technical/,
    ],
    [
      'an organisational clause with a check',
      { ...technical, kind: 'organisational' },
      /mixed, not organisational/,
    ],
    [
      'an organisational clause with nothing',
      { ...technical, kind: 'organisational', decides: [] },
      /needs a record/,
    ],
    [
      'a mixed clause without a check',
      { ...technical, kind: 'mixed', decides: [attestation] },
      /needs a check/,
    ],
    [
      'a check that decides twice',
      { ...technical, decides: [...technical.decides, ...technical.decides] },
      /login.thing is there twice/,
    ],
    ['a check that decides and informs', { ...technical, informs: ['login.thing'] }, /also inform/],
    [
      'a promise of the provider that rests on nothing',
      { ...technical, kind: 'responsibility', decides: [] },
      /must rest on/,
    ],
    [
      'something that decides for the customer',
      { ...technical, responsible: 'customer' },
      /nothing can decide/,
    ],
    [
      'a waiver as proof',
      { ...technical, kind: 'mixed', decides: [...technical.decides, { ...attestation, record: 'waiver' }] },
      /decides/,
    ],
    ['a section that is not there', { ...technical, id: 'II.3/thing' }, /no section II.3/],
    ['an id that is no clause number', { ...technical, id: 'thing' }, /clauses.0.id/],
    [
      'a floor of no known form',
      { ...technical, decides: [{ ...technical.decides[0], floor: { max: { below: 3 } } }] },
      /clauses.0.decides.0/,
    ],
  ])('is refused with %s', (_name, clause, message) => {
    expect(problems(catalogue(clause))).toMatch(message);
  });

  it('is refused with a clause or section twice', () => {
    expect(problems(catalogue(technical, [technical]))).toMatch(/I.1\/thing is there twice/);
    const twice = catalogue(technical);
    expect(problems({ ...twice, sections: [...twice.sections, ...twice.sections] })).toMatch(
      /I.1 is there twice/,
    );
  });

  it('tells statements of responsibility from clauses', () => {
    const parsed = catalogueSchema.parse(
      catalogue(
        {
          ...technical,
          id: 'I.1',
          kind: 'responsibility',
          responsible: 'customer',
          decides: [],
          informs: [],
        },
        [{ ...technical, id: 'I.1/other', kind: 'responsibility', decides: [attestation], informs: [] }],
      ),
    );
    expect(parsed.clauses.map(isStatement)).toEqual([true, false]);
    expect(parsed.clauses.map(({ id }) => sectionOf(id))).toEqual(['I.1', 'I.1']);
  });
});

describe('a floor', () => {
  it.each<[string, Floor, ParamValue | undefined, boolean]>([
    ['at most: the same', { atMost: 365 }, 365, true],
    ['at most: stricter', { atMost: 365 }, 90, true],
    ['at most: weaker', { atMost: 365 }, 366, false],
    ['at most: text', { atMost: 365 }, '90', false],
    ['at least: the same', { atLeast: 12 }, 12, true],
    ['at least: stricter', { atLeast: 12 }, 20, true],
    ['at least: weaker', { atLeast: 12 }, 11, false],
    ['at least: a list', { atLeast: 12 }, [12], false],
    ['within: a member', { within: ['no', 'prohibit-password'] }, 'no', true],
    ['within: fewer members', { within: ['no', 'prohibit-password'] }, ['no'], true],
    ['within: one member more', { within: ['no', 'prohibit-password'] }, ['no', 'yes'], false],
    ['within: another value', { within: ['no'] }, 'yes', false],
    ['includes: all and more', { includes: ['/etc'] }, ['/etc', '/boot'], true],
    ['includes: one missing', { includes: ['/etc', '/boot'] }, ['/etc'], false],
    ['includes: no list', { includes: ['/etc'] }, '/etc', false],
    ['is: the same', { is: true }, true, true],
    ['is: other', { is: true }, false, false],
    ['is: text is not a number', { is: 1 }, '1', false],
    ['not stated', { atMost: 365 }, undefined, false],
  ])('%s', (_name, floor, value, met) => {
    expect(meetsFloor(value, floor)).toBe(met);
    expect(formatFloor(floor).length).toBeGreaterThan(2);
  });

  it('names what is weaker, and takes nothing from the prototype', () => {
    const floors: Record<string, Floor> = { min: { atLeast: 3 }, max: { atMost: 5 }, toString: { is: 'x' } };
    expect(weakParameters({ max: 6, min: 3 }, floors).map(({ name }) => name)).toEqual(['max', 'toString']);
    expect(weakParameters(undefined, floors)).toHaveLength(3);
    expect(weakParameters({ max: 6 }, undefined)).toEqual([]);
  });
});

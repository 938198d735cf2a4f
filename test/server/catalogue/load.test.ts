/** Reading a catalogue from disk: bounded, and every refusal names the file and the line. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalogue, MAX_CATALOGUE_BYTES, parseCatalogue } from '../../../server/catalogue/load.ts';

const good = `format: nachweis.catalogue/1
id: example
version: '1'
title: { de: Titel, en: Title }
sections:
  - { id: I, title: { de: Teil, en: Part } }
clauses:
  - id: I/thing
    title: { de: Maßnahme, en: Clause }
    promise: { de: Versprochen, en: Promised }
    kind: technical
    decides:
      - check: login.thing
        because: { de: Grund, en: Reason }
`;

const parse = (text: string) => parseCatalogue(Buffer.from(text), 'annex.yaml');
const refusal = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return error as Error & { code: string };
  }
  throw new Error('was not refused');
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nachweis-catalogue-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('loadCatalogue', () => {
  it('reads a file', async () => {
    const path = join(directory, 'good.yaml');
    await writeFile(path, good);
    expect((await loadCatalogue(path)).clauses.map(({ id }) => id)).toEqual(['I/thing']);
  });

  it('says that a file is not there', async () => {
    const path = join(directory, 'none.yaml');
    await expect(loadCatalogue(path)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    await expect(loadCatalogue(path)).rejects.toThrow(/ENOENT/);
  });

  it.each([
    [
      'an unknown key at its clause',
      good.replace('kind: technical', 'kind: technical\n    colour: red'),
      /line 8: clauses.0: .*colour/,
    ],
    [
      'a wrong value at its line',
      good.replace('kind: technical', 'kind: electric'),
      /line 11: clauses.0.kind/,
    ],
    [
      'a missing language at its line',
      good.replace('{ de: Grund, en: Reason }', '{ de: Grund }'),
      /line 14: clauses.0.decides.0.because.en/,
    ],
    ['broken YAML at its line', good.replace('version: ', 'version: "'), /line 15: Missing closing/],
    ['a key twice', `${good}version: '2'\n`, /line 15: .*unique/i],
    ['a tag that would make an object', good.replace("'1'", '!!js/function "x"'), /line 3/],
    ['no map at all', '- 1\n', /line 1/],
    ['nothing at all', '', /line 1/],
  ])('refuses %s', (_name, text, message) => {
    const error = refusal(() => parse(text));
    expect(error.code).toBe('CATALOGUE_INVALID');
    expect(error.message).toMatch(/^CATALOGUE_INVALID: annex\.yaml: line \d+: /);
    expect(error.message).toMatch(message);
  });

  it('refuses a file that is too large, not UTF-8, or blows up through aliases', () => {
    const large = Buffer.concat([Buffer.from(good), Buffer.alloc(MAX_CATALOGUE_BYTES, 0x23)]);
    expect(refusal(() => parseCatalogue(large, 'x')).message).toMatch(/larger than/);
    expect(refusal(() => parseCatalogue(Uint8Array.of(0x61, 0xff), 'x')).message).toMatch(/UTF-8/);
    const levels = Array.from(
      { length: 9 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`,
    );
    const bomb = [`l0: &l0 [a, a]`, ...levels].join('\n');
    expect(refusal(() => parse(bomb)).code).toBe('CATALOGUE_INVALID');
  });

  it('bounds how much it says about a file full of mistakes', () => {
    const many = good + Array.from({ length: 60 }, (_, i) => `  - { id: I/c${i}, nothing: 1 }\n`).join('');
    expect(refusal(() => parse(many)).message).toMatch(/and \d+ more/);
    expect(refusal(() => parse(many)).message.length).toBeLessThan(2000);
  });
});

/** access.root-path */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { type PartProblem, rootPath } from '../facts/root-path.ts';
import type { PathStatement } from '../facts/start-path.ts';

const WANTED: Text = {
  en: 'absolute directories that belong to root and that nobody else can write',
  de: 'absolute Verzeichnisse, die root gehören und in die sonst niemand schreiben darf',
};
const WORDS: Readonly<Record<PartProblem, Text>> = {
  empty: {
    en: 'an empty part, which is the current directory',
    de: 'ein leerer Teil, also das aktuelle Verzeichnis',
  },
  relative: { en: 'a relative part', de: 'ein relativer Teil' },
  writable: { en: 'writable by everybody', de: 'für alle beschreibbar' },
  group: { en: 'writable by a group with members', de: 'für eine Gruppe mit Mitgliedern beschreibbar' },
  owner: { en: 'does not belong to root', de: 'gehört nicht root' },
};

export const rootPathCheck = defineCheck({
  id: 'access.root-path',
  title: {
    en: 'root runs programs only from directories that nobody else can write (PATH)',
    de: 'root startet Programme nur aus Verzeichnissen, in die sonst niemand schreibt (PATH)',
  },
  why: {
    en: 'With the current directory or a foreign directory in PATH, root runs whatever somebody has put there under the name of a common command.',
    de: 'Steht das aktuelle oder ein fremdes Verzeichnis in PATH, startet root, was dort jemand unter dem Namen eines gängigen Befehls abgelegt hat.',
  },
  remedy: {
    en: 'Take the part named out of PATH in the file named, or make the directory root’s: chown root, chmod go-w.',
    de: 'Den genannten Teil in der genannten Datei aus PATH entfernen oder das Verzeichnis root vorbehalten: chown root, chmod go-w.',
  },
  severity: 'medium',
  params: z.strictObject({}),
  needs: { path: rootPath },
  appliesTo: always,
  evaluate: (facts) => {
    const { statements, problems } = valueIn(facts.path);
    const bad = (one: PathStatement) => (one.parts ?? []).find((part) => problems.has(part));
    const show = (one: PathStatement): Evidence => {
      const part = bad(one);
      const problem = part === undefined ? undefined : problems.get(part);
      const value = one.parts?.join(':') ?? '';
      const found: Text =
        one.parts === undefined
          ? { en: 'not written out', de: 'nicht ausgeschrieben' }
          : problem === undefined
            ? { en: value, de: value }
            : {
                en: part ? `${part}: ${WORDS[problem].en}` : WORDS[problem].en,
                de: part ? `${part}: ${WORDS[problem].de}` : WORDS[problem].de,
              };
      return evidence({ source: one.source, line: one.line, found, wanted: WANTED });
    };
    const failed = statements.filter((one) => one.always && bad(one) !== undefined);
    if (failed.length > 0) return fail(failed.map(show));
    const branch = statements.filter((one) => bad(one) !== undefined);
    if (branch.length > 0)
      return unknown(
        {
          en: 'a part that must not be there is added under a condition, which is not judged',
          de: 'ein unzulässiger Teil wird unter einer Bedingung hinzugefügt, die nicht beurteilt wird',
        },
        branch.map(show),
      );
    const open = statements.filter(({ parts }) => parts === undefined);
    if (open.length > 0)
      return unknown(
        {
          en: 'a start file sets PATH to a value that is not written out',
          de: 'eine Startdatei setzt PATH auf einen Wert, der nicht ausgeschrieben ist',
        },
        open.map(show),
      );
    if (statements.length === 0)
      return unknown({ en: 'no start file sets PATH', de: 'keine Startdatei setzt PATH' });
    return pass(statements.map(show));
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.4.2.5',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.4.2.5',
    'BSI IT-Grundschutz SYS.1.3.A2',
    'ISO/IEC 27001:2022 A.8.2, A.8.3',
    'sh(1), bash(1), login.defs(5), pam_env(8)',
  ],
  examples: async () => (await import('./root-path.examples.ts')).examples,
});

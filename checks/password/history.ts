/** password.history */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn, valueOr } from '../fact.ts';
import type { ConfLine } from '../facts/faillock.ts';
import { osRelease } from '../facts/os-release.ts';
import { decides, type PasswordModule, type PasswordWay, passwordPolicy } from '../facts/password-policy.ts';
import { historyOptions, pwhistoryConf, readsPwhistoryConf } from '../facts/pwhistory.ts';
import type { Setting } from '../facts/pwquality.ts';
import { NO_WAY, openWays, STRANGE } from './ways.ts';

/** One module's memory as it works for this way; `problem` where it refuses nothing, or lets something past. */
interface History {
  readonly module: PasswordModule;
  readonly remember: Setting<number>;
  readonly problem?: Text;
}

const NO_EFFECT: Text = {
  en: 'what it refuses is stored all the same',
  de: 'was es ablehnt, wird trotzdem gespeichert',
};
const EXEMPT: Text = { en: 'root is exempt', de: 'root ist ausgenommen' };
const PAST: Text = {
  en: 'without use_authtok it asks again, past the modules before it',
  de: 'ohne use_authtok fragt es selbst noch einmal, an den Modulen davor vorbei',
};

function histories(way: PasswordWay, conf: readonly ConfLine[]): History[] {
  return way.modules.flatMap((module, at): History[] => {
    const ruling = decides(way, module);
    if ('unix' in module) {
      const { remember } = module.unix;
      // pam_unix looks at former passwords only for others than root.
      const problem = ruling ? (way.who === 'root' ? EXEMPT : undefined) : NO_EFFECT;
      return remember.value > 0 ? [{ module, remember, ...(problem ? { problem } : {}) }] : [];
    }
    if (module.kind !== 'history') return [];
    const { remember, root, retry } = historyOptions(module.line, conf);
    const asks =
      retry > 1 &&
      !module.line.args.some((arg) => arg.startsWith('use_authtok')) &&
      way.modules.slice(0, at).some(({ kind }) => /^(pwquality|cracklib|passwdqc)$/.test(kind));
    const exempt = way.who === 'root' && !root;
    const problem = !ruling ? NO_EFFECT : exempt ? EXEMPT : asks ? PAST : undefined;
    return [{ module, remember, ...(problem ? { problem } : {}) }];
  });
}

function judge(
  way: PasswordWay,
  conf: readonly ConfLine[],
  least: number,
  say: (found: Text, at?: History) => Evidence,
): { right: boolean; evidence: Evidence } {
  const all = histories(way, conf);
  const works = (one: History) => one.problem === undefined && one.remember.value >= least;
  const best = all.find(works) ?? all.find(({ problem }) => problem === undefined) ?? all[0];
  if (!best)
    return {
      right: false,
      evidence: say({ en: 'no module remembers any', de: 'kein Modul merkt sich welche' }),
    };
  const { value } = best.remember;
  const name = best.module.line.module;
  const words: Text = best.problem
    ? { en: `${name}: ${best.problem.en}`, de: `${name}: ${best.problem.de}` }
    : { en: `${name}: ${value} remembered`, de: `${name}: ${value} gemerkt` };
  return { right: works(best), evidence: say(words, best) };
}

export const history = defineCheck({
  id: 'password.history',
  title: {
    en: 'Former passwords can not be taken again',
    de: 'Frühere Passwörter können nicht wieder genommen werden',
  },
  why: {
    en: 'Whoever alternates between two passwords never really changes one; a leaked one comes back.',
    de: 'Wer zwischen zwei Passwörtern wechselt, ändert keines wirklich; ein bekannt gewordenes kehrt zurück.',
  },
  remedy: {
    en: 'Put "password requisite pam_pwhistory.so remember=24 enforce_for_root use_authtok" between the quality module and pam_unix in the password stack, and give pam_unix use_authtok.',
    de: '„password requisite pam_pwhistory.so remember=24 enforce_for_root use_authtok“ im password-Stapel zwischen Qualitätsmodul und pam_unix stellen und pam_unix use_authtok geben.',
  },
  severity: 'low',
  params: z.strictObject({
    min: z.int().min(1).max(400).default(24),
    /** Whether it must hold for root too, who sets others' first passwords. */
    root: z.boolean().default(true),
  }),
  needs: { passwordPolicy, pwhistoryConf, osRelease },
  appliesTo: always,
  evaluate: (facts, params) => {
    const ways = valueIn(facts.passwordPolicy);
    const groups = [...openWays(ways, 'account'), ...(params.root ? openWays(ways, 'root') : [])];
    if (groups.length === 0) return unknown(NO_WAY);
    const os = facts.osRelease.state === 'known' ? facts.osRelease.value : undefined;
    const reads = readsPwhistoryConf(os);
    const conf = reads === false ? [] : valueOr(facts.pwhistoryConf, []);
    const wanted: Text = {
      en: `at least ${params.min} remembered`,
      de: `mindestens ${params.min} gemerkt`,
    };
    const wrong: Evidence[] = [];
    const unclear: Evidence[] = [];
    const strange: Evidence[] = [];
    const right: Evidence[] = [];
    for (const { way, services } of groups) {
      const who: Text = way.who === 'root' ? { en: 'root by ', de: 'root über ' } : { en: '', de: '' };
      const say = (found: Text, at?: History): Evidence => {
        const module = at?.module ?? way.modules.find(({ kind }) => kind === 'unix');
        const set = at && !at.problem && at.remember.source !== undefined ? at.remember : undefined;
        return evidence({
          source: set?.source ?? module?.line.file ?? '/etc/pam.d',
          line: set ? set.line : module?.line.line,
          found: {
            en: `${found.en} (${who.en}${services})`,
            de: `${found.de} (${who.de}${services})`,
          },
          wanted,
        });
      };
      const odd = way.modules.find(({ kind }) => kind === 'unknown');
      if (odd) {
        strange.push(
          evidence({ source: odd.line.file, line: odd.line.line, found: odd.line.module, wanted }),
        );
        continue;
      }
      const readings = [
        ...(reads === true ? [] : [judge(way, [], params.min, say)]),
        ...(reads === false ? [] : [judge(way, conf, params.min, say)]),
      ];
      const last = readings.at(-1);
      if (!last) continue;
      const same = readings.every((one) => one.right === last.right);
      (same ? (last.right ? right : wrong) : unclear).push(last.evidence);
    }
    if (wrong.length > 0) return fail(wrong);
    if (strange.length > 0) return unknown(STRANGE, strange);
    if (unclear.length > 0)
      return unknown(
        {
          en: 'whether this version of pam_pwhistory reads pwhistory.conf is not known here',
          de: 'ob diese Version von pam_pwhistory die Datei pwhistory.conf liest, ist hier nicht bekannt',
        },
        unclear,
      );
    return pass(right);
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.3.3.3.1 to 5.3.3.3.3',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.3.3.3.1 to 5.3.3.3.3',
    'BSI IT-Grundschutz ORP.4.A23',
    'ISO/IEC 27001:2022 A.5.17',
    'pam_pwhistory(8), pwhistory.conf(5), pam_unix(8) remember',
  ],
  examples: async () => (await import('./history.examples.ts')).examples,
});

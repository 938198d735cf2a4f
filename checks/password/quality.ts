/**
 * The single settings of a quality module as rows of one table (quality-rows.ts): what the module that decides really
 * has, for each way by which an account changes its password. A value that nothing enforces fails.
 */
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, type Check, defineCheck, fail, notApplicable, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import {
  decides,
  isEnforced,
  type PasswordModule,
  type PasswordWay,
  passwordPolicy,
} from '../facts/password-policy.ts';
import type { Assessed, Params, Row } from './quality-row.ts';
import { rows } from './quality-rows.ts';
import { NO_WAY, openWays, STRANGE } from './ways.ts';

interface Judged {
  readonly outcome: 'pass' | 'fail' | 'not-applicable' | 'unknown';
  readonly evidence: Evidence;
}

/** What each module that decides says to the row. */
function assessed(row: Row, way: PasswordWay, params: Params): (Assessed & { module: PasswordModule })[] {
  return way.modules.flatMap((module) => {
    const answer =
      'quality' in module
        ? row.assess(module.quality.numbers, params)
        : 'unix' in module
          ? row.unix?.(module.unix, params)
          : undefined;
    return answer && isEnforced(way, module) && decides(way, module) ? [{ ...answer, module }] : [];
  });
}

function judge(row: Row, way: PasswordWay, services: string, params: Params): Judged {
  const said = (module: PasswordModule | undefined, found: Text, at?: Assessed['at']): Evidence =>
    evidence({
      source: at?.source ?? module?.line.file ?? '/etc/pam.d',
      line: at?.source === undefined ? module?.line.line : at.line,
      found: { en: `${found.en} (${services})`, de: `${found.de} (${services})` },
      wanted: row.wanted(params),
    });
  const named = (outcome: Judged['outcome'], module: PasswordModule, en: string, de: string): Judged => ({
    outcome,
    evidence: said(module, { en: `${module.line.module} ${en}`, de: `${module.line.module} ${de}` }),
  });
  const qdc = way.modules.find(({ kind }) => kind === 'passwdqc');
  const strange =
    way.modules.find(({ kind }) => kind === 'unknown') ??
    (qdc?.line.args.some((arg) => arg.startsWith('config=')) ? qdc : undefined);
  if (strange) return named('unknown', strange, 'is not known here', 'ist hier nicht bekannt');
  const all = assessed(row, way, params);
  const quality = all.filter(({ module }) => 'quality' in module);
  const counting = row.each && quality.length > 0 ? quality : all;
  const best = row.each
    ? (counting.find(({ right }) => !right) ?? counting[0])
    : (counting.find(({ right }) => right) ?? quality[0]);
  const ruling = qdc && isEnforced(way, qdc) && decides(way, qdc) ? qdc : undefined;
  if (best && (!ruling || best.right !== (row.each ?? false)))
    return { outcome: best.right ? 'pass' : 'fail', evidence: said(best.module, best.shown, best.at) };
  if (ruling) return named('not-applicable', ruling, 'has rules of its own', 'hat eigene Regeln');
  const module = way.modules.find((one) => 'quality' in one) ?? qdc;
  if (module) return named('fail', module, 'does not decide', 'entscheidet nicht');
  const [unix] = all;
  return {
    outcome: 'fail',
    evidence: unix
      ? said(unix.module, unix.shown, unix.at)
      : said(
          way.modules.find(({ kind }) => kind === 'unix'),
          { en: 'no quality module', de: 'kein Qualitätsmodul' },
        ),
  };
}

const OWN_RULES: Text = {
  en: 'pam_passwdqc has no such setting; its rules are judged by password.min-strength',
  de: 'pam_passwdqc kennt diese Einstellung nicht; seine Regeln beurteilt password.min-strength',
};

function toCheck(row: Row): Check {
  return defineCheck({
    id: row.id,
    title: row.title,
    why: row.why,
    remedy: {
      en: `Write ${row.line} into /etc/security/pwquality.conf, and take other values out of the line of pam_pwquality in /etc/pam.d, which win. The module must decide: password.enforced says whether it does.`,
      de: `${row.line} in /etc/security/pwquality.conf eintragen und andere Werte aus der Zeile von pam_pwquality in /etc/pam.d entfernen, denn diese gelten zuerst. Das Modul muss entscheiden: Ob es das tut, sagt password.enforced.`,
    },
    severity: 'low',
    params: row.params,
    needs: { passwordPolicy },
    appliesTo: always,
    evaluate: (facts, params) => {
      const ways = openWays(valueIn(facts.passwordPolicy), 'account');
      // The schema of the row produced them: numbers.
      const judged = ways.map(({ way, services }) => judge(row, way, services, params as Params));
      const of = (outcome: Judged['outcome']) =>
        judged.filter((one) => one.outcome === outcome).map((one) => one.evidence);
      if (of('fail').length > 0) return fail(of('fail'));
      if (of('unknown').length > 0) return unknown(STRANGE, of('unknown'));
      if (of('pass').length > 0) return pass(of('pass'));
      return judged.length > 0 ? notApplicable(OWN_RULES, of('not-applicable')) : unknown(NO_WAY);
    },
    references: row.references,
    examples: async () => (await import('./quality.examples.ts')).examplesOf(row.id),
  });
}

export const qualityChecks: readonly Check[] = rows.map(toCheck);

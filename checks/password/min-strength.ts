/** password.min-strength */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import {
  decides,
  isEnforced,
  type PasswordModule,
  type PasswordWay,
  passwordPolicy,
} from '../facts/password-policy.ts';
import { type Weakest, weakest } from '../facts/password-weakest.ts';
import type { Setting } from '../facts/pwquality.ts';
import { NO_WAY, openWays } from './ways.ts';

interface Wanted {
  readonly 'min-length': number;
  readonly 'min-classes': number;
  readonly 'long-length': number;
}

/** The place that would have to be changed: where the length or the classes come from, else the line that lets it through. */
function place(way: PasswordWay, found: Weakest, wanted: Wanted): { source: string; line?: number } {
  const judges = way.modules.filter((one) => 'quality' in one || 'rules' in one);
  const deciding = judges.find((one) => isEnforced(way, one) && decides(way, one));
  const line = (deciding ?? judges[0] ?? way.modules.find(({ kind }) => kind === 'unix'))?.line;
  const setting = deciding && settingOf(deciding, found.length < wanted['min-length']);
  if (setting?.source !== undefined)
    return { source: setting.source, ...(setting.line === undefined ? {} : { line: setting.line }) };
  return line ? { source: line.file, line: line.line } : { source: '/etc/pam.d' };
}

function settingOf(module: PasswordModule, short: boolean): Setting<unknown> | undefined {
  if ('rules' in module) return module.rules.min;
  if (!('quality' in module)) return undefined;
  return short ? module.quality.numbers.minlen : module.quality.numbers.minclass;
}

function words({ length, classes, sample }: Weakest, services: string): Text {
  return {
    en: `${length} characters, ${classes} of 4 classes: one like ${sample} is accepted (${services})`,
    de: `${length} Zeichen, ${classes} von 4 Klassen: eines wie ${sample} wird angenommen (${services})`,
  };
}

const isStrong = (length: number, classes: number, wanted: Wanted): boolean =>
  (length >= wanted['min-length'] && classes >= wanted['min-classes']) || length >= wanted['long-length'];

const NONE: Text = {
  en: 'nothing of up to 64 characters is accepted',
  de: 'nichts mit bis zu 64 Zeichen wird angenommen',
};

export const minStrength = defineCheck({
  id: 'password.min-strength',
  title: {
    en: 'Even the weakest password that is accepted is strong enough',
    de: 'Selbst das schwächste Passwort, das angenommen wird, ist stark genug',
  },
  why: {
    en: 'People choose what they get away with. What counts is not a setting but the weakest choice that passwd takes.',
    de: 'Menschen wählen, womit sie durchkommen. Es zählt nicht eine Einstellung, sondern die schwächste Wahl, die passwd annimmt.',
  },
  remedy: {
    en: 'Install pam_pwquality and set minlen = 12 and minclass = 3 in /etc/security/pwquality.conf, without positive credits; its line must stand before pam_unix as requisite, and pam_unix needs use_authtok.',
    de: 'pam_pwquality installieren und in /etc/security/pwquality.conf minlen = 12 und minclass = 3 setzen, ohne positive Gutschriften (credit); seine Zeile muss als requisite vor pam_unix stehen, und pam_unix braucht use_authtok.',
  },
  severity: 'high',
  params: z.strictObject({
    'min-length': z.number().int().min(1).max(64).default(12),
    'min-classes': z.number().int().min(1).max(4).default(3),
    'long-length': z.number().int().min(1).max(64).default(20),
  }),
  needs: { passwordPolicy },
  appliesTo: always,
  evaluate: (facts, params) => {
    const groups = openWays(valueIn(facts.passwordPolicy), 'account');
    if (groups.length === 0) return unknown(NO_WAY);
    const wanted: Text = {
      en: `${params['min-length']} characters and ${params['min-classes']} classes, or ${params['long-length']} characters`,
      de: `${params['min-length']} Zeichen und ${params['min-classes']} Klassen, oder ${params['long-length']} Zeichen`,
    };
    const weak: Evidence[] = [];
    const strong: Evidence[] = [];
    for (const { way, services } of groups) {
      const bad = weakest(way, (length, classes) => !isStrong(length, classes, params));
      const found = bad ?? weakest(way);
      if (!found) continue;
      const piece = evidence({ ...place(way, found, params), found: words(found, services), wanted });
      (bad ? weak : strong).push(piece);
    }
    if (weak.length > 0) return fail(weak);
    return strong.length > 0 ? pass(strong) : unknown(NONE);
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.3.3.2.1 to 5.3.3.2.8',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.3.3.2.1 to 5.3.3.2.7',
    'BSI IT-Grundschutz ORP.4.A22, ORP.4.A23',
    'ISO/IEC 27001:2022 A.5.17',
    'pam_pwquality(8), pwquality.conf(5), pam_cracklib(8), pam_unix(8)',
  ],
  examples: async () => (await import('./min-strength.examples.ts')).examples,
});

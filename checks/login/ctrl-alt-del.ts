/** login.ctrl-alt-del */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { always, defineCheck, type Example, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { absent, defineFact, missing, valueIn, valueOr } from '../fact.ts';
import { INITTAB, inittab } from '../facts/inittab.ts';
import { type ManagerSetting, managerSettings } from '../facts/systemd-manager.ts';
import { readUnit, systemdUnits, type Unit } from '../facts/systemd-unit.ts';

const TARGET = 'ctrl-alt-del.target';
const WANTED: Text = { en: 'masked', de: 'maskiert' };
const BURST = 'CtrlAltDelBurstAction';

const target = defineFact<Unit>({
  id: 'ctrl-alt-del-target',
  collect: async (host, get) => {
    const tree = await get(systemdUnits);
    return tree.state === 'known' ? readUnit(host, tree.value, TARGET) : absent('/usr/lib/systemd/system');
  },
});

const LIB = '/usr/lib/systemd/system';
const base = {
  [`${LIB}/reboot.target`]: '[Unit]\nDescription=Reboot\n',
  [`${LIB}/${TARGET}`]: { link: 'reboot.target' },
  '/dev/null': { type: 'other' as const },
};
const MASK = { [`/etc/systemd/system/${TARGET}`]: { link: '/dev/null' } };
const NONE = { '/etc/systemd/system.conf.d/a.conf': `[Manager]\n${BURST}=none\n` };
const examples: readonly Example[] = [
  { name: 'masked, seven times too', outcome: 'pass', tree: { files: { ...base, ...MASK, ...NONE } } },
  {
    name: 'masked below /run',
    outcome: 'pass',
    tree: { files: { ...base, ...NONE, [`/run/systemd/system/${TARGET}`]: { link: '/dev/null' } } },
  },
  { name: 'as delivered', outcome: 'fail', tree: { files: base }, says: [TARGET] },
  {
    name: 'masked, but seven times in two seconds restarts at once',
    outcome: 'fail',
    tree: { files: { ...base, ...MASK } },
    says: [BURST],
  },
  {
    name: 'the setting in a comment, in another section, and overridden',
    outcome: 'fail',
    tree: {
      files: {
        ...base,
        ...MASK,
        '/etc/systemd/system.conf': `[Manager]\n${BURST}=none\n`,
        '/etc/systemd/system.conf.d/z.conf': `[Manager]\n#${BURST}=none\n${BURST}=reboot-force\n[X]\n${BURST}=none\n`,
      },
    },
  },
  {
    name: 'the mask is a link to another unit',
    outcome: 'fail',
    tree: {
      files: { ...base, ...NONE, [`/etc/systemd/system/${TARGET}`]: { link: `${LIB}/reboot.target` } },
    },
  },
  {
    name: 'inittab of sysvinit',
    outcome: 'fail',
    tree: { files: { '/etc/inittab': 'ca:12345:ctrlaltdel:/sbin/shutdown -t1 -a -r now\n' } },
  },
  {
    name: 'inittab without it',
    outcome: 'pass',
    tree: { files: { '/etc/inittab': '#ca:12345:ctrlaltdel:/sbin/shutdown -r now\n' } },
  },
  {
    name: 'system.conf is a FIFO',
    outcome: 'unknown',
    tree: { files: { ...base, ...MASK, '/etc/systemd/system.conf': { type: 'other' } } },
  },
  { name: 'neither systemd nor inittab', outcome: 'unknown', tree: { files: {} } },
];

const last = (settings: readonly ManagerSetting[]) => settings.filter(({ key }) => key === BURST).at(-1);

export const ctrlAltDel = defineCheck({
  id: 'login.ctrl-alt-del',
  title: {
    en: 'Ctrl-Alt-Del does not restart the system',
    de: 'Strg-Alt-Entf startet das System nicht neu',
  },
  why: {
    en: 'Whoever reaches the console can restart the system without logging in, on purpose or by mistake.',
    de: 'Wer die Konsole erreicht, kann das System ohne Anmeldung neu starten, absichtlich oder versehentlich.',
  },
  remedy: {
    en: 'systemctl mask ctrl-alt-del.target, and CtrlAltDelBurstAction=none in /etc/systemd/system.conf.d/.',
    de: 'systemctl mask ctrl-alt-del.target, dazu CtrlAltDelBurstAction=none in /etc/systemd/system.conf.d/.',
  },
  severity: 'low',
  params: z.strictObject({}),
  needs: { target, settings: managerSettings, inittab },
  appliesTo: always,
  evaluate: (facts) => {
    const lines = valueOr(facts.inittab, undefined);
    const entry = lines?.find(({ action }) => action === 'ctrlaltdel');
    if (entry)
      return fail([
        evidence({
          source: INITTAB,
          line: entry.line,
          found: 'ctrlaltdel',
          wanted: { en: 'no such entry', de: 'kein solcher Eintrag' },
        }),
      ]);
    const unit = valueOr(facts.target, undefined);
    if (unit === undefined)
      return lines
        ? pass([
            evidence({
              source: INITTAB,
              found: { en: 'no such entry', de: 'kein solcher Eintrag' },
              wanted: { en: 'no such entry', de: 'kein solcher Eintrag' },
            }),
          ])
        : unknown(missing('/usr/lib/systemd/system, /etc/inittab'));
    const closed = unit.state !== 'loaded';
    const burst = last(valueIn(facts.settings));
    const state = evidence({
      source: TARGET,
      found: closed
        ? { en: 'masked or missing', de: 'maskiert oder nicht vorhanden' }
        : { en: 'starts reboot.target', de: 'startet reboot.target' },
      wanted: WANTED,
    });
    const often = evidence({
      source: burst?.source ?? '/etc/systemd/system.conf',
      line: burst?.line,
      found: `${BURST}=${burst?.value || 'reboot-force'}`,
      wanted: `${BURST}=none`,
    });
    const none = burst?.value === 'none';
    if (closed && none) return pass([state, often]);
    return fail([...(closed ? [] : [state]), ...(none ? [] : [often])]);
  },
  references: [
    'DISA STIG RHEL 9, RHEL-09-211045, RHEL-09-211050',
    'BSI IT-Grundschutz SYS.1.1.A2',
    'ISO/IEC 27001:2022 A.8.2',
    'systemd.special(7), systemd-system.conf(5), inittab(5)',
  ],
  examples,
});

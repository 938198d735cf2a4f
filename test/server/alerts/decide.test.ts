/** When alerts open and resolve, as tables. */
import { describe, expect, it } from 'vitest';
import {
  type Decision,
  decideBare,
  decideCheck,
  decideEvent,
  decideMassSilence,
  decideSettled,
  decideSilence,
  decideSummary,
  isFlapping,
  type OpenAlert,
  type SilenceSituation,
} from '../../../server/alerts/decide.ts';
import type { Outcome } from '../../../shared/outcome.ts';

const NOW = '2026-06-15T12:00:00.000Z';
const ago = (minutes: number) => new Date(Date.parse(NOW) - minutes * 60_000).toISOString();
const open: OpenAlert = { flapping: false, quietSince: null };
const flapping: OpenAlert = { flapping: true, quietSince: null };
const settling: OpenAlert = { flapping: true, quietSince: ago(60) };
type Action = Decision['action'];

describe('a check', () => {
  it.each<[string, Outcome | null, OpenAlert | null, boolean, Action]>([
    ['fails, nothing is open', 'fail', null, false, 'open'],
    ['fails, the summary counts it', 'fail', null, true, 'nothing'],
    ['fails, its alert is open', 'fail', open, false, 'nothing'],
    ['fails again while settling', 'fail', settling, false, 'unsettle'],
    ['passes, nothing is open', 'pass', null, false, 'nothing'],
    ['passes, its alert is open', 'pass', open, false, 'resolve'],
    ['passes, its alert flaps', 'pass', flapping, false, 'settle'],
    ['passes while settling', 'pass', settling, false, 'nothing'],
    ['is not applicable any more', 'not-applicable', open, false, 'resolve'],
    ['is not known any more: that is no better', 'unknown', open, false, 'nothing'],
    ['is not in the report any more: that is no better', null, open, false, 'nothing'],
    ['is not known while settling', 'unknown', settling, false, 'nothing'],
    ['is not known, nothing is open', 'unknown', null, false, 'nothing'],
  ])('%s', (_name, to, alert, covered, action) => {
    const decision = decideCheck({ to, open: alert, covered });
    expect(decision.action).toBe(action);
    expect(decision.reason.de).not.toBe(decision.reason.en);
  });

  it('says whether it was resolved by passing or by not being applicable', () => {
    const reason = (to: Outcome) => decideCheck({ to, open, covered: false }).reason.en;
    expect(reason('pass')).toMatch(/passes/);
    expect(reason('not-applicable')).toMatch(/not applicable/);
  });

  it('flaps from the third opening on', () => {
    expect([0, 1, 2, 3].map(isFlapping)).toEqual([false, false, true, true]);
  });
});

describe('a summary', () => {
  const checks = (...cleared: boolean[]) =>
    cleared.map((is, i) => ({ check: `login.${'abc'[i]}`, cleared: is }));
  const change = (to: Outcome | null, checkId = 'login.a') => ({ checkId, to });

  it.each<[string, boolean[], ReturnType<typeof change>[], string[], boolean]>([
    ['one of two passes', [false, false], [change('pass')], ['login.a'], false],
    ['the last one passes', [false, true], [change('pass')], ['login.a'], true],
    [
      'both pass at once',
      [false, false],
      [change('pass'), change('pass', 'login.b')],
      ['login.a', 'login.b'],
      true,
    ],
    [
      'one passes, one is not applicable',
      [false, false],
      [change('pass'), change('not-applicable', 'login.b')],
      ['login.a', 'login.b'],
      true,
    ],
    ['the last one is not known', [false, true], [change('unknown')], [], false],
    ['the last one is gone', [false, true], [change(null)], [], false],
    ['a cleared one fails again', [true, false], [change('fail')], [], false],
    ['a cleared one passes again', [true, true], [change('pass')], [], false],
    ['another check passes', [false], [change('pass', 'login.z')], [], false],
  ])('%s', (_name, cleared, changes, wanted, resolved) => {
    expect(decideSummary(checks(...cleared), changes)).toEqual({ cleared: wanted, resolved });
  });
});

describe('silence', () => {
  const excuse = { de: 'entschuldigt', en: 'excused' };
  const situation = (changes: Partial<SilenceSituation>): SilenceSituation => ({
    now: NOW,
    lastSignAt: ago(10),
    intervalSeconds: 3600,
    listeningSince: ago(10_000),
    excused: null,
    open: null,
    ...changes,
  });

  it.each<[string, Partial<SilenceSituation>, Action]>([
    ['just heard', {}, 'nothing'],
    ['exactly two intervals', { lastSignAt: ago(120) }, 'nothing'],
    ['longer than two intervals', { lastSignAt: ago(121) }, 'open'],
    ['already told', { lastSignAt: ago(500), open }, 'nothing'],
    ['heard again', { open }, 'resolve'],
    ['heard again, but it comes and goes', { open: flapping }, 'settle'],
    ['silent again while settling', { lastSignAt: ago(121), open: settling }, 'unsettle'],
    [
      'the collector itself was away until just now',
      { lastSignAt: ago(300), listeningSince: ago(10) },
      'nothing',
    ],
    [
      'the collector has listened for an hour again',
      { lastSignAt: ago(300), listeningSince: ago(61) },
      'open',
    ],
    [
      'the collector has listened for two short intervals again',
      { lastSignAt: ago(300), intervalSeconds: 300, listeningSince: ago(11) },
      'open',
    ],
    [
      'a break of the collector resolves nothing',
      { lastSignAt: ago(300), listeningSince: ago(1), open },
      'nothing',
    ],
    ['excused', { lastSignAt: ago(300), excused: excuse }, 'nothing'],
    ['excused since', { lastSignAt: ago(300), excused: excuse, open }, 'resolve'],
  ])('%s', (_name, changes, action) => {
    expect(decideSilence(situation(changes)).action).toBe(action);
  });
});

describe('a contracted host without an agent', () => {
  const bare = { now: NOW, since: ago(10_000), until: null, enrolled: false, open: null };
  it.each<[string, Partial<Parameters<typeof decideBare>[0]>, Action]>([
    ['for long', {}, 'open'],
    ['in its first day', { since: ago(60 * 24 - 1) }, 'nothing'],
    ['after exactly a day', { since: ago(60 * 24) }, 'open'],
    ['from tomorrow', { since: ago(-60 * 24) }, 'nothing'],
    ['already told', { open }, 'nothing'],
    ['enrolled', { enrolled: true }, 'nothing'],
    ['enrolled since', { enrolled: true, open }, 'resolve'],
    ['contract over', { until: ago(0) }, 'nothing'],
    ['contract over since', { until: ago(1), open }, 'resolve'],
    ['contract over tomorrow', { until: ago(-1) }, 'open'],
  ])('%s', (_name, changes, action) => {
    expect(decideBare({ ...bare, ...changes }).action).toBe(action);
  });
});

describe('mass silence', () => {
  it.each<[number, boolean, Action]>([
    [4, false, 'nothing'],
    [5, false, 'open'],
    [50, true, 'nothing'],
    [4, true, 'resolve'],
    [0, false, 'nothing'],
  ])('%i hosts, told: %s', (recent, told, action) => {
    expect(decideMassSilence({ recent, open: told }).action).toBe(action);
  });
});

describe('time', () => {
  it('ends an event after a day without another', () => {
    expect(decideEvent({ now: NOW, lastAt: ago(60 * 24 - 1) }).action).toBe('nothing');
    expect(decideEvent({ now: NOW, lastAt: ago(60 * 24) }).action).toBe('resolve');
  });

  it('ends flapping after six quiet hours', () => {
    const quiet = (minutes: number) =>
      decideSettled({ now: NOW, open: { flapping: true, quietSince: ago(minutes) } });
    expect(quiet(359).action).toBe('nothing');
    expect(quiet(360).action).toBe('resolve');
    expect(decideSettled({ now: NOW, open: flapping }).action).toBe('nothing');
  });
});

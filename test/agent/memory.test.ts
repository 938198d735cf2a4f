/** What one round leaves for the next: never trusted more than it deserves, and never in the way. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { disk } from '../../agent/durable.ts';
import { heldMemory, keepMemory, memoryOfMachine } from '../../agent/memory.ts';
import { openState } from '../../agent/state.ts';
import type { Memory } from '../../checks/memory.ts';
import { temporaryDirectory } from '../support/database.ts';

const host = `h-${'0'.repeat(24)}`;
const empty: Memory = { format: 'nachweis.memory/1', waiting: [] };
const some: Memory = {
  format: 'nachweis.memory/1',
  manager: 'apt',
  looked: '2026-06-15T12:00:00.000Z',
  waiting: [
    {
      name: 'openssl',
      arch: 'amd64',
      installed: '3.0.1',
      offers: [{ version: '3.0.2', since: '2026-06-14T12:00:00.000Z', exact: true, from: 'seen' }],
    },
  ],
  answer: { inputs: 'a'.repeat(64), asked: '2026-06-15T12:00:00.000Z', updates: [] },
};

const opened = () => openState(path.join(temporaryDirectory(), 'state'), { create: true });
const file = (state: ReturnType<typeof opened>) => state.file(`${host}/memory.json`);

it('is there for the next process, for root alone', () => {
  const state = opened();
  expect(heldMemory(state, { host })).toEqual({ state: 'known', value: empty });
  keepMemory(state, { host }, some);
  expect(heldMemory(openState(state.directory), { host })).toEqual({ state: 'known', value: some });
  expect(fs.statSync(file(state)).mode & 0o777).toBe(0o600);
  expect(fs.statSync(path.dirname(file(state))).mode & 0o777).toBe(0o700);
});

it.each([
  ['cut off', JSON.stringify(some).slice(0, -20)],
  ['empty', ''],
  ['not JSON', '\0\0\0'],
  ['of another form', '{"format":"nachweis.memory/9","waiting":[]}'],
  ['with an instant that is none', JSON.stringify(some).replaceAll('2026-06-14T12', '2026-99-14T12')],
  ['with more than there may be', JSON.stringify({ ...some, waiting: Array(2001).fill(some.waiting[0]) })],
  ['too large to be read', ' '.repeat(5 * 1024 * 1024) + JSON.stringify(some)],
])('a file %s is as good as none', (_name, text) => {
  const state = opened();
  keepMemory(state, { host }, some);
  fs.writeFileSync(file(state), text);
  expect(heldMemory(state, { host })).toEqual({ state: 'known', value: empty });
  keepMemory(state, { host }, some);
  expect(heldMemory(state, { host })).toEqual({ state: 'known', value: some });
});

it('what is no file is as good as none', () => {
  const state = opened();
  fs.mkdirSync(file(state), { recursive: true });
  expect(heldMemory(state, { host })).toEqual({ state: 'known', value: empty });
  fs.rmdirSync(file(state));
  fs.symlinkSync(file(state), file(state));
  expect(heldMemory(state, { host })).toEqual({ state: 'known', value: empty });
});

it('what goes beyond its bounds is not kept, and the one before stays', () => {
  const state = opened();
  keepMemory(state, { host }, some);
  const [waiting] = some.waiting;
  if (!waiting) throw new Error('none');
  keepMemory(state, { host }, { ...some, waiting: Array(2001).fill(waiting) });
  keepMemory(state, { host }, { ...some, waiting: [{ ...waiting, name: 'x'.repeat(301) }] });
  expect(heldMemory(state, { host })).toEqual({ state: 'known', value: some });
});

it('a crash at any step leaves the one before or the new one, whole', () => {
  const steps: string[] = [];
  const recorded = opened();
  keepMemory({ ...recorded, disk: disk((step) => steps.push(step)) }, { host }, some);
  expect(steps.length).toBeGreaterThan(2);
  for (const last of steps) {
    const state = opened();
    keepMemory(state, { host }, empty);
    const crash = disk((step) => {
      if (step === last) throw new Error('crash');
    });
    expect(() => keepMemory({ ...state, disk: crash }, { host }, some)).toThrow('crash');
    const held = heldMemory(openState(state.directory), { host });
    expect([empty, some]).toContainEqual(held.state === 'known' ? held.value : undefined);
  }
});

it('a machine that is not enrolled has none', () => {
  expect(memoryOfMachine(opened).state).toBe('absent');
  expect(memoryOfMachine(() => openState(path.join(temporaryDirectory(), 'none'))).state).toBe('absent');
});

/** The agent's configuration: what it may say, and who may have written it. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readConfig } from '../../agent/config.ts';
import { temporaryDirectory } from '../support/database.ts';

const write = (text: string): string => {
  const file = path.join(temporaryDirectory(), 'agent.yaml');
  fs.writeFileSync(file, text, { mode: 0o644 });
  return file;
};

it('has defaults where there is no file, and where it is empty', async () => {
  const defaults = { interval: 3600, params: {} };
  expect(await readConfig(path.join(temporaryDirectory(), 'none.yaml'))).toEqual(defaults);
  expect(await readConfig(write('\n'))).toEqual(defaults);
});

it.each([
  ['interval: 900', 900],
  ['interval: 15m', 900],
  ['interval: 90s', 90],
  ['interval: 2h', 7200],
  ['interval: 7d', 604_800],
])('reads %s', async (text, seconds) => {
  expect((await readConfig(write(text))).interval).toBe(seconds);
});

it('reads a contract and parameters', async () => {
  const text = 'contract: { site: provider, backup: true }\nparams: { password.max-age: {} }\n';
  expect(await readConfig(write(text))).toMatchObject({
    contract: { site: 'provider', backup: true },
    params: { 'password.max-age': {} },
  });
});

it.each([
  ['interval: 5s', /CONFIG_INVALID/],
  ['interval: 8d', /CONFIG_INVALID/],
  ['interval: often', /CONFIG_INVALID/],
  ['intervall: 1h', /CONFIG_INVALID/],
  ['params: { no.such-check: {} }', /PARAMS_INVALID/],
  ['&a [*a, *a]', /CONFIG_INVALID/],
  ['a: [', /FILE_INVALID/],
])('refuses %s', async (text, said) => {
  await expect(readConfig(write(text))).rejects.toThrow(said);
});

it('refuses a file that others can write, for it decides how reports are judged', async () => {
  const file = write('interval: 1h');
  fs.chmodSync(file, 0o666);
  await expect(readConfig(file)).rejects.toThrow(/STATE_UNSAFE/);
});

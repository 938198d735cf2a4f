/**
 * Whether others could change this very program. Whoever can write to it decides what root runs next, so enrolling,
 * judging for a report and sending are refused then; `check` signs nothing and is left to the judgement of people.
 */
import fs from 'node:fs';
import path from 'node:path';
import { CodedError } from '../shared/errors.ts';
import { trustedOwners, untrustedPart } from './trusted-path.ts';

/** Of a source tree: folders from which code is loaded are looked at file by file, dependencies as folders. */
const CODE = ['agent', 'checks', 'shared', 'package.json'];
const DEPENDENCIES = [
  '.cache/nachweis',
  'commander',
  'node-cron',
  'systeminformation',
  'undici',
  'yaml',
  'zod',
];

/** @throws CodedError `PROGRAM_UNSAFE`, `PROGRAM_FOREIGN` */
export function refuseChangeable(files: readonly string[] = ownFiles()): void {
  const owners = trustedOwners();
  const checked = new Set<string>();
  for (const file of files) {
    const found = untrustedPart(file, owners, checked);
    if (found?.why === 'owner') throw new CodedError('PROGRAM_FOREIGN', { path: found.path, uid: found.uid });
    if (found) throw new CodedError('PROGRAM_UNSAFE', { path: found.path });
  }
}

/** The executable, and the source tree where it is run from one. */
export function ownFiles(): string[] {
  const here = import.meta.dirname ?? '';
  const root = path.dirname(here);
  const isTree = path.basename(here) === 'agent' && fs.existsSync(path.join(here, 'main.ts'));
  if (!isTree) return [process.execPath];
  const dependencies = DEPENDENCIES.map((name) => path.join(root, 'node_modules', name));
  return [
    process.execPath,
    ...CODE.flatMap((name) => below(path.join(root, name))),
    ...dependencies.filter(fs.existsSync),
  ];
}

function below(file: string): string[] {
  if (!fs.statSync(file).isDirectory()) return [file];
  const inside = fs.readdirSync(file, { recursive: true, encoding: 'utf8' });
  return [file, ...inside.map((name) => path.join(file, name))];
}

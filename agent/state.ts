/**
 * The agent's state directory: who it is, and what it owes the collector.
 *
 *   enrolment.json        collector, host id, trust bundle, name of the key file; its rename is what enrols
 *   enrolling.json        the key of an enrolment that may have been cut off
 *   address.json          which of several addresses answered last
 *   key-<id>.pem          0600
 *   <host id>/            chain, spool, documents, receipts of that host; stays when it is enrolled anew
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { addressSchema, MAX_ADDRESSES, trustBundleSchema } from '../shared/enrolment.ts';
import { CodedError } from '../shared/errors.ts';
import { hostIdSchema, instantSchema } from '../shared/identifier.ts';
import { type Disk, disk, readState } from './durable.ts';
import { DEFAULT_STATE } from './state-directory.ts';

export const enrolmentSchema = z.strictObject({
  format: z.literal('nachweis.enrolment/1'),
  collector: z.url({ protocol: /^https$/ }),
  /** All addresses, the first one too, where the collector has more than one. */
  addresses: z.array(addressSchema).max(MAX_ADDRESSES).optional(),
  host: hostIdSchema,
  tenant: z.string(),
  name: z.string(),
  enrolledAt: instantSchema,
  keyFile: z.string().regex(/^key-[0-9a-f]{16}\.pem$/),
  trust: trustBundleSchema,
});
export type Enrolment = z.infer<typeof enrolmentSchema>;

export interface State {
  readonly directory: string;
  readonly disk: Disk;
  file(name: string): string;
}

/**
 * Opens the directory, making it (0700) where it is missing and `create` is set.
 * @throws CodedError `NOT_ENROLLED` where it is missing, `STATE_UNSAFE`, `NO_PERMISSION`
 */
export function openState(directory: string, options: { create?: boolean; disk?: Disk } = {}): State {
  const using = options.disk ?? disk();
  if (options.create) using.makeDirectory(directory);
  else if (!exists(directory)) throw new CodedError('NOT_ENROLLED');
  refuseUnsafe(directory);
  return { directory, disk: using, file: (name) => path.join(directory, name) };
}

function exists(directory: string): boolean {
  try {
    return fs.statSync(directory).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw new CodedError('NO_PERMISSION', { path: directory }, { cause: error });
  }
}

/**
 * Whoever can write to the directory or to one above it can put another key or another trust there. Above it, a
 * sticky bit (as on /tmp) is enough: others can't rename what is ours. A group that is its user's own (same
 * number) is no others. Whose the directories above a directory named by hand are is for who named it to know.
 */
function refuseUnsafe(directory: string): void {
  const mine = process.geteuid?.() ?? 0;
  let real: string;
  try {
    real = fs.realpathSync(directory);
  } catch (error) {
    throw new CodedError('NO_PERMISSION', { path: directory }, { cause: error });
  }
  for (const at of [...upwards(real), ...upwards(directory)]) {
    const { uid, gid, mode } = fs.statSync(at);
    const itself = at === real || at === directory;
    const foreign = uid !== 0 && uid !== mine && (itself || directory === DEFAULT_STATE);
    const writable = (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== uid);
    const sticky = !itself && (mode & 0o1000) !== 0;
    if (foreign || (writable && !sticky)) throw new CodedError('STATE_UNSAFE', { path: at });
  }
}

function upwards(directory: string): string[] {
  const above = path.dirname(directory);
  return above === directory ? [directory] : [directory, ...upwards(above)];
}

/** @throws CodedError `NOT_ENROLLED`, `STATE_UNREADABLE` */
export function readEnrolment(state: State): Enrolment {
  const enrolment = findEnrolment(state);
  if (!enrolment) throw new CodedError('NOT_ENROLLED');
  return enrolment;
}

export const findEnrolment = (state: State): Enrolment | undefined =>
  readState(state.file('enrolment.json'), enrolmentSchema);

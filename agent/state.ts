/**
 * The agent's state directory: who it is, and what it owes the collector.
 *
 *   format.json           the form of all that follows; written first, and read by the packages' scripts
 *   enrolment.json        collector, host id, trust bundle, name of the key file; its rename is what enrols
 *   enrolling.json        the key of an enrolment that may have been cut off
 *   address.json          which of several addresses answered last
 *   confinement.json      whether the kernel keeps the report unit to the collector
 *   key-<id>.pem          0600
 *   decommissioned.json   this machine's last life is over; enrolment-<host id>.json and retired-key-<id>.pem with it
 *   <host id>/            chain, spool, documents, receipts of that host; stays when it is enrolled anew
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { addressSchema, MAX_ADDRESSES, trustBundleSchema } from '../shared/enrolment.ts';
import { CodedError } from '../shared/errors.ts';
import { hostIdSchema, instantSchema } from '../shared/identifier.ts';
import { type Disk, disk, readState } from './durable.ts';
import { trustedOwners, untrustedPart } from './trusted-path.ts';

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

/** Raised when an older version could no longer read what is written; packages refuse to go back behind it. */
export const STATE_FORMAT = 1;
const formatSchema = z.object({ format: z.string().regex(/^nachweis\.state\/\d{1,6}$/) });

export interface State {
  readonly directory: string;
  readonly disk: Disk;
  file(name: string): string;
}

/**
 * Opens the directory, making it (0700) where it is missing and `create` is set.
 * @throws CodedError `NOT_ENROLLED` where it is missing, `STATE_UNSAFE`, `STATE_NEWER`, `NO_PERMISSION`
 */
export function openState(directory: string, options: { create?: boolean; disk?: Disk } = {}): State {
  const using = options.disk ?? disk();
  if (options.create) make(directory, using);
  else if (!exists(directory)) throw new CodedError('NOT_ENROLLED');
  refuseUnsafe(directory);
  const state: State = { directory, disk: using, file: (name) => path.join(directory, name) };
  refuseNewer(state, options.create ?? false);
  return state;
}

/** What is older than the mark has none: it is format 1. */
function refuseNewer(state: State, create: boolean): void {
  const file = state.file('format.json');
  const found = readState(file, formatSchema)?.format.split('/')[1];
  if (found !== undefined && Number(found) > STATE_FORMAT)
    throw new CodedError('STATE_NEWER', { path: state.directory, format: found });
  if (found === undefined && create)
    state.disk.write(file, JSON.stringify({ format: `nachweis.state/${STATE_FORMAT}` }));
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
 * Whoever can write to the directory, to one above it or to a link on the way can put another key or another trust
 * there. A sticky bit above it (as on /tmp) is enough: others can't rename what is ours.
 */
function refuseUnsafe(directory: string, use?: 'below it'): void {
  let found: ReturnType<typeof untrustedPart>;
  try {
    // With a name below it that is not there yet, the directory itself may have the sticky bit.
    found = untrustedPart(directory, trustedOwners(), new Set(), use);
  } catch (error) {
    throw new CodedError('NO_PERMISSION', { path: directory }, { cause: error });
  }
  if (found) throw new CodedError('STATE_UNSAFE', { path: found.path });
}

/** One directory after the other, each looked at before anything is made in it: a link of somebody else leads nowhere. */
function make(directory: string, using: Disk): void {
  if (lstat(directory)) return;
  const above = path.dirname(directory);
  if (above !== directory) make(above, using);
  refuseUnsafe(above, 'below it');
  try {
    using.makeDirectory(directory);
  } catch (error) {
    // Somebody was quicker; what it is now is looked at next.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function lstat(file: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw new CodedError('NO_PERMISSION', { path: file }, { cause: error });
  }
}

/** @throws CodedError `NOT_ENROLLED`, `DECOMMISSIONED`, `STATE_UNREADABLE` */
export function readEnrolment(state: State): Enrolment {
  const enrolment = findEnrolment(state);
  if (enrolment) return enrolment;
  const done = findDecommissioned(state);
  throw done ? new CodedError('DECOMMISSIONED', { at: done.retiredAt }) : new CodedError('NOT_ENROLLED');
}

export const decommissionedSchema = z.strictObject({
  format: z.literal('nachweis.decommissioned/1'),
  host: hostIdSchema,
  name: z.string(),
  tenant: z.string(),
  collector: z.string(),
  keyFile: enrolmentSchema.shape.keyFile,
  retiredAt: instantSchema,
  logIndex: z.int().nonnegative(),
});

export const findDecommissioned = (state: State) =>
  readState(state.file('decommissioned.json'), decommissionedSchema);

export const findEnrolment = (state: State): Enrolment | undefined =>
  readState(state.file('enrolment.json'), enrolmentSchema);

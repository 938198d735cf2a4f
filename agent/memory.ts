/**
 * What one round leaves for the next: `<host id>/memory.json`. Losing it costs time, not truth: then it is not known
 * since when updates wait, and the package manager is asked anew.
 */
import { absent, known } from '../checks/fact.ts';
import type { Host } from '../checks/host.ts';
import { type Memory, memorySchema } from '../checks/memory.ts';
import { CodedError } from '../shared/errors.ts';
import { readState, stateSize } from './durable.ts';
import { type Enrolment, findEnrolment, type State } from './state.ts';

/** Four times what the schema's bounds come to in practice; a file beyond it is not ours. */
const MAX_BYTES = 4 * 1024 * 1024;

const EMPTY: Memory = { format: 'nachweis.memory/1', waiting: [] };

const fileOf = (state: State, { host }: Pick<Enrolment, 'host'>): string => state.file(`${host}/memory.json`);

/** Never throws for what the file holds: a damaged one is as good as none. */
export function heldMemory(state: State, enrolment: Pick<Enrolment, 'host'>): Host['memory'] {
  const file = fileOf(state, enrolment);
  try {
    if (stateSize(file) > MAX_BYTES) return known(EMPTY);
    return known(readState(file, memorySchema) ?? EMPTY);
  } catch {
    return known(EMPTY);
  }
}

/** As `heldMemory`, for a machine that may not be enrolled or whose state this user may not read. */
export function memoryOfMachine(open: () => State): Host['memory'] {
  try {
    const state = open();
    const enrolment = findEnrolment(state);
    return enrolment ? heldMemory(state, enrolment) : absent('memory');
  } catch (error) {
    if (error instanceof CodedError) return absent('memory');
    throw error;
  }
}

/** @throws CodedError `NO_SPACE`, `NO_PERMISSION` */
export function keepMemory(state: State, enrolment: Pick<Enrolment, 'host'>, memory: Memory): void {
  const parsed = memorySchema.safeParse(memory);
  if (!parsed.success) return;
  state.disk.makeDirectory(state.file(enrolment.host));
  state.disk.write(fileOf(state, enrolment), JSON.stringify(parsed.data));
}

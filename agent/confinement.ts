/**
 * Whether the kernel really keeps the report unit to the addresses that agent/unit-filter.ts allowed. Tried, not read off
 * settings: where the filter can't be put in (no cgroup v2, a container without BPF) systemd runs the unit all the same.
 */
import fs from 'node:fs';
import { z } from 'zod';
import { instantSchema } from '../shared/identifier.ts';
import { readState } from './durable.ts';
import type { State } from './state.ts';

export const REPORT_UNIT = 'nachweis-report.service';

/** Whether units could be filtered here at all: only with the unified hierarchy of control groups. */
export const kernelFilters = (): boolean => fs.existsSync('/sys/fs/cgroup/cgroup.controllers');

const confinementSchema = z.strictObject({
  format: z.literal('nachweis.confinement/1'),
  confined: z.boolean(),
  /** Since when every try gave the same; tries are made with each sending under the unit. */
  since: instantSchema,
});
export type Confinement = z.infer<typeof confinementSchema>;

const FILE = 'confinement.json';

/** Undefined where nothing was sent from the unit yet. @throws CodedError `STATE_UNREADABLE`, `NO_PERMISSION` */
export const readConfinement = (state: State): Confinement | undefined =>
  readState(state.file(FILE), confinementSchema);

/** Called by what sends; does nothing outside of the report unit. Never throws: a report is not held up by this. */
export async function noteConfinement(state: State, now: Date): Promise<void> {
  if (!inReportUnit()) return;
  try {
    const confined = await isConfined();
    if (confined === undefined || readConfinement(state)?.confined === confined) return;
    const found: Confinement = { format: 'nachweis.confinement/1', confined, since: now.toISOString() };
    state.disk.write(state.file(FILE), JSON.stringify(found));
  } catch {
    // What can't be read or written here is doctor's to explain.
  }
}

/** cgroups(7): systemd runs every unit in a group of its name. */
export function inReportUnit(file = '/proc/self/cgroup'): boolean {
  try {
    return fs
      .readFileSync(file, 'utf8')
      .split('\n')
      .some((line) => line.endsWith(`/${REPORT_UNIT}`));
  } catch {
    return false;
  }
}

/** An address of this machine itself that nobody gives to a collector or a name server, and the port `discard`. */
const ELSEWHERE = { address: '127.83.84.85', port: 9 };

/** An empty datagram that stays on this machine. EPERM is what the filter answers; undefined: it could not be tried. */
export async function isConfined(): Promise<boolean | undefined> {
  const { createSocket } = await import('node:dgram');
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (confined: boolean | undefined): void => {
      socket.removeAllListeners('error').on('error', () => undefined);
      socket.close();
      resolve(confined);
    };
    socket.once('error', () => end(undefined));
    socket.send('', ELSEWHERE.port, ELSEWHERE.address, (error) => {
      const { code } = (error ?? {}) as NodeJS.ErrnoException;
      end(code === undefined ? false : code === 'EPERM' ? true : undefined);
    });
  });
}

/** systemctl(1), for this program's own units alone. */
import { execFile } from 'node:child_process';

export interface SystemctlEnd {
  /** Undefined: it could not be run, or did not end in time. */
  readonly status: number | undefined;
  /** The last line of what it complained about. */
  readonly complaint: string;
}

export function systemctl(args: readonly string[]): Promise<SystemctlEnd> {
  return new Promise((resolve) => {
    execFile(
      '/usr/bin/systemctl',
      args,
      { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }, timeout: 20_000 },
      (error, _stdout, stderr) => {
        const status = error === null ? 0 : error.code;
        const complaint = stderr.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
        resolve({ status: typeof status === 'number' ? status : undefined, complaint });
      },
    );
  });
}

/** Undefined where systemd does not say: it does not run, or may not be asked. */
export async function isActive(unit: string): Promise<boolean | undefined> {
  const { status, complaint } = await systemctl(['is-active', '--quiet', unit]);
  if (status === 0) return true;
  // 3: inactive; 4: no such unit. It complains where it could not ask.
  return status !== undefined && complaint === '' ? false : undefined;
}

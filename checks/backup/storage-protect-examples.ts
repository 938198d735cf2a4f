/** Hosts whose backups a server of IBM Storage Protect starts: their schedule log, as its documentation shows it. */
import type { Example } from '../check.ts';
import { type Files, toolTree, wants } from './tool-host.ts';

const HERE = '/opt/tivoli/tsm/client/ba/bin';
const settings = (more = ''): Files => ({
  [`${HERE}/dsm.sys`]: `* comment\nSErvername  MAIN\n  TCPServeraddress  tsm.example.org\n  PASSWORDAccess generate\n  MANAGEDServices schedule webclient\n${more}`,
  [`${HERE}/dsm.opt`]: 'SErvername MAIN\n',
});
/** The client with its scheduler. */
export const DSM: Files = settings();

const backup = (day: string, failed: string, end: string): string =>
  [
    '--- SCHEDULEREC OBJECT BEGIN DAILY 02:00:00',
    "Incremental backup of volume '/'",
    'ANS1898I ***** Processed    51,000 files *****',
    '--- SCHEDULEREC STATUS BEGIN',
    'Total number of objects inspected:       51,215',
    `Total number of objects failed:          ${failed.padStart(6)}`,
    '--- SCHEDULEREC STATUS END',
    '--- SCHEDULEREC OBJECT END DAILY 02:00:00',
    end,
    "Sending results for scheduled event 'DAILY'.",
    'Querying server for next scheduled event.',
  ]
    .map((text) => `${day} 02:13:12 ${text}\n`)
    .join('');
const WELL = "Scheduled event 'DAILY' completed successfully.";
const FAILED = "ANS1512E Scheduled event 'DAILY' failed.  Return code = 12.";
const command = (day: string): string =>
  `${day} 04:00:00 Executing scheduled command now.\n${day} 04:00:01 Scheduled event 'CLEAN' completed successfully.\n`;

const daemon = wants('dsmcad.service');
const logged = (...days: string[]): Files => ({ [`${HERE}/dsmsched.log`]: days.join('') });

const list = (...rows: string[]): Files => ({
  ...settings('  INCLEXCL /etc/tsm/list\n'),
  '/etc/tsm/list': `${rows.join('\n')}\n`,
  '/etc/ssl/private/web.key': 'x',
});

export const storageProtectExamples: Readonly<Record<string, readonly Example[]>> = {
  'backup.scope': [
    {
      name: 'the list of Storage Protect leaves out a directory, which no include brings back',
      outcome: 'fail',
      tree: toolTree(list('* ours', 'EXCLUDE.DIR "/etc/ssl/private"', 'INCLUDE /etc/.../*'), daemon),
      says: ['/etc/ssl/private'],
    },
    {
      name: 'the same of a pattern, which the server may outdo',
      outcome: 'unknown',
      tree: toolTree(list('exclude /etc/ssl/private/*'), daemon),
    },
    {
      name: 'a domain without the root file system, which the schedule may name',
      outcome: 'unknown',
      tree: toolTree(settings('  DOMAIN /home\n'), daemon),
      says: ['DOMAIN'],
    },
    {
      name: 'everything by the files here, and the server may leave out more',
      outcome: 'unknown',
      tree: toolTree(list('exclude.archive /etc/.../*'), daemon),
      says: ['query inclexcl'],
    },
  ],
  'backup.recent': [
    {
      name: 'the schedule log of Storage Protect tells of last night',
      outcome: 'pass',
      tree: toolTree(DSM, daemon, logged(backup('06/14/2026', '0', WELL), backup('06/15/2026', '0', WELL))),
      says: ['2026-06-15T00:13:12.000Z', 'tsm.example.org'],
    },
    {
      name: 'the same on a system whose clock shows UTC',
      outcome: 'pass',
      tree: toolTree(DSM, daemon, logged(backup('2026-06-15', '0', WELL)), {
        '/etc/localtime': { link: '/usr/share/zoneinfo/Etc/UTC' },
      }),
      says: ['2026-06-15T02:13:12.000Z'],
    },
    {
      name: 'the log lies where dsm.sys says',
      outcome: 'pass',
      tree: toolTree(settings('  SCHEDLOGName /var/log/tsm/sched.log\n'), daemon, {
        '/var/log/tsm/sched.log': backup('15.06.2026', '0', WELL),
      }),
    },
    {
      name: 'a log that goes on at its beginning',
      outcome: 'pass',
      tree: toolTree(
        DSM,
        daemon,
        logged(
          backup('2026-06-15', '0', WELL),
          'END OF DATA\n',
          backup('2026-06-12', '0', FAILED),
          'Continued at beginning of file\n',
        ),
      ),
    },
    {
      name: 'it failed for three nights',
      outcome: 'fail',
      tree: toolTree(DSM, daemon, logged(backup('2026-06-12', '0', WELL), `2026-06-15 02:00:09 ${FAILED}\n`)),
      says: ['2026-06-12T00:13:12.000Z', 'failed'],
    },
    {
      name: 'the last success is three days old',
      outcome: 'fail',
      tree: toolTree(DSM, daemon, logged(backup('2026-06-12', '0', WELL))),
    },
    {
      name: 'only a command was run since, and its success is none of a backup',
      outcome: 'fail',
      tree: toolTree(DSM, daemon, logged(backup('2026-06-12', '0', WELL), command('2026-06-15'))),
    },
    {
      name: 'not everything was copied',
      outcome: 'unknown',
      tree: toolTree(DSM, daemon, logged(backup('2026-06-15', '1,204', WELL))),
      says: ['not copied'],
    },
    {
      name: 'day and month can not be told apart',
      outcome: 'unknown',
      tree: toolTree(DSM, daemon, logged(backup('06/05/2026', '0', WELL))),
      says: ['DATEFORMAT'],
    },
    {
      name: 'the same, and dsm.opt says which is which',
      outcome: 'fail',
      tree: toolTree(DSM, daemon, logged(backup('06/05/2026', '0', WELL)), {
        [`${HERE}/dsm.opt`]: 'SErvername MAIN\nDATEFormat 7\n',
      }),
      says: ['2026-05-06T00:13:12.000Z'],
    },
    {
      name: 'no schedule log',
      outcome: 'unknown',
      tree: toolTree(DSM, daemon),
      says: ['SCHEDLOGName'],
    },
    {
      name: 'a log that others can write',
      outcome: 'unknown',
      tree: toolTree(DSM, daemon, {
        [`${HERE}/dsmsched.log`]: { text: backup('2026-06-15', '0', WELL), mode: 0o666 },
      }),
      says: ['not only root'],
    },
    {
      name: 'a log in a language that is not read',
      outcome: 'unknown',
      tree: toolTree(
        DSM,
        daemon,
        logged("2026-06-15 02:13:12 Geplantes Ereignis 'DAILY' erfolgreich beendet.\n"),
      ),
    },
  ],
};

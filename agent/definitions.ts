/**
 * Every command of `nachweis`, in one list, so that they and their options read alike. The module of each is loaded when
 * it is called: `check` never pays for network or logging. Over 300 lines, because it is one list that belongs together.
 */
import type { Command } from 'commander';
import {
  configOption,
  define,
  formatOption,
  language,
  numberOption,
  option,
  say,
  stateOption,
} from './command-line.ts';
import type { CheckOptions } from './commands/check.ts';
import type { DecommissionCommandOptions } from './commands/decommission.ts';
import type { DoctorOptions } from './commands/doctor.ts';
import type { DrillCommandOptions } from './commands/drill.ts';
import type { EnrolCommandOptions } from './commands/enrol.ts';
import type { NetworkOptions } from './commands/network.ts';
import type { ReportingOptions } from './commands/once.ts';
import type { ProbeCommandOptions } from './commands/probe.ts';
import type { RoundCommandOptions } from './commands/round.ts';
import type { SendCommandOptions } from './commands/send.ts';
import type { StatusOptions } from './commands/status.ts';

/** In the order in which help shows them. */
export function defineAll(program: Command): void {
  defineCheck(program);
  defineEnrol(program);
  defineReporting(program);
  define<NetworkOptions>(
    program,
    'network',
    {
      en: 'let the report unit of systemd speak to the collector alone',
      de: 'die Bericht-Unit von systemd nur mit dem Kollektor sprechen lassen',
    },
    {
      options: [stateOption(), configOption()],
      run: async (...call) => (await import('./commands/network.ts')).network(...call),
    },
  );
  defineDecommission(program);
  defineProbe(program);
  defineDrill(program);
}

function defineCheck(program: Command): void {
  define<CheckOptions>(
    program,
    'check',
    { en: 'judge this system, or an unpacked one', de: 'dieses System prüfen, oder ein entpacktes' },
    {
      options: [
        option('--root <directory>', {
          en: 'an unpacked or mounted system',
          de: 'ein entpacktes oder eingehängtes System',
        }),
        option('--only <ids>', {
          en: 'checks or families: ID,family.*,family.name-*',
          de: 'Prüfungen oder Familien: ID,familie.*,familie.name-*',
        }),
        option('--params <file>', { en: 'parameters, YAML or JSON', de: 'Parameter, YAML oder JSON' }),
        option('--contract <file>', {
          en: 'what was ordered, YAML or JSON',
          de: 'Leistungsumfang, YAML oder JSON',
        }),
        configOption(),
        formatOption(),
        option('--all', { en: 'show all evidence', de: 'alle Belege zeigen' }),
        option('--access', {
          en: 'who can enter, how far, and by whose leave',
          de: 'wer hineinkommt, wie weit und mit wessen Freigabe',
        }),
        option('--list', { en: 'only list the checks', de: 'die Prüfungen nur auflisten' }),
      ],
      notes: {
        en: 'Exit status: 0 nothing fails, 1 something fails, 2 wrong usage or an internal error,\n3 nothing fails but something is unknown.',
        de: 'Exit-Status: 0 alles bestanden, 1 etwas nicht bestanden, 2 falscher Aufruf oder interner Fehler,\n3 nichts durchgefallen, aber etwas nicht ermittelbar.',
      },
      run: async (...call) => (await import('./commands/check.ts')).check(...call),
    },
  );
}

function defineEnrol(program: Command): void {
  define(
    program,
    'enrol',
    { en: 'enrol this machine at a collector', de: 'diese Maschine bei einem Kollektor anmelden' },
    {
      options: [
        option('--file <file>', {
          en: 'read the string from a file',
          de: 'die Zeichenkette aus einer Datei lesen',
        }),
        option('--again', {
          en: 'enrol anew with a new key',
          de: 'unter einem neuen Schlüssel neu anmelden',
        }),
        option('--if-needed', {
          en: 'do nothing, and succeed, where it is enrolled at that collector',
          de: 'nichts tun und Erfolg melden, wenn sie dort schon angemeldet ist',
        }),
        stateOption(),
        configOption(),
      ],
      notes: {
        en: 'Without an argument the string is read from NACHWEIS_ENROL, else from standard input.\nSeveral addresses of one collector: https://a:8443,https://b:8443/#...',
        de: 'Ohne Argument wird die Zeichenkette aus NACHWEIS_ENROL gelesen, sonst von der Standardeingabe.\nMehrere Adressen eines Kollektors: https://a:8443,https://b:8443/#...',
      },
    },
  )
    .argument(
      '[string]',
      say({
        en: 'the enrolment string; better given on standard input, where no other user sees it',
        de: 'die Anmeldezeichenkette; besser über die Standardeingabe, wo kein anderer Benutzer sie sieht',
      }),
    )
    .action(async (text: string | undefined, options: EnrolCommandOptions) => {
      const { enrolCommand } = await import('./commands/enrol.ts');
      process.exitCode = await enrolCommand({ ...options, text }, language);
    });
}

function defineReporting(program: Command): void {
  define<ReportingOptions>(
    program,
    'once',
    { en: 'check, sign and send, once', de: 'einmal prüfen, signieren und senden' },
    {
      options: [stateOption(), configOption()],
      run: async (...call) => (await import('./commands/once.ts')).once(...call),
    },
  );
  define<ReportingOptions>(
    program,
    'run',
    { en: 'stay and do so at every interval', de: 'bleiben und das in jedem Intervall tun' },
    {
      options: [stateOption(), configOption()],
      run: async (...call) => (await import('./commands/run.ts')).run(...call),
    },
  );
  define<StatusOptions>(
    program,
    'status',
    {
      en: 'enrolled where, what was sent, what is wrong',
      de: 'wo angemeldet, was gesendet, was nicht stimmt',
    },
    {
      options: [stateOption(), formatOption()],
      notes: {
        en: 'Exit status: 0 in order, 1 needs attention, 2 not enrolled or an error.',
        de: 'Exit-Status: 0 in Ordnung, 1 braucht Aufmerksamkeit, 2 nicht angemeldet oder ein Fehler.',
      },
      run: async (...call) => (await import('./commands/status.ts')).status(...call),
    },
  );
  define<DoctorOptions>(
    program,
    'doctor',
    { en: 'look at all that a report needs', de: 'alles ansehen, was ein Bericht braucht' },
    {
      options: [stateOption(), configOption(), formatOption()],
      notes: {
        en: 'It changes nothing and sends no report.\nExit status: 0 all in order, 1 something does not work, 3 something is to be looked at.',
        de: 'Verändert nichts und sendet keinen Bericht.\nExit-Status: 0 alles in Ordnung, 1 etwas ist gestört, 3 etwas ist anzusehen.',
      },
      run: async (...call) => (await import('./commands/doctor.ts')).doctor(...call),
    },
  );
  define<SendCommandOptions>(
    program,
    'send',
    { en: 'send what waits', de: 'senden, was wartet' },
    {
      options: [
        stateOption(),
        configOption(),
        option('--now', {
          en: 'do not wait for the next try',
          de: 'nicht bis zum nächsten Versuch warten',
        }),
        formatOption(),
      ],
      run: async (...call) => (await import('./commands/send.ts')).send(...call),
    },
  );
  define<RoundCommandOptions>(
    program,
    'round',
    { en: 'check and sign, without sending', de: 'prüfen und signieren, ohne zu senden' },
    {
      options: [
        stateOption(),
        configOption(),
        // For `decommission`.
        option('--last', { en: 'the last one of all', de: 'der allerletzte' }).hideHelp(),
        formatOption(),
      ],
      run: async (...call) => (await import('./commands/round.ts')).round(...call),
    },
  );
}

function defineDecommission(program: Command): void {
  define<DecommissionCommandOptions>(
    program,
    'decommission',
    {
      en: 'take this host out of service: what must be recorded, and its last report',
      de: 'dieses System außer Betrieb nehmen: was nachzuweisen ist, und der letzte Bericht',
    },
    {
      options: [
        option('--record <file>', {
          en: 'write the record to fill in to this new file',
          de: 'den auszufüllenden Nachweis in diese neue Datei schreiben',
        }),
        option('--confirm', {
          en: 'send the last report and retire the key of this host',
          de: 'den letzten Bericht senden und den Schlüssel dieses Systems außer Kraft setzen',
        }),
        stateOption(),
        configOption(),
      ],
      notes: {
        en: 'Nothing is ever erased. Exit status: 0 told or done, 2 refused or an error, 3 the collector could not be\nreached: run the same command again.',
        de: 'Gelöscht wird nie etwas. Exit-Status: 0 gezeigt oder erledigt, 2 abgelehnt oder ein Fehler, 3 Kollektor nicht\nerreichbar: denselben Befehl wiederholen.',
      },
      run: async (...call) => (await import('./commands/decommission.ts')).decommissionCommand(...call),
    },
  );
}

function defineProbe(program: Command): void {
  const probe = define(
    program,
    'probe',
    { en: 'look at what checks may not open', de: 'nachsehen, was Prüfungen nicht öffnen dürfen' },
    {},
  );
  define<ProbeCommandOptions>(
    probe,
    'backup',
    { en: 'open the declared backup repositories', de: 'die angegebenen Sicherungs-Repositorys öffnen' },
    {
      options: [
        option('--now', {
          en: 'also those that were opened less than a tenth of the RPO ago',
          de: 'auch die, die vor weniger als einem Zehntel der RPO geöffnet wurden',
        }),
        formatOption(),
      ],
      run: async (...call) => (await import('./commands/probe.ts')).probe(...call),
    },
  );
}

function defineDrill(program: Command): void {
  const drill = define(
    program,
    'drill',
    {
      en: 'try in earnest what is promised for an emergency',
      de: 'proben, was für den Notfall zugesagt ist',
    },
    {},
  );
  define<DrillCommandOptions>(
    drill,
    'restore',
    {
      en: 'restore a sample from the newest backup, compare it, delete it, record it',
      de: 'eine Stichprobe aus der jüngsten Sicherung wiederherstellen, vergleichen, löschen, festhalten',
    },
    {
      options: [
        option('--tool <tool>', {
          en: 'only jobs of this program',
          de: 'nur Aufträge dieses Programms',
        }).choices(['restic', 'borg', 'borgmatic', 'duplicity', 'rsnapshot']),
        option('--job <name>', { en: 'only the job of this name', de: 'nur der Auftrag dieses Namens' }),
        option('--paths <path...>', {
          en: 'these files and directories; else a random sample of the system configuration',
          de: 'diese Dateien und Verzeichnisse; sonst eine Stichprobe der Systemkonfiguration',
        }),
        numberOption(
          '--files <number>',
          { en: 'at most so many files', de: 'höchstens so viele Dateien' },
          { least: 1, most: 500, usual: 24 },
        ),
        numberOption(
          '--megabytes <number>',
          { en: 'at most so much', de: 'höchstens so viel' },
          { least: 1, most: 100_000, usual: 64 },
        ),
        numberOption(
          '--minutes <number>',
          { en: 'at most so long for each job', de: 'höchstens so lange je Auftrag' },
          { least: 1, most: 1440, usual: 30 },
        ),
        stateOption(),
        configOption(),
        formatOption(),
      ],
      notes: {
        en: 'Exit status: 0 all equal, 1 something not equal or missing, 2 an error, 3 it could not be told.',
        de: 'Exit-Status: 0 alles gleich, 1 etwas nicht gleich oder fehlend, 2 ein Fehler, 3 nicht zu ermitteln.',
      },
      run: async (...call) => (await import('./commands/drill.ts')).drillRestore(...call),
    },
  );
}

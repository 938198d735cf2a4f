/** Where the secrets of the backup jobs are, and who else can read them there. What they are is not kept. */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, known, valueIn } from '../fact.ts';
import type { Host } from '../host.ts';
import { optionValue } from './backup-call.ts';
import type { BackupJob } from './backup-job.ts';
import { backupJobs } from './backup-jobs.ts';
import { shellCommands } from './backup-shell.ts';

export interface SecretPlace {
  readonly source: string;
  readonly line?: number;
  /** What is wrong with it; undefined where only its owner can read it. */
  readonly problem?: Text;
}

export interface BackupSecrets {
  /** One per file, and per line that shows a secret to all. */
  readonly places: readonly SecretPlace[];
  readonly gaps: readonly Text[];
}

/** Variables that hold secrets themselves, with a value that is no other variable or command. */
const ASSIGNED =
  /\b(?:RESTIC_PASSWORD|RESTIC_REST_PASSWORD|BORG_PASSPHRASE|AWS_SECRET_ACCESS_KEY|B2_ACCOUNT_KEY|AZURE_ACCOUNT_KEY|AZURE_ACCOUNT_SAS|OS_PASSWORD|ST_KEY|RCLONE_CONFIG_PASS|encryption_passphrase|PASSPHRASE|SIGN_PASSPHRASE|FTP_PASSWORD|BACKEND_PASSWORD|SWIFT_PASSWORD|CLOUDFILES_APIKEY|PBS_PASSWORD|PBS_ENCRYPTION_PASSWORD)\b['"]?\s*[=:]\s*(?:"[^"$`]|'[^']|[^\s"'$`#])/;
/** A password in a URL. */
const IN_URL = /[a-z][a-z0-9+.-]*:\/\/[^\s/@:'"$]*:[^\s@'"$]+@/i;
/** A command that carries the secret in its own words. */
const SPOKEN = /^(?:\S*\/)?(?:echo|printf)\s+\S/;

export const backupSecrets = defineFact<BackupSecrets>({
  id: 'backup-secrets',
  collect: async (host, get): Promise<Fact<BackupSecrets>> => {
    const { jobs, upkeep } = valueIn(await get(backupJobs));
    const all = [...jobs, ...upkeep].filter(({ problem }) => !problem);
    const gaps: Text[] = [];
    const places: SecretPlace[] = [];
    const seen = new Set<string>();
    for (const job of all) {
      for (const place of shown(job)) {
        const key = `${place.source}:${place.line}:${place.problem?.en}`;
        if (!seen.has(key)) places.push(place);
        seen.add(key);
      }
      for (const [path, isSecret] of files(job)) {
        if (seen.has(path)) continue;
        seen.add(path);
        places.push(...(await filePlaces(host, path, isSecret, gaps)));
      }
    }
    return known({ places, gaps });
  },
});

/** Files of a job, and whether each is a secret as a whole. */
function files({ call, source, files: variables, configuration }: BackupJob): Map<string, boolean> {
  const found = new Map<string, boolean>();
  for (const path of [source, configuration, ...(variables ?? []), call?.repositoryFile])
    if (path?.startsWith('/')) found.set(path, false);
  if (!call) return found;
  const { environment: env, options } = call;
  for (const path of [
    optionValue(options, '-p', '--password-file'),
    env.RESTIC_PASSWORD_FILE,
    optionValue(options, '--keyfile'),
    env.PBS_PASSWORD_FILE,
    env.PBS_ENCRYPTION_PASSWORD_FILE,
  ])
    if (path?.startsWith('/')) found.set(path, true);
  for (const command of [
    optionValue(options, '--password-command'),
    env.RESTIC_PASSWORD_COMMAND,
    env.BORG_PASSCOMMAND,
    env.PBS_PASSWORD_CMD,
    env.PBS_ENCRYPTION_PASSWORD_CMD,
  ]) {
    // `cat FILE`: the file is the secret. What other programs read is theirs.
    const [words = []] = shellCommands(command ?? '').map((each) => each.words);
    if (/^(?:\/usr)?(?:\/bin\/)?(?:cat|head)$/.test(words[0] ?? ''))
      for (const path of words.slice(1).filter((word) => word.startsWith('/'))) found.set(path, true);
  }
  return found;
}

/** Words that every user sees while the program runs: ps(1). */
function shown({ call, source, line }: BackupJob): SecretPlace[] {
  if (!call) return [];
  const at = { source, ...(line === undefined ? {} : { line }) };
  const places: SecretPlace[] = [];
  // By option or as a word; from the environment nobody else sees it.
  const isNamed =
    call.repository !== undefined &&
    call.tool !== 'borgmatic' &&
    call.environment.RESTIC_REPOSITORY !== call.repository &&
    call.environment.BORG_REPO !== call.repository;
  if (isNamed && IN_URL.test(call.repository ?? '')) {
    places.push({
      ...at,
      problem: {
        en: 'the address of the repository, with its user and secret part, is an argument: every user sees it while the job runs',
        de: 'die Adresse des Repositorys samt Zugangsdaten ist ein Argument: Jeder Benutzer sieht sie, während der Auftrag läuft',
      },
    });
  }
  if (SPOKEN.test(optionValue(call.options, '--password-command') ?? '')) {
    places.push({
      ...at,
      problem: {
        en: 'the secret is an argument: every user sees it while the job runs',
        de: 'das Geheimnis ist ein Argument: Jeder Benutzer sieht es, während der Auftrag läuft',
      },
    });
  }
  return places;
}

async function filePlaces(host: Host, path: string, isSecret: boolean, gaps: Text[]): Promise<SecretPlace[]> {
  const file = await host.readText(path, { maxBytes: 256 * 1024, encoding: 'latin1' });
  if (file.state === 'unreadable') gaps.push(file.reason);
  if (file.state !== 'known') return [];
  const { text } = file.value;
  const lines = text.split('\n');
  const isUnit = /\.service(?:\.d\/[^/]+\.conf)?$/.test(path);
  const places: SecretPlace[] = [];
  const held = lines.findIndex(
    (line) => !/^\s*[#;]/.test(line) && (ASSIGNED.test(line) || IN_URL.test(line) || SPOKEN_VALUE.test(line)),
  );
  if (isUnit && held >= 0) {
    return [
      {
        source: path,
        line: held + 1,
        problem: {
          en: 'a secret in a unit: systemctl show tells it to every user, whatever the mode of the file',
          de: 'ein Geheimnis in einer Unit: systemctl show zeigt es jedem Benutzer, unabhängig vom Modus der Datei',
        },
      },
    ];
  }
  if (!isSecret && held < 0) return [];
  const reader = await others(host, path, gaps);
  places.push({
    source: path,
    ...(isSecret ? {} : { line: held + 1 }),
    ...(reader ? { problem: reader } : {}),
  });
  return places;
}

const SPOKEN_VALUE = /\b(?:RESTIC_PASSWORD_COMMAND|BORG_PASSCOMMAND)=['"]?(?:\S*\/)?(?:echo|printf)\s+\S/;

/** Who else can read or change it; undefined where nobody can. A closed directory above it keeps all others out. */
async function others(host: Host, path: string, gaps: Text[]): Promise<Text | undefined> {
  const real = await host.realPath(path);
  if (real.state !== 'known') return undefined;
  const parts = real.value.split('/').filter(Boolean);
  for (let count = 1; count < parts.length; count += 1) {
    const directory = await host.stat(`/${parts.slice(0, count).join('/')}`);
    const acl = await host.acl(`/${parts.slice(0, count).join('/')}`);
    if (
      directory.state === 'known' &&
      (directory.value.mode & 0o001) === 0 &&
      acl.state === 'known' &&
      acl.value.length === 0
    )
      return undefined;
  }
  const stat = await host.stat(path);
  const acl = await host.acl(path);
  if (stat.state === 'unreadable') gaps.push(stat.reason);
  if (acl.state === 'unreadable') gaps.push(acl.reason);
  if (stat.state !== 'known') return undefined;
  const mode = `0${(stat.value.mode & 0o777).toString(8)}`;
  if ((stat.value.mode & 0o004) !== 0)
    return {
      en: `every user can read it (mode ${mode})`,
      de: `jeder Benutzer kann sie lesen (Modus ${mode})`,
    };
  if ((stat.value.mode & 0o002) !== 0)
    return {
      en: `every user can write it (mode ${mode})`,
      de: `jeder Benutzer kann sie schreiben (Modus ${mode})`,
    };
  const entry =
    acl.state === 'known' ? acl.value.find((each) => /^(?:user|group):[^:]+:r/.test(each)) : undefined;
  if (entry === undefined) return undefined;
  return {
    en: `an access list lets others read it (${entry})`,
    de: `eine Zugriffsliste lässt andere sie lesen (${entry})`,
  };
}

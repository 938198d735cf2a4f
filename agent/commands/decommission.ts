/** `nachweis decommission`: what must be recorded about this machine's disks; with `--confirm` also its last report. */
import fs from 'node:fs';
import { factGetter } from '../../checks/evaluate.ts';
import type { Host } from '../../checks/host.ts';
import { CodedError } from '../../shared/errors.ts';
import type { Language } from '../../shared/outcome.ts';
import { runChild } from '../child.ts';
import { RefusedByCollector } from '../collector.ts';
import { readConfigForm } from '../config.ts';
import { type Decommissioned, decommission, finishSettingAside } from '../decommission.ts';
import {
  doneText,
  inventoryText,
  type MountedFilesystem,
  nextText,
  recordForm,
} from '../decommission-text.ts';
import { linuxHost } from '../host-linux.ts';
import { withIdentity } from '../identity.ts';
import { readKey } from '../key.ts';
import { speaker } from '../language.ts';
import { openLink } from '../link.ts';
import { withLock } from '../lock.ts';
import { readMachine } from '../machine.ts';
import { sentText } from '../round-text.ts';
import { sendWaiting } from '../send.ts';
import { openSpool } from '../spool.ts';
import { type Enrolment, openState, readEnrolment, type State } from '../state.ts';
import { stateDirectory } from '../state-directory.ts';
import { childArgs } from './once.ts';

export interface DecommissionCommandOptions {
  readonly state?: string;
  readonly config?: string;
  readonly record?: string;
  readonly confirm?: boolean;
}

/** @returns 0 told or done, 2 no report could be made, or refused, 3 the collector could not be reached: run it again */
export async function decommissionCommand(
  options: DecommissionCommandOptions,
  language: Language,
): Promise<number> {
  const state = openState(stateDirectory(options.state));
  // A crash may have left only the last steps undone.
  const before = finishSettingAside(state);
  if (before && options.confirm) {
    process.stdout.write(doneText(before, language));
    return 0;
  }
  const enrolment = readEnrolment(state);
  await tellInventory(options, enrolment, language);
  if (!options.confirm) {
    const where = state.directory === stateDirectory() ? '' : ` --state ${state.directory}`;
    process.stdout.write(
      nextText(enrolment.host, `nachweis decommission --confirm${where}`, options.record, language),
    );
    return 0;
  }
  return confirm(state, enrolment, options, language);
}

async function tellInventory(
  { record }: DecommissionCommandOptions,
  enrolment: Enrolment,
  language: Language,
): Promise<void> {
  const host = linuxHost();
  const machine = await withIdentity(await readMachine(host, factGetter(host, new Date())), host);
  const inventory = { machine, filesystems: machine.kind === 'vm' ? await filesystems(host) : [] };
  const form = recordForm(inventory, enrolment, language);
  const say = speaker(language);
  if (record !== undefined) writeNew(record, form);
  process.stdout.write(inventoryText(inventory, enrolment, language));
  if (record === undefined) {
    const indented = form.replace(/^(?=.)/gm, '  ');
    const head = say({
      en: 'What must be recorded once they are erased or destroyed (--record FILE writes it):',
      de: 'Was nachzuweisen ist, sobald sie gelöscht oder vernichtet sind (--record DATEI schreibt es):',
    });
    process.stdout.write(`\n${head}\n\n${indented}\n`);
    return;
  }
  process.stdout.write(
    `\n${say({ en: `The record to fill in is in ${record}.`, de: `Der auszufüllende Nachweis steht in ${record}.` })}\n\n`,
  );
}

/** Never over another file: it may be filled in already. */
function writeNew(path: string, text: string): void {
  try {
    fs.writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const problem = String((error as NodeJS.ErrnoException).code);
    if (problem === 'EEXIST')
      throw new CodedError('USAGE', {
        problem: {
          en: `${path} is there already, and may be filled in; name another file.`,
          de: `${path} ist schon da und vielleicht ausgefüllt; eine andere Datei nennen.`,
        },
      });
    throw new CodedError('FILE_UNREADABLE', { path, problem }, { cause: error });
  }
}

async function confirm(
  state: State,
  enrolment: Enrolment,
  options: DecommissionCommandOptions,
  language: Language,
): Promise<number> {
  const config = await readConfigForm(options.config);
  const collector = openLink({ state, enrolment, config, environment: process.env, language });
  const signer = readKey(state.file(enrolment.keyFile));
  const spool = openSpool(state, enrolment.host);
  const clock = (): Date => new Date();
  try {
    // As for sending: a timer's own round must not be sent in between.
    const ended = await withLock(state.file('send.lock'), 60_000, () =>
      decommission({
        ...{ state, enrolment, signer, spool, collector, clock },
        lastRound: async () =>
          (await runChild([...childArgs('round', options, language), '--last'])).status === 0,
        send: () =>
          sendWaiting({
            ...{ state, spool, collector, signer, clock, random: Math.random, language, now: true },
          }),
      }),
    );
    return tell(ended, enrolment, language);
  } catch (error) {
    if (!(error instanceof RefusedByCollector)) throw error;
    const { code, message, next } = error.refusal;
    process.stderr.write(`${code}: ${message} ${next}\n`);
    return 2;
  } finally {
    await collector.close();
  }
}

function tell(ended: Decommissioned, { name, host }: Enrolment, language: Language): number {
  if (ended.state === 'done') {
    process.stdout.write(doneText({ name, host, ...ended }, language));
    return 0;
  }
  // The round has said why, with a code.
  if (ended.state === 'no-round') return 2;
  process.stdout.write(sentText(ended.sent, language));
  process.stdout.write(
    speaker(language)({
      en: 'The last report waits here, and the key is not retired yet. Run the same command again.\n',
      de: 'Der letzte Bericht wartet hier, der Schlüssel gilt noch. Denselben Befehl noch einmal ausführen.\n',
    }),
  );
  return 3;
}

/** What is mounted from a device: proc_mounts(5). */
async function filesystems(host: Host): Promise<MountedFilesystem[]> {
  const mounts = await host.readText('/proc/self/mounts');
  if (mounts.state !== 'known') return [];
  const plain = (text: string) =>
    text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return mounts.value.text.split('\n').flatMap((line) => {
    const [source = '', at = '', type = ''] = line.split(' ').map(plain);
    return source.startsWith('/dev/') && !source.startsWith('/dev/loop') ? [{ source, at, type }] : [];
  });
}

/** A way to tell people. */
import { readFile } from 'node:fs/promises';
import { CodedError } from '../../shared/errors.ts';
import type { ChannelConfig } from './config.ts';
import type { Message } from './message.ts';

export interface Delivery {
  readonly message: Message;
  /** The same for every try: receivers can tell a repetition by it. */
  readonly id: string;
  /** That of the message that told of the opening, so that a thread stays together. */
  readonly openedId: string;
  /** When the change happened; not when it is sent. */
  readonly now: Date;
}

export interface Channel {
  readonly name: string;
  /** Resolves once the receiver has taken the message. @throws SendError */
  send(delivery: Delivery): Promise<void>;
}

/** `permanent`: the receiver refused this very message, and will again. Its text holds no secret and no address. */
export class SendError extends Error {
  readonly permanent: boolean;
  constructor(message: string, permanent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SendError';
    this.permanent = permanent;
  }
}

/** The secret itself, or the first line of its file. Read at each use: a rotated one needs no restart. */
export async function secretOf(value: string | undefined, file: string | undefined): Promise<string> {
  if (value !== undefined) return value;
  if (file === undefined) return '';
  try {
    return (await readFile(file, 'utf8')).split('\n')[0]?.trim() ?? '';
  } catch (error) {
    const problem = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new CodedError('FILE_UNREADABLE', { path: file, problem }, { cause: error });
  }
}

export type ChannelFactory = (config: ChannelConfig) => Channel;

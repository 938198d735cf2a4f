/** What a snapshot holds of what is wanted, as the programs tell it line by line. */
import { isBelow, isPlain, type Listed, MAX_LISTED, type Opened } from './tool.ts';

export type Listing = Pick<Opened, 'files' | 'besides' | 'more'>;

/** A collection of files; two of one name can't be told apart, and are left out. */
export class ListingBuilder {
  readonly #found = new Map<string, Listed>();
  readonly #twice = new Set<string>();
  readonly #wanted: readonly string[];

  constructor(wanted: readonly string[]) {
    this.#wanted = wanted;
  }

  get more(): boolean {
    return this.#found.size >= MAX_LISTED;
  }

  /**
   * @param alone whether its content can be had by its name; a further name of a file can't
   * @returns false where there is no room for more
   */
  add(file: Listed, alone = true): boolean {
    const { path } = file;
    if (!isPlain(path) || !this.#wanted.some((want) => isBelow(path, want))) return true;
    if (this.#found.has(path) || !alone) this.#twice.add(path);
    this.#found.set(path, file);
    return !this.more;
  }

  end(): Listing {
    return {
      files: [...this.#found.values()].filter(({ path }) => !this.#twice.has(path)),
      besides: [...this.#twice],
      more: this.more,
    };
  }
}

/** Undefined where it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

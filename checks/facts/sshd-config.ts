/**
 * The project's own reader of sshd_config(5): what sshd would do with these files, without asking it. Pure.
 *
 * It walks the files the way sshd does, twice: once for the global part (Match blocks are only checked for syntax,
 * but `Match all` applies already here), and once for each login, when only blocks that fit it count and override
 * the global part. In both, the first line that sets a keyword wins. Where this reader can not tell, it says so.
 */
import type { Text } from '../../shared/outcome.ts';
import { CouldNotLook } from '../fact.ts';
import { assemble, foreignName, isAlgorithmList, isRelative } from './sshd-algorithms.ts';
import type { SshdFiles } from './sshd-files.ts';
import { selectorOf } from './sshd-files.ts';
import {
  type Build,
  CHALLENGE,
  defaultOf,
  isKnownTo,
  isWritable,
  KNOWN_UP_TO,
  keywordNamed,
} from './sshd-keywords.ts';
import { type Line, linesOf, splitArguments, splitWords } from './sshd-lexer.ts';
import { meets, type Principal, parseMatch } from './sshd-match.ts';
import type { MatchBlock, Setting, SshdConfiguration, SshdReading } from './sshd-reading.ts';
import { rekeyed, rekeyLimitOf } from './sshd-rekey.ts';
import { unsatisfiable } from './sshd-sense.ts';
import { since } from './sshd-version.ts';

export type { MatchBlock, Setting, SshdConfiguration, SshdReading };

/** Thrown inside this file only, to leave the walk. */
class Stop extends Error {
  readonly reading: SshdReading;
  constructor(reading: SshdReading) {
    super('stop');
    this.reading = reading;
  }
}

const MAX_DEPTH = 16;
/** Our own limit on lines walked in one pass, includes counted each time. */
const MAX_LINES = 400_000;

interface Place {
  readonly source: string;
  readonly line?: number;
}

const refuse = ({ source, line }: Place, words: string): Stop =>
  new Stop({ state: 'refused', words, source, ...(line === undefined ? {} : { line }) });
const unsure = ({ source, line }: Place, reason: Text): Stop =>
  new Stop({ state: 'unsure', reason, source, ...(line === undefined ? {} : { line }) });
const both = (text: string): Text => ({
  en: `not judged by this reader: ${text}`,
  de: `von diesem Leser nicht beurteilt: ${text}`,
});

interface Pass {
  /** Undefined in the global pass. */
  readonly principal: Principal | undefined;
  readonly set: Map<string, Setting[]>;
  readonly blocks: MatchBlock[];
  count: number;
}

/** What Include and Match hand down: the same three flags that sshd keeps. */
interface State {
  active: boolean;
  neverMatch: boolean;
  matchOnly: boolean;
  block: string | undefined;
}

/**
 * @param options values of `-o` on the daemon's command line, which come before every file
 * @returns the configuration, the words of a refusal, or why this reader can not tell
 */
export function readConfiguration(
  snapshot: SshdFiles,
  build: Build,
  options: readonly string[] = [],
): SshdReading {
  const newer = since(build.version, nextAfter(KNOWN_UP_TO));
  const lenient = newer || build.vendor === 'redhat';
  const cut = new Map<string, ReturnType<typeof linesOf>>();
  const walk = (principal: Principal | undefined): Pass => {
    const pass: Pass = { principal, set: new Map(), blocks: [], count: 0 };
    const state = { active: !principal, neverMatch: false, matchOnly: Boolean(principal), block: undefined };
    if (!principal)
      for (const option of options)
        for (const line of linesOf(option))
          takeLine(pass, { active: true, neverMatch: false, matchOnly: false, block: undefined }, line, {
            source: 'sshd -o',
          });
    if (snapshot.main.toLowerCase() !== 'none') walkFile(pass, state, snapshot.main, 0);
    return pass;
  };

  function walkFile(pass: Pass, state: State, path: string, depth: number): void {
    if (depth > MAX_DEPTH) throw refuse({ source: path }, 'Too many recursive configuration includes');
    let lines = cut.get(path);
    if (!lines) {
      const file = snapshot.files.get(path);
      if (file?.state === 'unreadable') throw unsure({ source: path }, file.reason);
      if (!file && snapshot.tooMany)
        throw unsure({ source: path }, both(`more than ${snapshot.files.size} files`));
      if (file?.state !== 'known') throw refuse({ source: path }, `${path}: No such file or directory`);
      // Up to 8.6 a `#` began a comment wherever it stood, even in quotes.
      const text = since(build.version, '8.7') ? file.value.text : file.value.text.replace(/#.*/g, '');
      lines = linesOf(text);
      cut.set(path, lines);
    }
    for (const line of lines) {
      pass.count += 1;
      if (pass.count > MAX_LINES) throw unsure({ source: path }, both(`more than ${MAX_LINES} lines`));
      const keyword = line.keyword.toLowerCase();
      const place = { source: path, line: line.number };
      if (keyword === 'include' && since(build.version, '8.2')) include(pass, state, line, place, depth);
      else if (keyword === 'match') match(pass, state, line, place);
      else takeLine(pass, state, line, place);
    }
  }

  function include(pass: Pass, state: State, line: Line, place: Place, depth: number): void {
    const selectors = wordsOf(line, place);
    if (selectors.length === 0) throw refuse(place, `${line.keyword} missing filename argument`);
    for (const argument of selectors) {
      if (argument === '') throw refuse(place, `keyword ${line.keyword} empty argument`);
      const selector = selectorOf(argument);
      const paths = snapshot.includes.get(selector);
      if (paths?.state === 'unreadable') throw unsure(place, paths.reason);
      if (paths?.state !== 'known') throw unsure(place, both(`Include ${selector}`));
      const { active, block } = state;
      for (const path of paths.value) {
        const inner: State = state.matchOnly
          ? { active, neverMatch: false, matchOnly: true, block }
          : { active, neverMatch: !active, matchOnly: false, block };
        walkFile(pass, inner, path, depth + 1);
      }
    }
  }

  function match(pass: Pass, state: State, line: Line, place: Place): void {
    if (line.bare) throw refuse(place, `no argument after keyword "${line.keyword}"`);
    if (splitArguments(line.rest) === undefined && since(build.version, '8.7'))
      throw refuse(place, 'invalid quotes');
    const parsed = parseMatch(line.rest, build.version);
    if ('problem' in parsed) throw refuse(place, `${parsed.problem}; Bad Match condition`);
    if ('unsure' in parsed) throw unsure(place, both(parsed.unsure));
    const { criteria } = parsed;
    const { principal } = pass;
    // `all` applies without a look at the login, so already in the global pass.
    const all = criteria[0]?.name === 'all';
    const fits =
      principal && !state.neverMatch ? criteria.every((one) => meets(principal, one, build.version)) : all;
    state.active = fits && !state.neverMatch;
    state.matchOnly = false;
    state.block = `${place.source}:${place.line}`;
    pass.blocks.push({ at: state.block, criteria });
  }

  function takeLine(pass: Pass, state: State, line: Line, place: Place): void {
    if (line.bare) throw refuse(place, `no argument after keyword "${line.keyword}"`);
    const keyword = keywordNamed(line.keyword, build.version);
    if (!keyword || !isKnownTo(keyword, build.version) || !isWritable(line.keyword, build.version)) {
      // A keyword of a newer release may have been brought into an older one by the distribution.
      if (keyword || newer) throw unsure(place, both(`${line.keyword}`));
      throw refuse(place, `Bad configuration option: ${line.keyword}`);
    }
    const words = wordsOf(line, place);
    const fits = keyword.match || (keyword.name === 'subsystem' && since(build.version, '9.5'));
    if (!state.active && !fits) {
      if (!pass.principal)
        throw refuse(place, `Directive '${line.keyword}' is not allowed within a Match block`);
      return;
    }
    // Up to 8.6 a second list of methods was not even looked at.
    const listed = keyword.name === 'authenticationmethods' && pass.set.has(keyword.name);
    if (listed && !since(build.version, '8.7')) return;
    const read = keyword.read(words, line.keyword, lenient, build.version);
    if ('problem' in read) throw refuse(place, read.problem);
    if ('unsure' in read) throw unsure(place, both(read.unsure));
    // `any` was refused even in a block that does not apply, once methods were set.
    if (listed && words[0] === 'any' && !since(build.version, '9.8'))
      throw refuse(place, `"any" must appear alone in ${line.keyword}`);
    const defined = pass.set.get('subsystem')?.some(({ value }) => value.split(' ')[0] === words[0]);
    if (keyword.name === 'subsystem' && state.active && defined && !since(build.version, '9.5'))
      throw refuse(place, `Subsystem '${words[0]}' already defined.`);
    if (words.length > read.used) {
      throw refuse(place, `keyword ${line.keyword} extra arguments at end of line`);
    }
    const list = isAlgorithmList(keyword.name);
    const foreign = list && !lenient ? foreignName(read.value, build.version) : undefined;
    if (foreign !== undefined) throw refuse(place, `Bad ${line.keyword} '${read.value}': ${foreign}`);
    if (!state.active || keyword.wins === 'nothing') return;
    const value = list
      ? assemble(keyword.name, read.value, build.version, pass.principal !== undefined)
      : read.value;
    if (value === undefined) throw refuse(place, `${line.keyword}: invalid argument`);
    const before = pass.set.get(keyword.name) ?? [];
    const setting: Setting = {
      value,
      ...(list && isRelative(read.value) ? { relative: true } : {}),
      source: place.source,
      ...(place.line === undefined ? {} : { line: place.line }),
      ...(state.block === undefined ? {} : { match: state.block }),
    };
    if (keyword.name === 'rekeylimit') pass.set.set(keyword.name, rekeyed(before[0], setting));
    else if (keyword.wins === 'append') pass.set.set(keyword.name, [...before, setting]);
    else if (keyword.wins === 'last' || before.length === 0) pass.set.set(keyword.name, [setting]);
  }

  function wordsOf(line: Line, place: Place): readonly string[] {
    if (!since(build.version, '8.7')) {
      const words = splitWords(line.rest);
      // After a quoted limit these versions insist on a time.
      const open = /^rekeylimit$/i.test(line.keyword) && words.length === 1 && /"\s*$/.test(line.rest);
      return open ? [...words, ''] : words;
    }
    const words = splitArguments(line.rest);
    if (words === undefined) throw refuse(place, 'invalid quotes');
    return words;
  }

  /** The second pass can be refused on its own; our own limits are "could not look". */
  function walkAgain(principal: Principal): Pass | string {
    try {
      return walk(principal);
    } catch (error) {
      if (!(error instanceof Stop) || error.reading.state === 'read') throw error;
      if (error.reading.state === 'refused') return error.reading.words;
      throw new CouldNotLook(error.reading.source, error.reading.reason);
    }
  }

  /** Up to 8.6 asking through PAM was on unless both switches were off. */
  function challenge(pass: Pass, keyword: string): Setting | undefined {
    if (keyword !== 'kbdinteractiveauthentication' || since(build.version, '8.7')) return undefined;
    const set = pass.set.get(CHALLENGE)?.[0] ?? { value: 'yes' };
    return set.value === 'yes' ? set : undefined;
  }

  try {
    const first = walk(undefined);
    const problem = unsatisfiable((name) => first.set.get(name)?.[0]?.value ?? defaultOf(name, build));
    if (problem) return { state: 'refused', words: problem, source: snapshot.main };
    const passes = new Map<Principal, Pass | string>();
    const passFor = (principal: Principal) => {
      const before = passes.get(principal) ?? walkAgain(principal);
      passes.set(principal, before);
      return before;
    };
    const matchedFor = (principal: Principal, keyword: string) => {
      const pass = passFor(principal);
      return typeof pass === 'string' ? undefined : whole(pass, keyword);
    };
    const effective = (principal: Principal, keyword: string): Setting | undefined => {
      const known = keywordNamed(keyword, build.version);
      const matched = known?.match ? matchedFor(principal, keyword) : undefined;
      const global = challenge(first, keyword) ?? whole(first, keyword);
      if (keyword === 'rekeylimit') return rekeyLimitOf(matched, global, defaultOf(keyword, build));
      const setting = matched ?? global;
      if (setting?.relative && defaultOf(keyword, build) === undefined) return undefined;
      const fallback = known?.wins === 'append' ? '' : defaultOf(keyword, build);
      return setting ?? (fallback === undefined ? undefined : { value: fallback });
    };
    return {
      state: 'read',
      configuration: {
        blocks: first.blocks,
        global: (keyword) => first.set.get(keyword) ?? [],
        refusal: (principal) => {
          const pass = passFor(principal);
          return typeof pass === 'string' ? pass : undefined;
        },
        sources: [...cut.keys()],
        effective,
      },
    };
  } catch (error) {
    if (error instanceof Stop) return error.reading;
    throw error;
  }
}

/** The first line that counts, with the values of the others where they add up. */
function whole(pass: Pass, keyword: string): Setting | undefined {
  const [first, ...more] = pass.set.get(keyword) ?? [];
  return first && { ...first, value: [first, ...more].map(({ value }) => value).join(' ') };
}

function nextAfter(version: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return `${major}.${minor + 1}`;
}

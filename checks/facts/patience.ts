/**
 * Looks at places that may never answer: homes on a dead network mount. One at a time, each for a few seconds; after
 * two that did not answer nothing more is asked, because each holds one of the few threads that read files.
 */
import type { Text } from '../../shared/outcome.ts';
import { type Fact, unreadable } from '../fact.ts';
import type { Host } from '../host.ts';

export type Patience = <T>(source: string, look: () => Promise<Fact<T>>) => Promise<Fact<T>>;

const MAX_SILENT = 2;
const shared = new WeakMap<Host, Patience>();

/** One for each host, whoever asks, so that all facts together wait for no more than two. */
export function patienceWith(host: Host, limitMs = 4_000): Patience {
  const before = shared.get(host);
  if (before) return before;
  const made = newPatience(limitMs);
  shared.set(host, made);
  return made;
}

function newPatience(limitMs: number): Patience {
  let silent = 0;
  let turn: Promise<unknown> = Promise.resolve();
  return (source, look) => {
    const mine = turn.then(async () => {
      if (silent >= MAX_SILENT) return unreadable(source, notAsked(source));
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<Fact<never>>((resolve) => {
        timer = setTimeout(() => {
          silent += 1;
          resolve(unreadable(source, noAnswer(source, limitMs)));
        }, limitMs);
      });
      try {
        return await Promise.race([look(), late]);
      } finally {
        clearTimeout(timer);
      }
    });
    turn = mine.catch(() => undefined);
    return mine;
  };
}

const noAnswer = (source: string, ms: number): Text => ({
  en: `${source} did not answer within ${ms / 1000} s`,
  de: `${source} antwortete nicht innerhalb von ${ms / 1000} s`,
});
const notAsked = (source: string): Text => ({
  en: `${source} was not looked at: other homes do not answer`,
  de: `${source} wurde nicht angesehen: andere Home-Verzeichnisse antworten nicht`,
});

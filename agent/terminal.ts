/** Text for terminals: wrapped to its width, coloured only where that helps. */
import { styleText } from 'node:util';

export interface Terminal {
  /** Columns to fill: at most 100, for reading; 80 where nobody says. */
  readonly width: number;
  paint(format: Parameters<typeof styleText>[0], text: string): string;
}

/** Colours on a terminal only, and never with NO_COLOR (https://no-color.org) or TERM=dumb. */
export function terminalOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: Readonly<Record<string, string | undefined>>,
): Terminal {
  const colours = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  const width = Math.max(40, Math.min(stream.columns || 80, 100));
  return {
    width,
    paint: (format, text) => (colours ? styleText(format, text, { validateStream: false }) : text),
  };
}

/** Characters and not bytes; enough for the two languages of the product. */
const lengthOf = (text: string): number => [...text].length;

/**
 * `text` in lines of at most `width` characters, the first after `first`, the others after as many spaces.
 * A word that is longer than a line is left whole: paths are for copying.
 */
export function wrap(text: string, width: number, first = ''): string[] {
  const indent = ' '.repeat(lengthOf(first));
  const room = Math.max(20, width - indent.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line && lengthOf(line) + 1 + lengthOf(word) > room) {
      lines.push(line);
      line = word;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  if (line || lines.length === 0) lines.push(line);
  return lines.map((one, index) => (index === 0 ? first : indent) + one);
}

/** `left` and `right` at the two edges, at least two spaces between them; undefined where they do not fit. */
export function edges(left: string, right: string, width: number): string | undefined {
  const gap = width - lengthOf(left) - lengthOf(right);
  return gap < 2 ? undefined : left + ' '.repeat(gap) + right;
}

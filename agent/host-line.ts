/** One-line files of the host, and what their words must lose before anybody sees them. */
import type { Host } from '../checks/host.ts';

/** Names come from the host, and end up on terminals and in documents: one line, bounded, nothing that steers. */
export const clean = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .trim()
    .slice(0, 256);

/** The first line that is not empty, trimmed; undefined where there is none or it can not be read. */
export async function firstLine(host: Host, path: string): Promise<string | undefined> {
  const file = await host.readText(path, { maxBytes: 64 * 1024, encoding: 'latin1' });
  if (file.state !== 'known') return undefined;
  const lines = file.value.text.split('\n').map((line) => line.replaceAll('\0', '').trim());
  return lines.find((line) => line !== '' && !line.startsWith('#'));
}

/** repomd.xml: what an rpm-md index is made of, and when. Pure. */

export interface Repomd {
  /** When it was made: UTC instant; undefined where it does not say. */
  readonly made?: string;
  /** Types of the files it lists: `primary`, `updateinfo`, `modules`. */
  readonly types: readonly string[];
  /** File name of the list of packages. */
  readonly primary?: string;
}

const LATEST_S = 4_102_444_800;

/** Undefined when it is not a whole repomd.xml. */
export function parseRepomd(text: string): Repomd | undefined {
  if (!/<repomd[\s>]/.test(text) || !/<\/repomd>\s*$/.test(text)) return undefined;
  const types = [...text.matchAll(/<data\s+type=["']([a-z_-]{1,40})["']/g)].map((match) => match[1] ?? '');
  const revision = /<revision>\s*(\d{9,10})\s*<\/revision>/.exec(text)?.[1];
  const stamps = [...text.matchAll(/<timestamp>\s*(\d{9,10})(?:\.\d+)?\s*<\/timestamp>/g)].map((match) =>
    Number(match[1]),
  );
  const seconds = revision === undefined ? Math.max(0, ...stamps) : Number(revision);
  const block = /<data\s+type=["']primary["'][\s\S]*?<\/data>/.exec(text)?.[0] ?? '';
  const primary = /<location\s[^>]*href=["'](?:[^"'>]*\/)?([^"'/>]+)["']/.exec(block)?.[1];
  return {
    types,
    ...(seconds > 0 && seconds < LATEST_S ? { made: new Date(seconds * 1000).toISOString() } : {}),
    ...(primary ? { primary } : {}),
  };
}

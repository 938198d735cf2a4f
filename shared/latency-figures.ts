/** The figures of patch.latency, as its first piece of evidence writes them: one line of `name=value`. */
export interface LatencyFigures {
  /** Security updates that were installed in the window, and of those, that were so within the limit. */
  readonly updates: number;
  readonly within: number;
  /** Days that they waited. */
  readonly median: number;
  readonly worst: number;
  readonly limit: number;
  /** Days looked back. */
  readonly window: number;
}

/** Where that piece of evidence says it comes from. */
export const LATENCY_SOURCE = 'patch.latency';

const names = ['updates', 'within', 'median', 'worst', 'limit', 'window'] as const;

/** Undefined where a figure is missing, or nothing was installed: then there is nothing to show. */
export function parseLatency(text: string): LatencyFigures | undefined {
  const values = new Map(text.split(' ').map((pair) => pair.split('=') as [string, string | undefined]));
  const figures = names.map((name) => {
    const value = values.get(name);
    return value !== undefined && /^\d{1,9}(?:\.\d{1,3})?$/.test(value) ? Number(value) : undefined;
  });
  const [updates, within, median, worst, limit, window] = figures;
  if (!updates || within === undefined || median === undefined || worst === undefined) return undefined;
  return limit && window ? { updates, within, median, worst, limit, window } : undefined;
}

/** Lists as CSV (RFC 4180), for spreadsheets. */
import type { FastifyReply } from 'fastify';

/** Rows of one file; a spreadsheet takes a million. */
export const MAX_CSV_ROWS = 200_000;

export type CsvColumns<Row> = readonly (readonly [name: string, of: (row: Row) => string])[];

/** A cell that a spreadsheet would take for a formula gets an apostrophe: names come from hosts. */
export function csvOf<Row>(columns: CsvColumns<Row>, rows: readonly Row[]): string {
  const cell = (value: string) => {
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = [columns.map(([name]) => name), ...rows.map((row) => columns.map(([, of]) => of(row)))];
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

/** @param name of the file, before the day */
export function sendCsv(reply: FastifyReply, name: string, now: string, text: string): FastifyReply {
  return reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}-${now.slice(0, 10)}.csv"`)
    .send(text);
}

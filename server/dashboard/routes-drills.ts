/** Restore drills of all hosts in reach, and who is due. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { DRILL_DAYS, drillSchema } from '../../shared/drill.ts';
import { type DrillRow, drillsCsvQuery, drillsQuery, drillsReply } from './api/drills.ts';
import { countRows } from './count-rows.ts';
import { type CsvColumns, csvOf, MAX_CSV_ROWS, sendCsv } from './csv.ts';
import { drillRows, dueHosts, type FoundDrills, foundDrills } from './drill-rows.ts';
import { type DashboardParts, reachOf } from './parts.ts';

/** The rest is a number. */
const MAX_DUE = 200;
/** For the middle of the times: enough to be one. */
const MAX_TIMES = 1000;

export function drillRoutes(app: FastifyInstance, parts: DashboardParts): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const tags = ['drills'];

  api.get(
    '/api/drills',
    {
      config: { access: 'signed-in' },
      schema: { tags, querystring: drillsQuery, response: { 200: drillsReply } },
    },
    async (request) => {
      const { page, size, tenant: _tenant, ...filter } = request.query;
      const reach = reachOf(request);
      const now = parts.now().toISOString();
      const found = () => foundDrills(reach, filter);
      const [total, drills, { owed, due }, medianMs, host] = await Promise.all([
        countRows(found()),
        drillRows(found(), size, (page - 1) * size),
        dueHosts(reach, now, filter.host),
        medianOf(found()),
        filter.host === undefined
          ? undefined
          : reach.hosts().select(['id', 'name']).where('id', '=', filter.host).executeTakeFirst(),
      ]);
      return {
        ...{ asOf: now, page, size, total, days: DRILL_DAYS },
        ...{
          owed,
          proven: owed - due.length,
          due: due.slice(0, MAX_DUE),
          medianMs,
          host: host ?? null,
          drills,
        },
      };
    },
  );

  api.get(
    '/api/drills.csv',
    { config: { access: 'signed-in' }, schema: { tags, querystring: drillsCsvQuery } },
    async (request, reply) => {
      const { tenant: _tenant, ...filter } = request.query;
      const rows = await drillRows(foundDrills(reachOf(request), filter), MAX_CSV_ROWS, 0);
      return sendCsv(reply, 'drills', parts.now().toISOString(), csvOf(COLUMNS, rows));
    },
  );
}

const count = (name: keyof DrillRow['files']) => (row: DrillRow) => String(row.files[name]);
const attribute = (name: keyof NonNullable<DrillRow['attributes']>) => (row: DrillRow) =>
  row.attributes === null ? '' : String(row.attributes[name]);
const COLUMNS: CsvColumns<DrillRow> = [
  ['tenant', ({ tenant }) => tenant.name],
  ['host', ({ host }) => host.name],
  ['began', ({ at }) => at],
  ['received', ({ receivedAt }) => receivedAt],
  ['tool', ({ tool }) => tool],
  ['job', ({ job }) => job],
  ['repository', ({ repository }) => repository ?? ''],
  ['snapshot', ({ snapshotAt }) => snapshotAt ?? ''],
  ['result', ({ outcome }) => outcome],
  ['problem', ({ problem }) => problem ?? ''],
  ['sample', ({ named }) => named.join(' ') || 'random'],
  ['equal to the host', count('source')],
  ['equal to the record', count('record')],
  ['not to be told', count('unclear')],
  ['different', count('different')],
  ['damaged', count('damaged')],
  ['missing', count('missing')],
  ['attributes compared', attribute('compared')],
  ['other mode', attribute('mode')],
  ['other owner', attribute('owner')],
  ['other time', attribute('time')],
  ['bytes', ({ bytes }) => String(bytes)],
  ['milliseconds to the first byte', ({ milliseconds }) => String(milliseconds.firstByte ?? '')],
  ['milliseconds to restore', ({ milliseconds }) => String(milliseconds.restored)],
  ['log position', ({ logIndex }) => String(logIndex)],
];

async function medianOf(found: FoundDrills): Promise<number | null> {
  const rows = await found
    .select('drills.drill')
    .where('drills.outcome', '=', 'equal')
    .orderBy('drills.began_at', 'desc')
    .limit(MAX_TIMES)
    .execute();
  const times = rows
    .map(({ drill }) => drillSchema.parse(JSON.parse(drill)).milliseconds.restored)
    .sort((a, b) => a - b);
  return times[Math.floor((times.length - 1) / 2)] ?? null;
}

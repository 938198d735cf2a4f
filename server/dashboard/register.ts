/** The dashboard on one listener: its JSON API and its pages. `auth.register` comes before it, on the same instance. */
import type { FastifyInstance } from 'fastify';
import type { DashboardParts } from './parts.ts';
import { accessRoutes } from './routes-access.ts';
import { annexRoutes } from './routes-annex.ts';
import { drillRoutes } from './routes-drills.ts';
import { hostRoutes } from './routes-hosts.ts';
import { mediaRoutes } from './routes-media.ts';
import { overviewRoutes } from './routes-overview.ts';
import { recordRoutes } from './routes-records.ts';
import { updateRoutes } from './routes-updates.ts';
import { staticDashboard } from './static.ts';

export interface DashboardOptions extends DashboardParts {
  /** What `npm run build:dashboard` wrote: `dist/dashboard`. */
  readonly directory: string;
}

export async function registerDashboard(app: FastifyInstance, options: DashboardOptions): Promise<void> {
  // What one person sees must not stay in a cache that another uses.
  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
  });
  overviewRoutes(app, options);
  annexRoutes(app, options);
  hostRoutes(app, options);
  accessRoutes(app, options);
  updateRoutes(app, options);
  mediaRoutes(app, options);
  recordRoutes(app, options);
  drillRoutes(app, options);
  await staticDashboard(app, options.directory);
}

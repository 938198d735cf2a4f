/** The agent's version, as every report states it. */
import manifest from '../package.json' with { type: 'json' };

export const agentVersion: string = manifest.version;

/** What the single executable of the agent runs. Nothing else of this folder goes into it. */
export { start as main } from '../start.ts';

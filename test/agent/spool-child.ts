/** A process that works on a spool and is killed after the step whose number it is given: `crash N story`. */
import { disk } from '../../agent/durable.ts';
import { openState } from '../../agent/state.ts';
import { tell } from './spool-stories.ts';

const [directory = '', story = '', at = '0'] = process.argv.slice(2);
let steps = 0;
const state = openState(directory, {
  disk: disk(() => {
    steps += 1;
    // Not an exception: nothing of this process may tidy up behind itself.
    if (steps === Number(at)) process.kill(process.pid, 'SIGKILL');
  }),
});
await tell(state, story);
process.stdout.write(String(steps));

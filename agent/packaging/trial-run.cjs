/**
 * Started by agent/packaging/compiled-code.ts with the target's Node: runs a program's trial calls and writes what V8
 * has compiled by then. Arguments: script, output, URL, calls as JSON.
 */
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

const [, , source, output, url, calls] = process.argv;

// The same for whoever builds, and whenever: what is run, and so compiled, may depend on both.
const NOW = Date.UTC(2026, 0, 1);
class TrialDate extends Date {
  constructor(...given) {
    super(...(given.length > 0 ? given : [NOW]));
  }

  static now() {
    return NOW;
  }
}
globalThis.Date = TrialDate;
process.geteuid = () => 0;
// A program that only root can change, wherever the build lies.
process.execPath = '/bin/sh';

const script = new Script(readFileSync(source, 'latin1'), { filename: 'nachweis.js' });

async function run() {
  for (const call of JSON.parse(calls)) {
    process.argv = [process.execPath, process.execPath, ...call];
    const program = { exports: {} };
    script.runInThisContext()(program.exports, require, program, url);
    await program.exports.main();
  }
  // Back to what it is when the program runs: V8 takes compiled code only under the flags that it was made with.
  require('node:v8').setFlagsFromString('--initial-old-space-size=0');
  writeFileSync(output, script.createCachedData());
  process.exitCode = 0;
}
run();

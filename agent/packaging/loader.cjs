/**
 * The main script of the single executable (agent/packaging/executable.ts). The program lies beside it as one script
 * with what V8 had compiled of it in a trial run; where V8 does not take that, it compiles anew and all is as before.
 * What stays in memory is another, small script, asked first.
 */
'use strict';
const { getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

const bytes = (name) => Buffer.from(getRawAsset(name));

function load(name, cachedData) {
  const script = new Script(bytes(name).toString('latin1'), { filename: 'nachweis.js', cachedData });
  // For `nachweis doctor`: V8 says nothing by itself.
  if (cachedData)
    globalThis[Symbol.for('nachweis.compiled')] = script.cachedDataRejected ? 'rejected' : 'taken';
  const loaded = { exports: {} };
  script.runInThisContext()(loaded.exports, require, loaded, bytes('url').toString('latin1'));
  return loaded.exports;
}

const compiled = () => (bytes('compiled').length > 0 ? bytes('compiled') : undefined);
const stays = process.argv[2] === 'run' && bytes('resident').length > 0 && load('resident').main();
if (!stays) load('program', compiled()).main();

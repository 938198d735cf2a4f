/**
 * The main script of the single executable (agent/packaging/executable.ts). The program lies beside it as one script
 * with what V8 had compiled of it in a trial run; where V8 does not take that, it compiles anew and all is as before.
 */
'use strict';
const { getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

const bytes = (name) => Buffer.from(getRawAsset(name));
const compiled = bytes('compiled');
const script = new Script(bytes('program').toString('latin1'), {
  filename: 'nachweis.js',
  cachedData: compiled.length > 0 ? compiled : undefined,
});
const program = { exports: {} };
script.runInThisContext()(program.exports, require, program, bytes('url').toString('latin1'));
program.exports.main();

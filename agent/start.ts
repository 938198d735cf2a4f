/** The command `nachweis`, however it was started; `nachweis run`, which stays, without what it does not need. */
export async function start(): Promise<void> {
  // Not static imports: those are compiled before anything runs.
  const { residentCall } = await import('./resident-call.ts');
  const resident = residentCall(process.argv.slice(2), process.env);
  if (resident) {
    const { run } = await import('./commands/run.ts');
    process.exitCode = await run(resident.options, resident.language);
  } else {
    // Each schema is used a few times at most: compiling code for it takes longer than going through it. And a program of
    // root makes no code of strings. To be said before the first schema is made.
    const { config } = await import('zod');
    config({ jitless: true });
    const { main } = await import('./program.ts');
    await main();
  }
}

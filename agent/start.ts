/** The command `nachweis`, however it was started; `nachweis run`, which stays, without what it does not need. */
export async function start(): Promise<void> {
  // Not static imports: those are compiled before anything runs.
  const { residentCall } = await import('./resident-call.ts');
  const resident = residentCall(process.argv.slice(2), process.env);
  if (resident) {
    const { run } = await import('./commands/run.ts');
    process.exitCode = await run(resident.options, resident.language);
  } else {
    const { main } = await import('./program.ts');
    await main();
  }
}

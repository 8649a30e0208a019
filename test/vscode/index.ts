import { join } from 'node:path';
import Mocha from 'mocha';

/** VS Code calls this in its extension host. The report goes to a file: consoles are relayed and mixed with VS Code's. */
export async function run(): Promise<void> {
  const mocha = new Mocha({
    timeout: 120_000,
    reporter: 'json',
    reporterOptions: { output: join(__dirname, 'report.json') },
  });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  // Only now do `describe` and `it` exist.
  await import('./language.test.js');
  await import('./extension.test.js');
  await import('./views.test.js');
  await import('./import.test.js');
  await import('./data.test.js');
  await import('./crash.test.js');
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} failed`);
}

import { version } from '../../package.json';

const args = process.argv.slice(2);

// Scripts ask for the version at every turn: it costs no more than starting Node.
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) console.log(version);
else {
  const [{ runProgram }, { processTerminal }] = await Promise.all([import('./program.js'), import('./terminal.js')]);
  process.exitCode = await runProgram(args, processTerminal());
}

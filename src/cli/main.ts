import { version } from '../../package.json';

// Scripts ask for the version at every turn: it costs no more than starting Node, without modules to be found and linked.
const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) console.log(version);
else void import('./start.js').then(({ start }) => start(args));

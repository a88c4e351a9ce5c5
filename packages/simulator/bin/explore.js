// The command behind `npm run explore`; not published. The protocol must not be loaded before its private names can be read.
import { readPrivateNames } from '../dist/explore/read-private-names.js';

readPrivateNames();
const { explore } = await import('../dist/explore/explore.js');
const now = () => Number(process.hrtime.bigint() / 1_000_000n);
process.exitCode = explore(process.argv.slice(2), now, (line) => void process.stdout.write(`${line}\n`));

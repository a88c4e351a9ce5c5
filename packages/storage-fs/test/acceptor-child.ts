// Opens a directory, says `open` or why not, and promises and accepts for ever; says `promised accepted` when that is durable.
import { writeSync } from 'node:fs';
import { isPaxakosError } from '@paxakos/core/contracts';
import { fsStorage } from '../src/index.ts';
import { AcceptorLog } from './acceptor-log.ts';
import { randomOf } from './model.ts';

const [directory = '', seed = '0'] = process.argv.slice(2);
const random = randomOf(Number(seed));
const storage = fsStorage({ directory, segmentBytes: 8_192, retain: { entries: 20, bytes: 20_000 } });

async function work(log: AcceptorLog): Promise<void> {
  for (;;) {
    const groups = Array.from({ length: 1 + random(3) }, () => {
      const records = Array.from({ length: 1 + random(5) }, () => log.next(random(3) === 0, 4 + random(400)));
      return storage.append(records);
    });
    const said = `${log.promised} ${log.accepted.length}\n`;
    if (random(12) === 0)
      groups.push(storage.saveSnapshot({ round: log.accepted.length, bytes: log.freeze() }).then(() => {}));
    await Promise.all(groups);
    writeSync(1, said);
  }
}

try {
  const log = await AcceptorLog.open(storage);
  writeSync(1, 'open\n');
  await work(log);
} catch (error) {
  writeSync(1, `${isPaxakosError(error) ? error.code : String(error)}\n`);
}

// Opens a directory and appends for ever; prints the number of the last record that is durable. Given `hold`, it only opens.
import { writeSync } from 'node:fs';
import { lockDirectory } from '../src/directory-lock.ts';
import { fsStorage } from '../src/index.ts';
import { bytesOf, numberOf } from './model.ts';

const [directory = '', what = 'append'] = process.argv.slice(2);

if (what === 'hold' || what === 'hold-without-flock') {
  await lockDirectory(directory, { flock: what === 'hold' ? 'flock' : undefined });
  writeSync(1, 'held\n');
  setInterval(() => {}, 1_000);
} else {
  const storage = fsStorage({ directory, segmentBytes: 65_536 });
  let number = 0;
  const { snapshot, records } = await storage.open();
  if (snapshot !== undefined) number = snapshot.round;
  for await (const record of records) number = Math.max(number, numberOf(record));
  for (;;) {
    const records = Array.from({ length: 1 + (number % 7) }, (_, index) => {
      const next = number + index + 1;
      return { parts: [bytesOf(next, 300)], rounds: { from: next, to: next } };
    });
    const append = storage.append(records);
    number += records.length;
    if (number % 50 === 0) await storage.saveSnapshot({ round: number, bytes: bytesOf(number, 5_000) });
    await append;
    writeSync(1, `${number}\n`);
  }
}

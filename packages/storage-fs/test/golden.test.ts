// Goal: H41, the newest release opens what each released version wrote. Method: files of each version, kept as they were.
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import test from 'ava';
import { bytesOf, directory, numberOf, storageOver } from './model.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const golden = new URL('../../test/golden/', import.meta.url);

test('H41 a log of version 1 opens', async (t) => {
  const files = JSON.parse(readFileSync(new URL('version-1.json', golden), 'utf8')) as Record<string, string>;
  const disk = new SimulatedDisk();
  await disk.makeDirectory('/data');
  await disk.makeDirectory(directory);
  for (const [name, text] of Object.entries(files)) {
    await (await disk.open(`${directory}/${name}`, 'create')).close();
    disk.replace(`${directory}/${name}`, new Uint8Array(inflateSync(Buffer.from(text, 'base64'))));
  }
  const storage = storageOver(disk);
  const { snapshot, records } = await storage.open();
  t.deepEqual(snapshot, { round: 49, bytes: new Uint8Array(bytesOf(49, 77)) });
  const numbers: number[] = [];
  for await (const record of records) numbers.push(numberOf(record));
  t.deepEqual(numbers, [51, 52, 53, 54, 55, 56, 57, 58, 59, 60]);
  t.is(storage.retainedFrom, 46);
  const kept: number[] = [];
  for await (const record of storage.read({ from: 46, to: 50 })) kept.push(numberOf(record));
  t.deepEqual(kept, [46, 47, 48, 49]);
  await storage.append([{ parts: [bytesOf(61, 100)] }]);
  await storage.close();
});

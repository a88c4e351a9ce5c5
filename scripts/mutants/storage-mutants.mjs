// Bugs in the log of storage-fs: syncs dropped, tails cut where they must not be, checks left out.
import { mutantsOf } from './mutants-of.mjs';

const src = 'packages/storage-fs/src';

export const storageMutants = [
  ...mutantsOf(`${src}/log-writer.ts`, [
    ['H3 a group is not synced', '    await this.#file.sync();\n', ''],
    ['H43 a segment is left without its mark', 'await this.#writeFrame([], frameKinds.seal);', ''],
    [
      'H45 after a failed sync the log goes on',
      'if (this.#failure !== undefined) return Promise.reject(this.#failure);',
      '',
    ],
    [
      'H45 what waits is not rejected when a sync fails',
      'for (const group of this.#groups.splice(0)) group.reject(this.#failure);',
      'for (const group of this.#groups.splice(0)) group.resolve();',
    ],
  ]),
  ...mutantsOf(`${src}/recover-log.ts`, [
    ['H48 the names above a new log are not synced', '  await syncPath(files, directory);\n', ''],
    ['H44 a torn tail is left where it is', 'await writeZeros(file, end.endOffset, tornEnd);', ''],
    [
      'H45 the last group is not made durable by recovery',
      'if (last !== undefined && last.segment === end) await writeAgain(file, last.frame);',
      '',
    ],
    ['H43 a missing segment goes unnoticed', 'if (!kept.includes(number))', 'if (kept.length < 0)'],
    ['H43 a missing last segment goes unnoticed', 'if (end?.isSealed)', 'if (end === undefined)'],
    ['H44 a file that is cut off is taken as it is', 'if (length < header.capacityBytes)', 'if (length < 0)'],
    [
      'H50 a segment of another log is taken',
      'if (Buffer.compare(logId, header.logId) !== 0)',
      'if (logId.length !== header.logId.length)',
    ],
    [
      'H43 a segment that ends too early is taken, though the next one holds records',
      'else if (last !== undefined || tornEnd > segment.endOffset) {',
      'else if (logId === undefined) {',
    ],
    [
      'H43 a log that ends before its snapshot is taken',
      'if (end !== undefined && snapshot !== undefined && snapshot.header.position > sequence) {',
      'if (end === undefined && snapshot !== undefined) {',
    ],
  ]),
  ...mutantsOf(`${src}/scan-segment.ts`, [
    [
      'H43 the log is cut in the middle',
      'if (header === undefined || (at + offset === begin && isNext(header, segment))) continue;',
      'if (header === undefined || header.number > 0) continue;',
    ],
    [
      'H43 the checksum of a body is not looked at',
      'crc32(frame.subarray(frameHeaderBytes), seed) === header.bodyChecksum',
      'header.bodyChecksum >= 0',
    ],
    [
      'H50 groups may come in any order',
      'return header.number === segment.endFrame && header.sequence === segment.endSequence;',
      'return header.number >= 0;',
    ],
  ]),
  ...mutantsOf(`${src}/format.ts`, [
    ['H50 a group passes in another segment', '  putInteger(viewOf(bytes), 16, number);\n', ''],
    [
      'H43 the checksum of a header is not looked at',
      'if (view.getUint32(4, true) !== crc32(header.subarray(8), seed)) return undefined;',
      '',
    ],
  ]),
  ...mutantsOf(`${src}/snapshot-file.ts`, [
    ['H39 a snapshot gets its name before it is durable', '    await file.sync();\n', ''],
    ['H48 the name of a snapshot is not synced', '  await files.syncDirectory(directory);\n', ''],
  ]),
  ...mutantsOf(`${src}/make-segment.ts`, [
    ['H48 the name of a segment is not synced', '      await files.syncDirectory(directory);\n', ''],
    ['H48 a segment gets its name before it is durable', '      await file.sync();\n', ''],
  ]),
  ...mutantsOf(`${src}/stable-storage.ts`, [
    ['H37 a snapshot is saved before the records it stands for', '    await writer.append([]);\n', ''],
    [
      'H37 a snapshot that is being saved stands for what comes later',
      'const position = log.writer.nextSequence;',
      'const position = log.writer.nextSequence + 1;',
    ],
  ]),
  ...mutantsOf(`${src}/read-records.ts`, [
    [
      'H42 the first record after a snapshot is skipped',
      '? header.sequence + index >= wanted.position',
      '? header.sequence + index > wanted.position',
    ],
  ]),
  ...mutantsOf(`${src}/retention.ts`, [
    [
      'H37 a segment goes that holds records after the snapshot',
      'segment.isSealed && segment.endSequence <= position',
      'segment.isSealed',
    ],
  ]),
  ...mutantsOf(`${src}/directory-lock.ts`, [
    [
      'H49 a lock that another process holds is taken',
      "if ('holder' in claim) throw",
      "if ('holder' in claim && verdict === 'busy') throw",
    ],
    [
      "H49 the kernel's lock of another process is not looked at",
      "if (verdict === 'busy') throw",
      'if (descriptor < 0) throw',
    ],
  ]),
];

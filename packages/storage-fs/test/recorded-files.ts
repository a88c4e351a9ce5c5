import { basename } from 'node:path';
import type { FileSystem, OpenFile } from '../src/file-system.ts';
import { nodeFileSystem } from '../src/node-file-system.ts';

const sectorBytes = 512;

/** What was done to the files of one directory. Files are known by a number, which stays theirs under any name. */
type Step =
  | { readonly type: 'write'; readonly file: number; readonly at: number; readonly bytes: Uint8Array }
  | { readonly type: 'sync'; readonly file: number }
  | { readonly type: 'name'; readonly name: string; readonly file: number }
  | { readonly type: 'rename'; readonly from: string; readonly to: string }
  | { readonly type: 'remove'; readonly name: string }
  | { readonly type: 'syncDirectory' };

/**
 * The machine's own files, with a record of every change to those of one directory: enough to make the directory anew as a
 * crash may have left it at any moment. A change is recorded when it begins, a sync when it has ended.
 */
export class RecordedFiles implements FileSystem {
  readonly steps: Step[] = [];
  /** Called as each step is about to be recorded. */
  onStep: () => void = () => {};
  readonly makeDirectory: FileSystem['makeDirectory'] = (path) => nodeFileSystem.makeDirectory(path);
  readonly list: FileSystem['list'] = (path) => nodeFileSystem.list(path);
  readonly lock: FileSystem['lock'] = (directory) => nodeFileSystem.lock(directory);
  readonly uniqueId: FileSystem['uniqueId'] = () => nodeFileSystem.uniqueId();
  readonly atEndOfTurn: FileSystem['atEndOfTurn'] = (callback) => nodeFileSystem.atEndOfTurn(callback);
  readonly #files = new Map<string, number>();
  #count = 0;

  async open(path: string, how: 'read' | 'write' | 'create'): Promise<OpenFile> {
    const name = basename(path);
    if (how === 'create') {
      this.#count += 1;
      this.#files.set(name, this.#count);
      this.#record({ type: 'name', name, file: this.#count });
    }
    const opened = await nodeFileSystem.open(path, how);
    return how === 'read' ? opened : this.#recorded(opened, this.#files.get(name) as number);
  }

  rename(from: string, to: string): Promise<void> {
    const names = { from: basename(from), to: basename(to) };
    this.#files.set(names.to, this.#files.get(names.from) as number);
    this.#record({ type: 'rename', ...names });
    return nodeFileSystem.rename(from, to);
  }

  remove(path: string): Promise<void> {
    this.#record({ type: 'remove', name: basename(path) });
    return nodeFileSystem.remove(path);
  }

  async syncDirectory(path: string): Promise<void> {
    await nodeFileSystem.syncDirectory(path);
    this.#record({ type: 'syncDirectory' });
  }

  #recorded(opened: OpenFile, file: number): OpenFile {
    return {
      read: (target, position) => opened.read(target, position),
      write: (buffers, at) => {
        this.#record({ type: 'write', file, at, bytes: new Uint8Array(Buffer.concat(buffers)) });
        return opened.write(buffers, at);
      },
      sync: async () => {
        await opened.sync();
        this.#record({ type: 'sync', file });
      },
      length: () => opened.length(),
      close: () => opened.close(),
    };
  }

  #record(step: Step): void {
    this.onStep();
    this.steps.push(step);
  }
}

type Names = Map<string, number>;

/** The files by name that a crash leaves after these steps; `isKept` is asked of each sector and name that was not synced. */
export function leftAfter(steps: readonly Step[], isKept: () => boolean): Map<string, Uint8Array> {
  const contents = new Map<number, { durable: Uint8Array; pending: { at: number; bytes: Uint8Array }[] }>();
  let names: Names = new Map();
  let changes: ((names: Names) => void)[] = [];
  for (const step of steps) {
    if (step.type === 'write') contents.get(step.file)?.pending.push(...sectorsOf(step.at, step.bytes));
    else if (step.type === 'sync') {
      const file = contents.get(step.file);
      if (file !== undefined) contents.set(step.file, { durable: written(file.durable, file.pending), pending: [] });
    } else if (step.type === 'syncDirectory') {
      names = changed(names, changes);
      changes = [];
    } else {
      if (step.type === 'name') contents.set(step.file, { durable: new Uint8Array(0), pending: [] });
      changes.push(changeOf(step));
    }
  }
  names = changed(
    names,
    changes.filter(() => isKept()),
  );
  const left = new Map<string, Uint8Array>();
  for (const [name, number] of names) {
    const { durable = new Uint8Array(0), pending = [] } = contents.get(number) ?? {};
    left.set(
      name,
      written(
        durable,
        pending.filter(() => isKept()),
      ),
    );
  }
  return left;
}

function changeOf(step: Extract<Step, { type: 'name' | 'rename' | 'remove' }>): (names: Names) => void {
  if (step.type === 'name') return (names) => void names.set(step.name, step.file);
  if (step.type === 'remove') return (names) => void names.delete(step.name);
  return (names) => {
    const file = names.get(step.from);
    names.delete(step.from);
    if (file !== undefined) names.set(step.to, file);
  };
}

function changed(names: Names, changes: readonly ((names: Names) => void)[]): Names {
  const after = new Map(names);
  for (const change of changes) change(after);
  return after;
}

/** A sector is written whole or not at all. */
function sectorsOf(position: number, bytes: Uint8Array): { at: number; bytes: Uint8Array }[] {
  const sectors: { at: number; bytes: Uint8Array }[] = [];
  const end = position + bytes.length;
  for (let at = position; at < end; ) {
    const next = Math.min((Math.floor(at / sectorBytes) + 1) * sectorBytes, end);
    sectors.push({ at, bytes: bytes.subarray(at - position, next - position) });
    at = next;
  }
  return sectors;
}

function written(durable: Uint8Array, pending: readonly { at: number; bytes: Uint8Array }[]): Uint8Array {
  const length = pending.reduce((longest, { at, bytes }) => Math.max(longest, at + bytes.length), durable.length);
  const after = new Uint8Array(length);
  after.set(durable);
  for (const { at, bytes } of pending) after.set(bytes, at);
  return after;
}

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TransportError } from '@paxakos/core';

/** What a package exports, and which package it is. */
export interface LoadedPackage {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

/**
 * Loads the first of these packages that is installed: beside this one, or for the application.
 *
 * Rejects with a `TransportError` that says what to install where none is, and with one that has the cause where one is there
 * but does not load.
 */
export async function loadPackage(names: readonly string[], scheme: string): Promise<LoadedPackage> {
  for (const name of names) {
    const exports = (await importBeside(name)) ?? (await importForApplication(name));
    if (exports !== undefined) return { name, exports };
  }
  throw new TransportError(
    `the package for ${scheme} addresses is not installed: npm install ${names.join(', or npm install ')}`,
  );
}

async function importBeside(name: string): Promise<LoadedPackage['exports'] | undefined> {
  try {
    return (await import(name)) as LoadedPackage['exports'];
  } catch (error) {
    if (isMissing(error, name)) return undefined;
    throw doesNotLoad(name, error);
  }
}

/** This package may lie elsewhere than the application that uses it, and sees then nothing of what that has installed. */
async function importForApplication(name: string): Promise<LoadedPackage['exports'] | undefined> {
  const [, script = '.'] = process.argv;
  const folders = [process.cwd(), dirname(resolve(script))];
  const places = folders.flatMap((folder) => createRequire(join(folder, 'x')).resolve.paths(name) ?? []);
  const found = places.map((place) => join(place, name)).find((folder) => existsSync(join(folder, 'package.json')));
  if (found === undefined) return undefined;
  try {
    return (await import(pathToFileURL(join(found, entryOf(found))).href)) as LoadedPackage['exports'];
  } catch (error) {
    throw doesNotLoad(name, error);
  }
}

const conditions: ReadonlySet<string> = new Set(['node', 'import', 'module-sync', 'default']);

/** The file that an import of the package would get. Node resolves only from where the importing file is. */
function entryOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { exports, main } = manifest;
  const door = isRecord(exports) && '.' in exports ? exports['.'] : exports;
  return targetOf(door) ?? (typeof main === 'string' ? main : 'index.js');
}

function targetOf(door: unknown): string | undefined {
  if (typeof door === 'string') return door;
  if (!isRecord(door)) return undefined;
  for (const [condition, inner] of Object.entries(door)) {
    const target = conditions.has(condition) ? targetOf(inner) : undefined;
    if (target !== undefined) return target;
  }
  return undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** That very package, and not one that it needs. */
function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ERR_MODULE_NOT_FOUND' && message.startsWith(`Cannot find package '${name}'`);
}

function doesNotLoad(name: string, cause: unknown): TransportError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TransportError(`${name} is installed, but does not load (${reason}): install it anew`, { cause });
}

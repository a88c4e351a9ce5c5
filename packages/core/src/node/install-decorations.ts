import type { AppendFunction, Decoration, Need, Needs, ReadFunction } from '../contracts/index.ts';
import { DecorationAppendError, DecorationError, InvalidError, isPaxakosError } from '../contracts/index.ts';
import { CoreDecorationHost } from './decoration-host.ts';
import type { NodeCore } from './node-core.ts';
import { readState } from './read-state.ts';

/** Any decoration, whatever it needs, gives and appends. */
export type AnyDecoration = Decoration<string, object, Needs>;

/** What came of installing: the outermost append and read, and each decoration's API by its name. */
export interface Installed {
  readonly append: AppendFunction;
  readonly read: ReadFunction;
  readonly apis: Readonly<Record<string, object>>;
}

/** Names that a node has of its own. */
const taken: ReadonlySet<string> = new Set(
  'id incarnation status participation round committed leader cluster failure append read events on takeSnapshot installSnapshot eject forceActive stop then constructor'.split(
    ' ',
  ),
);

function isLater(need: Need<unknown> | undefined): boolean {
  return need !== undefined && 'later' in need;
}

/** Checks that no decoration is there twice, lacks one that it needs, or comes after one that belongs above it. Throws `DecorationError`. */
export function checkDecorations(decorations: readonly AnyDecoration[]): void {
  const seen = new Set<string>();
  for (const decoration of decorations) {
    const { name, needs, contract } = decoration ?? {};
    if (typeof name !== 'string' || name === '')
      throw new InvalidError('decoration.name', name, 'give .with() what defineDecoration() made');
    if (contract !== 1) {
      throw new DecorationError(
        'PAXAKOS_DECORATION_FAILED',
        `decoration "${name}" is of contract ${String(contract)}, and this core of 1: install versions that fit`,
      );
    }
    if (taken.has(name))
      throw new DecorationError('PAXAKOS_DECORATION_TWICE', `a node has a "${name}" of its own: rename the decoration`);
    if (seen.has(name))
      throw new DecorationError('PAXAKOS_DECORATION_TWICE', `decoration "${name}" is there twice: remove one .with()`);
    const early = Object.keys(needs).filter((need) => isLater(needs[need]) && seen.has(need));
    if (early.length > 0) {
      const names = early.map((each) => `"${each}"`).join(', ');
      throw new DecorationError(
        'PAXAKOS_DECORATION_ORDER',
        `decoration "${name}" stands above ${names}, and belongs below: put .with() of it before that`,
      );
    }
    const missing = Object.keys(needs).filter((need) => needs[need]?.optional === false && !seen.has(need));
    if (missing.length > 0) {
      const names = missing.map((need) => `"${need}"`).join(', ');
      throw new DecorationError(
        'PAXAKOS_DECORATION_MISSING',
        `decoration "${name}" needs ${names}: put .with() of it before this one`,
      );
    }
    seen.add(name);
  }
}

/** Installs the decorations in their order. Each stands above those before it. */
export async function installDecorations(core: NodeCore, decorations: readonly AnyDecoration[]): Promise<Installed> {
  const { flags } = core.options;
  const apis: Record<string, object> = {};
  const off = new Set<string>();
  let append: AppendFunction = (entry, options) => core.append(entry, options);
  let read = readState(core);
  for (const decoration of decorations) {
    const { name, needs, stability } = decoration;
    if (!(Object.hasOwn(flags, name) ? flags[name] : stability === 'stable')) {
      apis[name] = inertApi(decoration);
      off.add(name);
      continue;
    }
    const uses: Record<string, unknown> = {};
    // What is off is not there for whoever only may use it.
    for (const [need, { optional }] of Object.entries(needs))
      uses[need] = optional && off.has(need) ? undefined : apis[need];
    const place = { name, uses, below: append, read };
    let isInstalling = true;
    const checkTime = (what: string): void => {
      if (!isInstalling) throw new InvalidError(what, 'called too late', 'call it while install() runs');
    };
    const wrapAppend = (wrap: (next: AppendFunction) => AppendFunction): void => {
      checkTime('aroundAppend()');
      append = wrapped(wrap(append));
    };
    const wrapRead = (wrap: (next: ReadFunction) => ReadFunction): void => {
      checkTime('aroundRead()');
      read = wrap(read);
    };
    try {
      apis[name] = await decoration.install(new CoreDecorationHost(core, { ...place, wrapAppend, wrapRead }) as never);
      isInstalling = false;
    } catch (cause) {
      if (isPaxakosError(cause)) throw cause;
      throw new DecorationError('PAXAKOS_DECORATION_FAILED', `decoration "${name}" could not be installed`, { cause });
    }
  }
  return { append, read, apis };
}

/** Whatever a decoration throws of its own is an append's error too, except for what says that the arguments are wrong. */
function wrapped(append: AppendFunction): AppendFunction {
  return async (entry, options) => {
    try {
      return await append(entry, options);
    } catch (error) {
      const isKnown = isPaxakosError(error, 'PAXAKOS_INVALID') || (isPaxakosError(error) && 'effect' in error);
      throw isKnown ? error : new DecorationAppendError('unknown', error);
    }
  };
}

/** The API of a decoration that is switched off: typed and present; its calls reject, its plain values are as declared. */
function inertApi({ name, inert }: AnyDecoration): object {
  const refuse = (): Promise<never> => {
    const refusal = Promise.reject<never>(
      new DecorationError(
        'PAXAKOS_DECORATION_DISABLED',
        `decoration "${name}" is switched off: set flags: { ${JSON.stringify(name)}: true }`,
      ),
    );
    // Where the call gives nothing to wait for when it is on, nobody waits when it is off.
    refusal.catch(() => {});
    return refusal;
  };
  return new Proxy(inert, {
    get: (values: Readonly<Record<string, unknown>>, property) => {
      if (typeof property === 'symbol' || property === 'then') return undefined;
      return Object.hasOwn(values, property) ? values[property] : refuse;
    },
    has: (_, property) => property !== 'then',
  });
}

import type { AppendFunction, Decoration, Needs } from '../contracts/index.ts';
import { AppendError, DecorationAppendError, DecorationError, PaxakosError } from '../contracts/index.ts';
import { CoreDecorationHost } from './decoration-host.ts';
import type { NodeCore } from './node-core.ts';

/** Any decoration, whatever it needs, gives and appends. */
export type AnyDecoration = Decoration<string, object, Needs>;

/** What came of installing: the outermost append, and each decoration's API by its name. */
export interface Installed {
  readonly append: AppendFunction;
  readonly apis: Readonly<Record<string, object>>;
}

/** Names that a node has of its own. */
const taken: ReadonlySet<string> = new Set(
  'id memory status participation round committed leader cluster failure append read events on takeSnapshot installSnapshot eject forceActive stop then constructor'.split(
    ' ',
  ),
);

/** Checks that no decoration is there twice or lacks one that it needs. Throws `DecorationError`. */
export function checkDecorations(decorations: readonly AnyDecoration[]): void {
  const seen = new Set<string>();
  for (const decoration of decorations) {
    const { name, needs, contract } = decoration;
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
  let append: AppendFunction = (entry, options) => core.append(entry, options);
  for (const decoration of decorations) {
    const { name, needs, stability } = decoration;
    if (!(flags[name] ?? stability === 'stable')) {
      apis[name] = inertApi(decoration);
      continue;
    }
    const uses: Record<string, unknown> = {};
    for (const need of Object.keys(needs)) uses[need] = apis[need];
    const below = append;
    const wrapAppend = (wrap: (next: AppendFunction) => AppendFunction): void => {
      append = wrapped(wrap(append));
    };
    try {
      apis[name] = await decoration.install(new CoreDecorationHost(core, { name, uses, below, wrapAppend }) as never);
    } catch (cause) {
      if (cause instanceof PaxakosError) throw cause;
      throw new DecorationError('PAXAKOS_DECORATION_FAILED', `decoration "${name}" could not be installed`, { cause });
    }
  }
  return { append, apis };
}

/** What a decoration throws of its own is an append's error too. */
function wrapped(append: AppendFunction): AppendFunction {
  return async (entry, options) => {
    try {
      return await append(entry, options);
    } catch (error) {
      throw error instanceof AppendError || error instanceof PaxakosError
        ? error
        : new DecorationAppendError('unknown', error);
    }
  };
}

/** The API of a decoration that is switched off: typed and present; its calls reject, its plain values are as declared. */
function inertApi({ name, inert }: AnyDecoration): object {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new DecorationError(
        'PAXAKOS_DECORATION_DISABLED',
        `decoration "${name}" is switched off: set flags: { ${JSON.stringify(name)}: true }`,
      ),
    );
  return new Proxy(inert, {
    get: (values: Readonly<Record<string, unknown>>, property) => {
      if (typeof property === 'symbol' || property === 'then') return undefined;
      return Object.hasOwn(values, property) ? values[property] : refuse;
    },
    has: (_, property) => property !== 'then',
  });
}

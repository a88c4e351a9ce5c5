interface Layer {
  readonly value: unknown;
}

/** What lasts for a while, and may overlap: the last one that was laid on holds, and ends alone. */
export class Layers {
  readonly #layers = new Map<string, Layer[]>();

  /** Lays a value on what has this name; gives what takes it off. `apply` is told what holds from now on, `undefined` for nothing. */
  lay<T>(name: string, value: T, apply: (value: T | undefined) => void): () => void {
    const layer = { value };
    const layers = this.#layers.get(name) ?? [];
    this.#layers.set(name, layers);
    layers.push(layer);
    apply(value);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
      apply(layers.at(-1)?.value as T | undefined);
    };
  }
}

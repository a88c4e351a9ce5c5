const decoder = new TextDecoder();

/** Parts of a replica that follow from the rest, or say only what is told to the outside, or when something is sent again. */
const ignored: ReadonlySet<string> = new Set([
  'settings',
  'audience',
  '$greeter',
  '$nudger',
  '$inquiries',
  '$gapsSeen',
  '$effects',
  '$wakeAt',
  '$announced',
  '$oldestPendingSince',
]);
/** What a replica needs only to fetch what it missed. */
const fetching: ReadonlySet<string> = new Set([...ignored, 'peers', '$fetcher']);
/** Counts of writes, which matter only as far as they are still under way. */
const tickets = new Set(['ticket', 'bidTicket', '$ticket', '$bondTicket', 'durable']);
/** Lists whose order means nothing. */
const unordered = new Set(['votes', '$coverages']);

/**
 * One text for all that a value holds, the same for values that behave the same. `durable` is the last ticket that is durable;
 * `fetches`: whether what was missed is ever fetched.
 */
export function canonical(value: unknown, durable = 0, fetches = true): string {
  const skipped = fetches ? ignored : fetching;
  const seen = new Set<object>();
  const write = (part: unknown, key: string): string => {
    if (typeof part === 'number') return `${tickets.has(key) ? Math.max(0, part - durable) : part}`;
    if (typeof part === 'string') return part;
    if (typeof part !== 'object' || part === null) return typeof part === 'function' ? '' : String(part);
    if (part instanceof Uint8Array) return decoder.decode(part);
    if (Array.isArray(part)) {
      const texts = part.map((element) => write(element, ''));
      return `[${(unordered.has(key) ? texts.sort() : texts).join()}]`;
    }
    if (part instanceof Map) {
      let text = '<';
      for (const [name, held] of part) text += `${write(name, '')}=${write(held, '')};`;
      return `${text}>`;
    }
    if (part instanceof Set) return `(${[...part].map((element) => write(element, '')).join()})`;
    return fields(part);
  };
  const fields = (part: object): string => {
    const plain = part as Record<string, unknown>;
    if ('counter' in plain) return `${String(plain.counter)}.${String(plain.incarnation)}`;
    if (Object.getPrototypeOf(part) !== Object.prototype) {
      if (seen.has(part)) return '';
      seen.add(part);
    }
    let text = '{';
    for (const key in plain) {
      if (skipped.has(key)) continue;
      const held = plain[key];
      if (held === undefined || typeof held === 'function') continue;
      const written = write(held, key);
      if (written !== '' && written !== '{}') text += `${key}:${written},`;
    }
    return `${text}}`;
  };
  return write(value, '');
}

/** Two numbers of 32 bits that stand for a text. */
export function hashOf(text: string): readonly [number, number] {
  let first = 0x9e3779b9;
  let second = 0x85ebca6b;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul(second ^ code, 0x5bd1e995);
    second = (second << 13) | (second >>> 19);
  }
  return [mixed(first ^ (second >>> 7)), mixed(second ^ text.length)];
}

/** Spreads every bit of a number over all 32. */
export function mixed(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x21f0aaad);
  bits ^= bits >>> 15;
  bits = Math.imul(bits, 0x735a2d97);
  return (bits ^ (bits >>> 15)) >>> 0;
}

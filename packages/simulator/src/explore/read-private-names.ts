import { register } from 'node:module';

/** Turns each private name `#a` of the protocol's modules into `$a`, and changes nothing else. */
const hooks = `
  export async function load(url, context, next) {
    const loaded = await next(url, context);
    if (!/\\/core\\/(dist|build\\/src)\\/protocol\\/[^/]+\\.js$/.test(url)) return loaded;
    const source = Buffer.from(loaded.source).toString().replace(/#([A-Za-z]\\w*)/g, (whole, name) => name === 'sourceMappingURL' ? whole : '$' + name);
    return { ...loaded, source };
  }`;

/**
 * Makes what a replica keeps to itself readable, so that states can be told apart: a replica offers no such door of its own. To be
 * called before anything loads the protocol.
 */
export function readPrivateNames(): void {
  register(`data:text/javascript,${encodeURIComponent(hooks)}`);
}

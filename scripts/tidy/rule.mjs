// A rule is `{ title, check, bad, good }`: `check(files)` takes a map of path → text and returns what is wrong, one line
// each; `bad` and `good` are small sets of files that it must, and must not, complain about.

/** A rule about files one by one: `check(path, text)` yields problems; `where(path)` selects the files. */
export function fileRule({ title, where, check, bad, good = [] }) {
  return {
    title,
    bad,
    good,
    check: (files) =>
      [...files].flatMap(([path, text]) =>
        where(path) ? [...check(path, text)].map((found) => `${path}${found}`) : [],
      ),
  };
}

export const isScript = (path) => /\.(ts|mts|js|mjs|cjs)$/.test(path);
export const isSource = (path) => /^packages\/(.+\/)?src\/.+\.ts$/.test(path);
export const isOwnCode = (path) =>
  isSource(path) || (/^((bench|servers|testing)\/src|scripts)\//.test(path) && isScript(path));
export const isIndex = (path) => path.endsWith('/index.ts');

/** The folder of the package that a file is in: `packages/core`, `packages/decorations/leaser`, `bench`, … */
export const packageOf = (path) =>
  /^(packages\/decorations\/[^/]+|packages\/[^/]+|bench|examples|scripts|servers|testing)\//.exec(path)?.[1];

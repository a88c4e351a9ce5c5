/**
 * Mutants of one file: each a title that names the rule or hazard, the exact text that stands in the file once, and what takes
 * its place.
 */
export function mutantsOf(file, changes) {
  return changes.map(([title, text, replacement]) => ({ file, title, text, replacement }));
}

/** The file with the bug in it. Throws where the text does not stand there exactly once. */
export function mutated({ title, file, text, replacement }, source) {
  const parts = source.split(text);
  if (parts.length !== 2) throw new Error(`${title}: in ${file} the text stands ${parts.length - 1} times: ${text}`);
  return parts.join(replacement);
}

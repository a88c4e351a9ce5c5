import { InvalidError } from '../contracts/index.ts';

const listVariable = 'PAXAKOS_FLAGS';
const singlePrefix = 'PAXAKOS_FLAG_';

/**
 * Reads feature flags from environment variables, for `createNode({ flags: flagsFromEnvironment(process.env) })`.
 *
 * `PAXAKOS_FLAGS="delegation=on,verify=off"` names decorations as they are; `PAXAKOS_FLAG_TRACK_LEADERSHIP=off` names
 * `trackLeadership`, and comes before the list. Values: `on`, `true`, `1`, `off`, `false`, `0`. An empty variable says nothing;
 * anything else throws an `InvalidError`.
 */
export function flagsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, boolean> {
  const flags = new Map<string, boolean>();
  for (const item of (environment[listVariable] ?? '').split(',')) {
    if (item.trim() === '') continue;
    const [name = '', value, ...more] = item.split('=');
    if (name.trim() === '' || value === undefined || more.length > 0) {
      throw new InvalidError(listVariable, environment[listVariable], 'write it as "delegation=on,verify=off"');
    }
    flags.set(name.trim(), isOn(listVariable, value));
  }
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(singlePrefix) || value === undefined || value.trim() === '') continue;
    flags.set(nameOf(variable), isOn(variable, value));
  }
  return Object.fromEntries(flags);
}

/** `PAXAKOS_FLAG_TRACK_LEADERSHIP` → `trackLeadership`. */
function nameOf(variable: string): string {
  const words = variable.slice(singlePrefix.length).toLowerCase().split('_');
  if (words.some((word) => word === '')) {
    throw new InvalidError(
      'environment variable',
      variable,
      'name a decoration, such as PAXAKOS_FLAG_TRACK_LEADERSHIP',
    );
  }
  return words.map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('');
}

function isOn(variable: string, text: string): boolean {
  switch (text.trim().toLowerCase()) {
    case 'on':
    case 'true':
    case '1':
      return true;
    case 'off':
    case 'false':
    case '0':
      return false;
    default:
      throw new InvalidError(variable, text, 'say on or off');
  }
}

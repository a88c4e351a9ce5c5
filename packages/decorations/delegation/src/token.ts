import type { Random } from '@paxakos/core/contracts';

/** 32 hexadecimal digits that nobody else has. */
export function newToken(random: Random): string {
  let token = '';
  for (let left = 4; left > 0; left -= 1)
    token += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return token;
}

import { claimMutants } from './claim-mutants.mjs';
import { leaderMutants } from './leader-mutants.mjs';
import { protocolMutants } from './protocol-mutants.mjs';
import { restartMutants } from './restart-mutants.mjs';
import { storageMutants } from './storage-mutants.mjs';

/** Every mutant, in the order of the table. */
export const allMutants = [...protocolMutants, ...leaderMutants, ...claimMutants, ...restartMutants, ...storageMutants];

import { within } from './expect.ts';

/** Ends what no wait ends; far beyond patience. */
const caseMsMax = 600_000;

/** Runs a case, and disposes of its bed. Where both fail, the case's own error comes through. */
export async function runCase<Bed extends AsyncDisposable>(
  title: string,
  bed: Bed,
  work: (bed: Bed) => Promise<void>,
): Promise<void> {
  try {
    await within(caseMsMax, title, work(bed));
  } catch (error) {
    await dispose(bed).catch(() => {});
    throw error;
  }
  await dispose(bed);
}

async function dispose(bed: AsyncDisposable): Promise<void> {
  await bed[Symbol.asyncDispose]();
}

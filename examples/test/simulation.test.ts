import { campaign } from '@paxakos/simulator';
import test from 'ava';
import { simulation } from './seats.ts';

test('the seats stay as they were booked, whatever breaks', async (t) => {
  const { failures } = await campaign({ ...simulation, seeds: 5 });
  t.deepEqual(failures, []);
});

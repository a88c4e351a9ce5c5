// Two clocks: the node's own, and a wall clock that goes on while the machine is suspended, and can be set.
import test from 'ava';
import { Timekeeper } from '../src/timekeeper.ts';

function keeperOf(wallClock: (time: { own: number; wall: number }) => number = ({ wall }) => wall) {
  const time = { own: 0, wall: 1_000_000 };
  const keeper = new Timekeeper({ now: () => time.own, after: () => () => {} }, () => wallClock(time), 640, 1.25);
  const pass = (own: number, wall = own): void => {
    time.own += own;
    time.wall += wall;
  };
  keeper.now();
  return { keeper, time, pass };
}

test('without a wall clock there is one time', (t) => {
  const keeper = new Timekeeper({ now: () => 7, after: () => () => {} }, undefined, 640, 1.25);
  t.deepEqual(keeper.now(), { own: 7, wall: 7 });
  t.deepEqual(keeper.at(3), { own: 3, wall: 3 });
});

test('a wall clock that goes back is taken to stand still, one that goes ahead to go ahead', (t) => {
  const { keeper, pass } = keeperOf();
  pass(10);
  t.deepEqual(keeper.now(), { own: 10, wall: 10 });
  pass(10, -3_600_000);
  t.deepEqual(keeper.now(), { own: 20, wall: 10 });
  pass(10);
  t.deepEqual(keeper.now(), { own: 30, wall: 20 });
  pass(0, 500);
  t.deepEqual(keeper.now(), { own: 30, wall: 520 });
});

test('a wall clock that throws or gives nonsense is taken to go as the own one does', (t) => {
  let isBroken = false;
  const { keeper, pass } = keeperOf(({ own, wall }) => {
    if (isBroken && own > 15) throw new Error('no clock');
    return isBroken ? Number.NaN : wall;
  });
  isBroken = true;
  pass(10);
  t.deepEqual(keeper.now(), { own: 10, wall: 10 });
  pass(10);
  t.deepEqual(keeper.now(), { own: 20, wall: 20 });
  isBroken = false;
  pass(10);
  t.is(keeper.now().wall, 50, 'and all that it went meanwhile is added once it works');
});

test('a moment of the past is told by those kept around it, never too late', (t) => {
  const { keeper, pass } = keeperOf();
  t.deepEqual(keeper.at(0), { own: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY });
  keeper.keep();
  pass(5);
  keeper.keep();
  pass(10, 1_000);
  keeper.keep();
  pass(10);
  t.deepEqual(keeper.at(14), { own: 14, wall: 11.2 }, 'the suspension may have come after');
  t.deepEqual(keeper.at(15), { own: 15, wall: 1_005 });
  t.deepEqual(keeper.at(25), { own: 25, wall: 1_013 });
  t.deepEqual(keeper.at(35), { own: 35, wall: 1_015 }, 'nor far beyond the last one');
});

test('a moment just before one that is kept is not told by the one long before', (t) => {
  const { keeper, pass } = keeperOf();
  keeper.keep();
  pass(400);
  pass(0.01);
  keeper.keep();
  t.deepEqual(keeper.at(400), { own: 400, wall: 320 });
  pass(400, -100);
  pass(0.01);
  keeper.keep();
  t.is(Math.round(keeper.at(800).wall), 400, 'a wall clock that was set back stood still');
});

test('no more than a bounded number of moments is kept', (t) => {
  const { keeper, pass } = keeperOf();
  for (let times = 0; times < 1_000; times += 1) {
    keeper.keep();
    pass(10);
  }
  t.is(keeper.at(9_995).wall, 9_994);
  t.is(keeper.at(9_360).wall, 9_360);
  t.is(keeper.at(9_359).own, Number.NEGATIVE_INFINITY);
});

// Runs a program in the foreground, as if it had been started in place of this one.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

/**
 * Runs a program and resolves to its exit code, or to 128 + the number of the signal that ended it.
 *
 * Ctrl-C in a terminal reaches every process of the foreground group, the program included, so it is not passed on a
 * second time. A signal to this process alone is passed on, once for the several copies that npm makes of it.
 */
export function runForeground(command, args, { cwd, env, stdio = 'inherit' }) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, env, stdio });
    const lastAt = new Map();
    const pass = (signal) => {
      const now = performance.now();
      const isCopy = now - (lastAt.get(signal) ?? Number.NEGATIVE_INFINITY) < 300;
      lastAt.set(signal, now);
      if (isCopy || (signal === 'SIGINT' && isTerminalForeground())) return;
      child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, pass);
    // If the parent is killed, nobody waits for the program any more.
    const parent = process.ppid;
    const watch = setInterval(() => process.ppid === parent || child.kill('SIGTERM'), 1_000);
    child.on('error', fail);
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      for (const name of signals) process.off(name, pass);
      done(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/** Returns whether a terminal sends its Ctrl-C to this process group. */
function isTerminalForeground() {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[2] === fields[5]; // own process group, and the terminal's foreground one (-1: no terminal)
  } catch {
    return process.stdin.isTTY === true;
  }
}

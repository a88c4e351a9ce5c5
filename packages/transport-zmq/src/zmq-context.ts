import { setTimeout as delay } from 'node:timers/promises';
import { TransportError } from '@paxakos/core/contracts';
import { Context, Reply } from 'zeromq';
import { toZ85 } from './curve-key-pair.ts';

// One context for all transports of this process, and not the application's: its I/O thread can't be stopped before the
// process ends, so one per transport would pile up; and a context has room for one authenticator, which here is ours.
let shared: Context | undefined;

/** The ZeroMQ context of all transports in this process. */
export function zmqContext(): Context {
  shared ??= new Context({ blocky: false, maxSockets: 16_384 });
  return shared;
}

const endpoint = 'inproc://zeromq.zap.01';
const isAdmittedIn = new Map<string, (publicKey: string) => boolean>();
let reply: Reply | undefined;
let domainsMade = 0;
/** The authenticator is opened and closed one at a time. */
let turn: Promise<void> = Promise.resolve();

/** Asks `isAdmitted` about each client of the returned ZAP domain, until `leaveZap`. */
export async function enterZap(isAdmitted: (publicKey: string) => boolean): Promise<string> {
  domainsMade += 1;
  const domain = `paxakos-${domainsMade}`;
  isAdmittedIn.set(domain, isAdmitted);
  turn = turn.catch(() => {}).then(openReply);
  try {
    await turn;
  } catch (cause) {
    isAdmittedIn.delete(domain);
    throw new TransportError('cannot start to check CURVE keys', { cause });
  }
  return domain;
}

/** Ends a ZAP domain; with the last one the authenticator is closed. */
export async function leaveZap(domain: string): Promise<void> {
  isAdmittedIn.delete(domain);
  turn = turn.catch(() => {}).then(closeReply);
  await turn;
}

async function openReply(): Promise<void> {
  if (reply !== undefined) return;
  const socket = new Reply({ context: zmqContext(), linger: 0 });
  for (let tries = 1; ; tries += 1) {
    try {
      socket.bindSync(endpoint);
      break;
    } catch (error) {
      // The name of one that was closed a moment ago is given back by a thread of ZeroMQ.
      if (tries === 500) throw error;
      await delay(1);
    }
  }
  reply = socket;
  void answerAll(socket);
}

function closeReply(): void {
  if (isAdmittedIn.size > 0) return;
  reply?.close();
  reply = undefined;
}

/** ZAP 1.0 (RFC 27): version, request id, domain, address, identity, mechanism, client key. */
async function answerAll(socket: Reply): Promise<void> {
  while (!socket.closed) {
    try {
      const [version, requestId, domain, , , mechanism, key] = await socket.receive();
      const isAdmitted = isAdmittedIn.get(String(domain));
      const isKnown = String(mechanism) === 'CURVE' && key?.byteLength === 32 && isAdmitted?.(toZ85(key)) === true;
      const [code, text] = isKnown ? ['200', 'OK'] : ['400', 'unknown key'];
      await socket.send([version ?? '1.0', requestId ?? '', code, text, '', '']);
    } catch (error) {
      if (!socket.closed) throw error;
    }
  }
}

import type { LogRecord, RoundRange, Storage, StoredLog, StoredSnapshot } from '@paxakos/core/contracts';
import { StorageError } from '@paxakos/core/contracts';

interface Kept {
  readonly bytes: Uint8Array;
  readonly rounds: RoundRange | undefined;
}

/** What outlives a storage. */
export class Place {
  records: Kept[] = [];
  /** How many records were appended before the first one kept, and the round up to which they are gone. */
  droppedCount = 0;
  droppedTo = 0;
  snapshot: (StoredSnapshot & { readonly position: number }) | undefined;
  holder: ReferenceStorage | undefined;
  isPowered = true;
}

/** What a storage does wrong. */
export type Fault =
  | 'none'
  | 'beginsWithARecord'
  | 'retainsFromZero'
  | 'appendsWhileClosed'
  | 'savesWhileClosed'
  | 'readsWhileClosed'
  | 'closesOnce'
  | 'opensTwice'
  | 'sharesThePlace'
  | 'staysLocked'
  | 'leavesATimer'
  | 'resolvesOutOfOrder'
  | 'losesOneOfMany'
  | 'readsInReverse'
  | 'ignoresEmptyAppends'
  | 'joinsRecords'
  | 'dropsEmptyParts'
  | 'keepsTheLastPart'
  | 'writesOverParts'
  | 'keepsTheWholeBuffer'
  | 'cutsLargeRecords'
  | 'cutsAt64KiB'
  | 'readsOnlyFirstRounds'
  | 'readsByLastRound'
  | 'givesRecordsWithoutRounds'
  | 'rounds32Bit'
  | 'oneReader'
  | 'waitsForReaders'
  | 'dropsWithoutSaying'
  | 'forgetsWhatWasDropped'
  | 'dropsUnderReaders'
  | 'snapshotTakesLater'
  | 'snapshotTakesNothing'
  | 'keepsTheHighestSnapshot'
  | 'cutsSnapshots'
  | 'forgets'
  | 'reopensInReverse'
  | 'closeDropsWhatWaits'
  | 'givesWhatIsAppendedSince'
  | 'forgetsPast10000'
  | 'resolvesEarly'
  | 'savesEarly';

const retainedRounds = 200;

/** The contract, as short as it goes, over a `Place`; with one fault on demand. */
export class ReferenceStorage implements Storage {
  readonly #place: Place;
  readonly #fault: Fault;
  #state: 'new' | 'open' | 'closed' = 'new';
  #flushing: Promise<void> | undefined;
  #waiting: Kept[] = [];
  #count = 0;
  #readers = 0;

  constructor(place: Place, fault: Fault) {
    this.#place = place;
    this.#fault = fault;
  }

  get retainedFrom(): number {
    if (this.#fault === 'retainsFromZero') return 0;
    return this.#fault === 'dropsWithoutSaying' ? 1 : this.#place.droppedTo + 1;
  }

  async open(): Promise<StoredLog> {
    const place = this.#place;
    const isShared = this.#has('sharesThePlace') && place.holder !== this;
    if (place.holder !== undefined && !isShared && !(this.#has('opensTwice') && place.holder === this)) {
      throw new StorageError('PAXAKOS_STORAGE_LOCKED', 'in use');
    }
    place.holder = this;
    this.#state = 'open';
    if (this.#has('leavesATimer')) setInterval(() => {}, 60_000).unref();
    if (this.#has('forgetsWhatWasDropped')) place.droppedTo = 0;
    if (this.#has('forgets')) place.records = [];
    if (this.#has('forgetsPast10000')) place.records.length = Math.min(place.records.length, 10_000);
    this.#count = place.droppedCount + place.records.length;
    const { snapshot } = place;
    const records = place.records.slice(Math.max(0, (snapshot?.position ?? 0) - place.droppedCount));
    if (this.#has('beginsWithARecord')) records.push({ bytes: new Uint8Array(40), rounds: undefined });
    if (this.#has('reopensInReverse')) records.reverse();
    const given = this.#has('givesWhatIsAppendedSince') ? place.records : records;
    const stored = { records: bytesOfAll(given) };
    return snapshot === undefined ? stored : { ...stored, snapshot: { round: snapshot.round, bytes: snapshot.bytes } };
  }

  append(records: readonly LogRecord[]): Promise<void> {
    if (this.#state !== 'open' && !this.#has('appendsWhileClosed')) return this.#refuse();
    if (records.length === 0 && this.#has('ignoresEmptyAppends')) return Promise.resolve();
    for (const { parts, rounds } of records) this.#waiting.push({ bytes: this.#joined(parts), rounds });
    if (this.#has('joinsRecords') && records.length > 1) {
      const joined = this.#waiting.splice(-records.length);
      this.#waiting.push({ bytes: Buffer.concat(joined.map(({ bytes }) => bytes)), rounds: records[0]?.rounds });
    }
    this.#count += records.length;
    const flushed = this.#flush();
    if (this.#has('resolvesEarly')) return Promise.resolve();
    if (this.#has('resolvesOutOfOrder') && this.#count % 2 === 0) return flushed.then(() => new Promise(setImmediate));
    return flushed;
  }

  async saveSnapshot({ round, bytes }: StoredSnapshot): Promise<void> {
    if (this.#state !== 'open' && !this.#has('savesWhileClosed')) return this.#refuse();
    let position = this.#count;
    const save = async (): Promise<void> => {
      await this.#flush();
      await new Promise(setImmediate);
      if (this.#has('snapshotTakesLater')) position = this.#count;
      if (this.#has('snapshotTakesNothing')) position = 0;
      const place = this.#place;
      if (!place.isPowered) return;
      const isKept = this.#has('keepsTheHighestSnapshot') && (place.snapshot?.round ?? 0) > round;
      const saved = this.#has('cutsSnapshots') ? bytes.slice(0, 1_000_000) : bytes;
      if (!isKept) place.snapshot = { round, bytes: saved, position };
      this.#drop(round, position);
    };
    const saving = save();
    if (!this.#has('savesEarly')) await saving;
  }

  async *read({ from, to }: RoundRange): AsyncIterable<Uint8Array> {
    if (this.#state !== 'open' && !this.#has('readsWhileClosed')) return await this.#refuse();
    if (this.#has('oneReader') && this.#readers > 0) throw new Error('busy');
    this.#readers += 1;
    const { records } = this.#place;
    const concerns = ({ rounds }: Kept): boolean => {
      if (rounds === undefined) return this.#has('givesRecordsWithoutRounds');
      const cut = (round: number): number => (this.#has('rounds32Bit') ? round >>> 0 : round);
      if (this.#has('readsOnlyFirstRounds')) return rounds.from >= from && rounds.from <= to;
      return cut(rounds.from) <= to && cut(rounds.to) >= from;
    };
    const found = this.#has('dropsUnderReaders') ? records : records.filter(concerns);
    if (this.#has('readsInReverse')) found.reverse();
    if (this.#has('readsByLastRound')) found.sort((a, b) => (a.rounds?.to ?? 0) - (b.rounds?.to ?? 0));
    for (const record of found) {
      if (!concerns(record)) continue;
      await Promise.resolve();
      yield this.#has('keepsTheWholeBuffer') ? record.bytes : record.bytes.slice();
    }
    this.#readers -= 1;
  }

  async close(): Promise<void> {
    if (this.#state === 'closed' && this.#has('closesOnce')) throw new Error('closed already');
    if (this.#has('closeDropsWhatWaits')) this.#waiting = [];
    this.#state = 'closed';
    if (this.#has('waitsForReaders') && this.#readers > 0) throw new Error('readers are left');
    await this.#flushing;
    if (this.#place.holder === this && !this.#has('staysLocked')) this.#place.holder = undefined;
  }

  #has(fault: Fault): boolean {
    return this.#fault === fault;
  }

  #refuse(): Promise<never> {
    return Promise.reject(new StorageError('PAXAKOS_STORAGE_CLOSED', 'not open'));
  }

  #joined(parts: readonly Uint8Array[]): Uint8Array {
    if (this.#has('writesOverParts')) for (const part of parts) part.fill(0);
    if (this.#has('keepsTheLastPart')) return (parts.at(-1) ?? new Uint8Array()).slice();
    if (this.#has('keepsTheWholeBuffer') && parts[0] !== undefined) return new Uint8Array(parts[0].buffer);
    const bytes = new Uint8Array(Buffer.concat(parts));
    if (this.#has('cutsLargeRecords') && bytes.length > 2_000_000) return bytes.slice(0, 2_000_000);
    return this.#has('cutsAt64KiB') && bytes.length === 65_536 ? bytes.slice(1) : bytes;
  }

  #flush(): Promise<void> {
    this.#flushing ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#flushing = undefined;
        if (!this.#place.isPowered) return;
        const records = this.#waiting.splice(0);
        if (this.#has('losesOneOfMany') && records.length > 1_000) records.pop();
        if (this.#has('dropsEmptyParts')) this.#place.records.push(...records.filter(({ bytes }) => bytes.length > 0));
        else this.#place.records.push(...records);
        resolve();
      });
    });
    return this.#flushing;
  }

  #drop(round: number, position: number): void {
    const place = this.#place;
    while (place.records.length > 0 && place.droppedCount < position) {
      const to = place.records[0]?.rounds?.to ?? 0;
      if (to > round - retainedRounds) return;
      place.records = this.#has('dropsUnderReaders') ? place.records : [...place.records];
      place.records.splice(0, 1);
      place.droppedCount += 1;
      place.droppedTo = Math.max(place.droppedTo, to);
    }
  }
}

async function* bytesOfAll(records: readonly Kept[]): AsyncIterable<Uint8Array> {
  for (const { bytes } of records) {
    await Promise.resolve();
    yield bytes;
  }
}

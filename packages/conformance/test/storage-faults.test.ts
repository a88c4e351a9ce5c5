// The suite must notice: the reference storage passes every case, and each broken one fails the case that is named beside it.
import test from 'ava';
import { type StorageCapability, type StorageFixture, storageCases } from '../src/storage/index.ts';
import { patience } from '../src/transport/expect.ts';
import { vainMs } from './broken-fixture.ts';
import { type Fault, Place, ReferenceStorage } from './reference-storage.ts';

const capabilities: StorageCapability[] = ['durable', 'exclusive', 'crash', 'resources'];

function fixture(fault: Fault): StorageFixture {
  let place = new Place();
  let timers = 0;
  return {
    storage() {
      timers += fault === 'leavesATimer' ? 1 : 0;
      return new ReferenceStorage(place, fault);
    },
    crash() {
      place.isPowered = false;
      const { records, snapshot, droppedCount, droppedTo } = place;
      place = Object.assign(new Place(), { records: [...records], snapshot, droppedCount, droppedTo });
    },
    resources: () => Array.from({ length: timers }, () => 'Timeout'),
    async [Symbol.asyncDispose]() {},
  };
}

const faults: Record<string, readonly Fault[]> = {
  'an empty place opens without snapshot and records': ['beginsWithARecord', 'retainsFromZero'],
  'a storage that is not open refuses every call, with its code': [
    'appendsWhileClosed',
    'savesWhileClosed',
    'readsWhileClosed',
  ],
  'close is idempotent, and good for a storage that was never opened': ['closesOnce'],
  'one storage is opened once': ['opensTwice'],
  'H49 a second storage over one place is refused until the first one is closed': ['sharesThePlace', 'staysLocked'],
  'H49 of many that open one place at once, one holds it at most': ['sharesThePlace'],
  'nothing keeps the process alive after close': ['leavesATimer'],
  '5,000 appends of one turn all resolve, in their order': ['resolvesOutOfOrder', 'losesOneOfMany', 'readsInReverse'],
  'appends of many writers over many turns keep their order': ['readsInReverse'],
  'an append of nothing resolves after those before it': ['ignoresEmptyAppends'],
  'several records of one append are several records': ['joinsRecords'],
  'the parts of a record are one record': ['dropsEmptyParts', 'keepsTheLastPart'],
  'H62 neither append nor a reader changes the bytes of the appender': ['writesOverParts', 'keepsTheWholeBuffer'],
  'records of 16 MiB and small ones go together': ['cutsLargeRecords'],
  'a record of any size is given back as it was': ['cutsAt64KiB'],
  'read gives every record of the rounds, in the order of append, runs and re-proposals included': [
    'readsOnlyFirstRounds',
    'readsByLastRound',
  ],
  'a record without rounds is not read by rounds': ['givesRecordsWithoutRounds'],
  'H63 rounds reach up to 2^53 - 1': ['rounds32Bit'],
  'several readers read while records are appended': ['oneReader'],
  'a reader may stop early, or never begin': ['waitsForReaders'],
  'retainedFrom is honest: read gives every record from there on': ['dropsWithoutSaying'],
  'retainedFrom is honest after a restart': ['forgetsWhatWasDropped'],
  'a reader gets all that was there when it began, also if a snapshot drops it meanwhile': ['dropsUnderReaders'],
  'a snapshot stands for the records appended before the call, and for no later one': [
    'snapshotTakesLater',
    'snapshotTakesNothing',
  ],
  'the snapshot saved last is the one that is given': ['keepsTheHighestSnapshot'],
  'a snapshot of 16 MiB, and one of no bytes, are given back': ['cutsSnapshots'],
  'what was appended is there, in its order, for whoever opens the place next': ['forgets', 'reopensInReverse'],
  'close writes out what was appended before it': ['closeDropsWhatWaits'],
  'open gives what was there then, and not what was appended since': ['givesWhatIsAppendedSince'],
  'a log of 20,000 records opens': ['forgetsPast10000'],
  'H3 an append that resolved survives a crash, and what is left is what was appended first': ['resolvesEarly'],
  'H39 a snapshot survives a crash whole, or the one before it does': ['savesEarly'],
};

const wholePatienceMs = patience.ms;
const all = storageCases(() => fixture('none'), capabilities);

test('each case has a storage that breaks it', (t) => {
  t.deepEqual(Object.keys(faults).sort(), all.map(({ title }) => title).sort());
});

for (const each of all) {
  test.serial(`reference: ${each.title}`, (t) => {
    patience.ms = wholePatienceMs;
    return t.notThrowsAsync(each.run());
  });
}

for (const [title, broken] of Object.entries(faults)) {
  for (const fault of broken) {
    test.serial(`a storage that ${fault} is noticed by: ${title}`, async (t) => {
      const noticing = storageCases(() => fixture(fault), capabilities).find((each) => each.title === title);
      patience.ms = vainMs;
      await t.throwsAsync(async () => noticing?.run());
    });
  }
}

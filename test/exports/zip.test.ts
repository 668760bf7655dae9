import { describe, expect, it } from '@jest/globals';
import { ExportTakenOver, PageIncomplete, WorkbookTooLarge } from '../../functions/exports/errors.ts';
import { zip, type ZipEntry } from '../../functions/exports/zip.ts';
import { bytesOf, filesOf } from './readers.ts';

const MODIFIED = new Date('2026-11-26T13:57:59Z');
const archive = async (entries: Iterable<ZipEntry>, mostBytes?: number) => bytesOf(zip(entries, MODIFIED, mostBytes));

describe('a zip archive', () => {
  it('has each file’s text, and its headers say what it is', async () => {
    // The first one is more than a block, in pieces that fill one to the byte, and one that is larger than a block.
    const texts = [['é'.repeat(43_690), 'ab', 'x'.repeat(131_072), '订'.repeat(60_000), ''], [], ['the last']];
    const names = ['ação.xml', 'empty', 'xl/last.xml'];
    const files = filesOf(await archive(texts.map((text, at) => ({ name: names[at] ?? '', text }))));
    // APPNOTE: version 2.0, deflated, sums behind the data (bit 3), names in UTF-8 (bit 11); time in units of two seconds.
    const said = { madeBy: 20, needed: 20, flags: 0x0808, method: 8 };
    const [time, date] = [(13 << 11) | (57 << 5) | 29, (46 << 9) | (11 << 5) | 26];
    expect(files).toEqual(names.map((name, at) => ({ name, text: texts[at]?.join(''), ...said, time, date })));
  });

  it('is no larger than its format can hold, nor is what it holds', async () => {
    const small = { name: 'a', text: ['random'] };
    const whole = await archive([small]);
    expect(await archive([small], whole.length - 22)).toEqual(whole);
    await expect(archive([small], whole.length - 23)).rejects.toThrow(WorkbookTooLarge);
    const wide = (length: number) => archive([{ name: 'a', text: ['x'.repeat(length)] }], 100_000);
    expect(filesOf(await wide(100_000))[0]?.text).toHaveLength(100_000);
    await expect(wide(100_001)).rejects.toThrow(WorkbookTooLarge);
  });

  it('asks for no further file when it is too large already', async () => {
    let asked = 0;
    function* entries() {
      for (;;) {
        asked += 1;
        yield { name: 'a', text: ['random'] };
      }
    }
    const [one] = filesOf(await archive([{ name: 'a', text: ['random'] }]));
    expect(one?.text).toBe('random');
    await expect(archive(entries(), 100)).rejects.toThrow(WorkbookTooLarge);
    expect(asked).toBe(2);
  });

  it('fails as its texts fail', async () => {
    function* text() {
      yield 'a';
      throw new Error('the source broke');
    }
    await expect(archive([{ name: 'a', text: text() }])).rejects.toThrow('the source broke');
  });
});

/** What an operator finds in the log of an export that failed. */
it.each([
  [new WorkbookTooLarge(), 'WorkbookTooLarge: The workbook would be too large. Ask for a shorter period.'],
  [new ExportTakenOver(), 'ExportTakenOver'],
  [
    new PageIncomplete({ connection: 'toko', problem: 'timed_out' }),
    'PageIncomplete: The orders of toko could not be read: timed_out.',
  ],
])('%s says what happened', (error, text) => {
  expect(String(error)).toBe(text);
});

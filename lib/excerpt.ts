/**
 * From a log of any size to the lines that may say what failed: one pass, constant memory.
 *
 * A scanner looks for keywords in blocks of a megabyte. A line with one is kept with a few neighbours, since the symbol,
 * the test's name or the stack often stands beside the word; of lines that differ in digits alone only the first few, and
 * none that says that something passed. The first thousands are kept as they come. After them those with a plain verdict (`error:`, `FAILED`), since passing noise
 * seldom has one, and of the others the latest. The end of the log is kept whole, because summaries and the messages of
 * unknown tools stand there. What is kept is bounded, so the rules that read it may be thorough.
 *
 * UTF-16 (PowerShell's `>`) is recognised by its mark or its zero bytes. Broken bytes become U+FFFD. A line longer than
 * {@link LINE_BYTES} is cut, however long it is; a carriage return ends a line, as progress bars mean it to.
 *
 * @module
 */
import { decoderOf } from "./encoding.ts";
import { PREFIXED, plain } from "./plain.ts";
import { passes } from "./read/passing.ts";
import { KEYWORDS, VERDICTS } from "./rules/keywords.ts";
import { createScanner, endOf, lineStart, NEWLINE, RETURN } from "./scan.ts";
import { beginsJson, shapeOf } from "./shape.ts";

/** A line that was kept. */
export type Line = {
  readonly text: string;
  /** It holds a keyword; the others are its neighbours, or the end of the log. */
  readonly telling: boolean;
};

/** The kept lines of a log. */
export type Excerpt = {
  /** In the order of the log; an empty line stands where something was left out. */
  readonly lines: readonly Line[];
  /** Bytes read. */
  readonly bytes: number;
};

/** No line is kept longer than this, */
export const LINE_BYTES = 2_000;
/** but a report for machines in one line, and of these so many. */
const JSON_BYTES = 65_536;
const JSON_LINES = 4;
const BLOCK_BYTES = 1 << 20;
/** How much of the block before stays in view: neighbours of the first line, and the end of the log. */
const CARRY_BYTES = 32_768;
const LINES_BEFORE = 4;
const LINES_AFTER = 12;
const FIRST_LINES = 2_000;
/** After them so many of those with a verdict, and of their neighbours. */
const VERDICT_LINES = 1_500;
/** And so many of the others, the latest. */
const LATEST_LINES = 500;
/** Lines that differ in digits alone are kept so often. */
const SAME_SHAPE = 8;
/** A line's shape is that of so many bytes. */
const SHAPE_BYTES = 128;
/** Verdicts that begin alike: of these a program that logs its own errors has thousands, a failure few. */
const SAME_HEAD = 40;
const HEAD_BYTES = 24;
/** What is looked at to see that a line says something passed. */
const PASSING_BYTES = 320;

const scanner = createScanner(KEYWORDS);
const verdicts = createScanner(VERDICTS);

/**
 * Reads a log to its end and keeps what may say why it failed.
 *
 * @param log The bytes, in pieces of any size.
 */
export async function excerpt(log: AsyncIterable<Uint8Array>): Promise<Excerpt> {
  const keeper = createKeeper();
  const block = Buffer.alloc(CARRY_BYTES + BLOCK_BYTES);
  let used = 0;
  let bytes = 0;
  let decode: ((piece: Uint8Array) => Uint8Array) | undefined;
  for await (const piece of log) {
    bytes += piece.length;
    if (piece.length === 0) continue;
    decode ??= decoderOf(piece);
    const text = decode(piece);
    for (let from = 0; from < text.length; ) {
      const part = text.subarray(from, from + block.length - used);
      block.set(part, used);
      used += part.length;
      from += part.length;
      if (used === block.length) {
        keeper.read(block, used, false);
        block.copyWithin(0, used - CARRY_BYTES, used);
        keeper.slide(used - CARRY_BYTES);
        used = CARRY_BYTES;
      }
    }
  }
  keeper.read(block, used, true);
  return { lines: keeper.lines(), bytes };
}

/** A line's bytes, decoded only at the end since most give way to later ones, and where it stood among those kept. */
type Kept = { readonly bytes: Uint8Array; readonly telling: boolean; readonly order: number };

/** Keeps lines; its positions are of the block it was given last. */
function createKeeper() {
  const kept: Kept[] = [];
  /** A ring: once full, the next line takes the place of the oldest. */
  const latest: Kept[] = [];
  const shapes = new Uint8Array(1 << 18);
  const heads = new Uint8Array(1 << 18);
  let order = 0;
  let others = 0;
  let gap = false;
  /** So many lines from here on belong to the latest verdict: its neighbours before, itself, and those after. */
  let near = 0;
  /** Up to here the block was scanned. */
  let scanned = 0;
  /** Up to here lines were kept or passed over. */
  let settled = 0;
  let after = 0;
  let reports = 0;

  const store = (bytes: Uint8Array, telling: boolean, always: boolean): void => {
    const line = { bytes, telling, order: order++ };
    if (always || kept.length < FIRST_LINES || (near > 0 && kept.length < FIRST_LINES + VERDICT_LINES)) kept.push(line);
    else latest[others++ % LATEST_LINES] = line;
  };

  /** A long line that is a report for machines, of which a part says nothing. */
  const isReport = (bytes: Uint8Array, start: number, end: number): boolean =>
    end - start > LINE_BYTES && end - start <= JSON_BYTES && reports < JSON_LINES && beginsJson(bytes, start);

  const put = (bytes: Uint8Array, start: number, end: number, telling: boolean, always: boolean): void => {
    if (gap) store(NOTHING, false, always);
    gap = false;
    const long = isReport(bytes, start, end);
    if (long) reports++;
    // A copy: a Buffer's slice would change with the next block.
    store(new Uint8Array(bytes.subarray(start, long ? end : Math.min(end, start + LINE_BYTES))), telling, always);
  };

  const keep = (bytes: Uint8Array, start: number, end: number, telling: boolean): void => {
    const shape = shapeOf(bytes, start, end, SHAPE_BYTES);
    const seen = shapes[shape] ?? 0;
    shapes[shape] = Math.min(255, seen + 1);
    if (seen < SAME_SHAPE) put(bytes, start, end, telling, false);
    else gap = true;
    if (near > 0) near--;
  };

  const rare = (bytes: Uint8Array, start: number, end: number): boolean => {
    const head = shapeOf(bytes, start, end, HEAD_BYTES);
    const seen = heads[head] ?? 0;
    heads[head] = Math.min(255, seen + 1);
    return seen < SAME_HEAD;
  };

  /** Keeps whole lines from `settled`, at most `count`, none that ends after `limit`. */
  const keepForward = (bytes: Uint8Array, limit: number, count: number): void => {
    while (count > 0 && settled < limit) {
      const end = endOf(bytes, settled, limit);
      if (end >= limit) break;
      keep(bytes, settled, end, false);
      settled = end + 1;
      count--;
      after = count;
    }
  };

  const read = (bytes: Buffer, used: number, last: boolean): void => {
    // A line without its end waits for the next block, unless it began before this one. The end of the log is kept whole.
    const whole = lineStart(bytes, used);
    const cut = used - CARRY_BYTES;
    const ending = cut <= 0 ? 0 : endOf(bytes, cut, endOf(bytes, cut, used), RETURN) + 1;
    const stop = last ? Math.max(settled, ending >= used ? cut : ending) : whole <= scanned ? used : whole;
    for (const hit of scanned < stop ? scanner.findAll(bytes, scanned, stop) : []) {
      // The rest of a line that was settled at its first keyword.
      if (hit < scanned) continue;
      // A keyword may begin with the newline before its line.
      const inside = bytes[hit] === NEWLINE ? hit + 1 : hit;
      const end = endOf(bytes, inside, stop);
      const start = Math.max(lineStart(bytes, inside), settled);
      const shape = shapeOf(bytes, start, end, SHAPE_BYTES);
      if ((shapes[shape] ?? 0) >= SAME_SHAPE || tellsNothing(bytes, start, end)) {
        scanned = Math.min(end + 1, used);
        continue;
      }
      if (after > 0) keepForward(bytes, start, after);
      if (kept.length >= FIRST_LINES && verdicts.find(bytes, Math.max(0, start - 1), end) >= 0 && rare(bytes, start, end))
        near = LINES_BEFORE + 1 + LINES_AFTER;
      if (settled < start) {
        let from = start;
        for (let lines = 0; lines < LINES_BEFORE && from > settled; lines++) from = lineStart(bytes, from - 1);
        from = Math.max(from, settled);
        if (from > settled) gap = true;
        if (from > settled && near <= LINES_AFTER) near = 0;
        settled = from;
        keepForward(bytes, start, LINES_BEFORE);
        settled = start;
      }
      const around = isReport(bytes, start, end) ? start : Math.max(start, Math.min(inside - LINE_BYTES / 2, end));
      if (end >= settled) keep(bytes, around, end, true);
      settled = Math.min(end + 1, used);
      scanned = settled;
      after = LINES_AFTER;
    }
    scanned = Math.max(scanned, stop);
    if (after > 0) keepForward(bytes, stop, after);
    if (!last) return;
    if (stop > settled) gap = true;
    settled = stop;
    for (let line = -1; settled < used; ) {
      if (line < settled) line = endOf(bytes, settled, used);
      // A progress bar is many lines in one, of which the last would be cut off.
      const end = line - settled > LINE_BYTES ? endOf(bytes, settled, line, RETURN) : line;
      put(bytes, settled, end, scanner.find(bytes, Math.max(0, settled - 1), Math.min(end + 1, used)) >= 0, true);
      settled = end + 1;
    }
  };

  const slide = (by: number): void => {
    scanned = Math.max(0, scanned - by);
    // What lies before the carried bytes can no longer be kept.
    if (settled < by) {
      settled = 0;
      after = 0;
    } else settled -= by;
  };
  return {
    read,
    slide,
    lines: (): readonly Line[] =>
      kept
        .concat(latest)
        .sort((a, b) => a.order - b.order)
        .flatMap(linesOf),
  };
}

/** The text of a line; several when carriage returns part it. */
function linesOf({ bytes, telling }: Kept): readonly Line[] {
  const text = decoder.decode(bytes);
  const parts = text.includes("\r") ? text.split("\r").filter((part) => part !== "") : [text];
  return parts.map((part) => ({ text: part, telling }));
}
const decoder = new TextDecoder();
const NOTHING = new Uint8Array(0);

/** True for a line whose keyword is part of a name, since it says that something passed. */
function tellsNothing(bytes: Buffer, start: number, end: number): boolean {
  const text = bytes.toString("latin1", start, Math.min(end, start + PASSING_BYTES));
  return passes(text) || (PREFIXED.test(text) && passes(plain(text)));
}

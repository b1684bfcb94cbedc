/**
 * Output that a runner passes on: of tests side by side, or wrapped in JSON.
 *
 * @module
 */
import type { Line } from "../excerpt.ts";

const NUMBERED = /^(?:\d{4}-\d\d-\d\dT\S{1,24} )?(\d{1,5}): /;
const TEST_JSON = /^\{"(?:Time|Action|ImportPath)":.*"Output":"((?:[^"\\]|\\.)*)"\}$/;

/**
 * CTest -V prints what tests that run side by side say as it comes, each line with its test's number: within a run of such
 * lines, each test's are put together.
 */
export function untangled(lines: readonly Line[]): readonly Line[] {
  const all: Line[] = [];
  let run: { readonly line: Line; readonly number: number }[] = [];
  const flush = (): void => {
    for (const { line } of run.sort((a, b) => a.number - b.number)) all.push(line);
    run = [];
  };
  for (const line of lines) {
    const number = NUMBERED.exec(line.text)?.[1];
    if (number !== undefined) run.push({ line, number: Number(number) });
    else {
      // What was left out between two lines of a run does not end it.
      if (line.text !== "") flush();
      if (run.length === 0) all.push(line);
    }
  }
  flush();
  return all;
}

/** What a line of `go test -json` passes on; any other line as it is. */
export function spoken(line: string): string {
  const json = line.startsWith("{") ? TEST_JSON.exec(line) : null;
  return json === null ? line : unquoted(json[1] ?? "");
}

/** The text of a JSON string, or as it stands when it is none. */
function unquoted(inner: string): string {
  return inner.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code: string | undefined, other: string | undefined) =>
    code !== undefined ? String.fromCharCode(Number.parseInt(code, 16)) : other === "t" ? "\t" : other === "n" ? "" : (other ?? ""),
  );
}

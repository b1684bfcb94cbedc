/**
 * Every tool's way to tell one cause is recognised as the same, and two causes of a family are kept apart.
 *
 * @module
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Failure, readFailure } from "../lib/signature.ts";
import { similarity } from "../lib/similarity.ts";
import { bytesOf } from "./bytes.ts";

// A busy machine is slow, not wrong.
setDefaultTimeout(60_000);

type Telling = { readonly cause: string; readonly tool: string; readonly failure: Failure };

const told = await read(await Bun.file(new URL("fixtures/tools/causes.txt", import.meta.url)).text());

async function read(text: string): Promise<readonly Telling[]> {
  const tellings: Telling[] = [];
  for (const section of text.split(/^== /m).slice(1)) {
    const [head = "", ...rest] = section.split("\n");
    for (const telling of rest.join("\n").split(/^-- /m).slice(1)) {
      const newline = telling.indexOf("\n");
      const tool = telling.slice(0, newline);
      tellings.push({ cause: head.trim(), tool, failure: await readFailure(bytesOf(telling.slice(newline + 1))) });
    }
  }
  return tellings;
}

const familyOf = (cause: string): string => cause.split(".")[0] ?? cause;

describe("similarity() calls one cause the same, whichever tool tells it:", () => {
  for (const cause of new Set(told.map((telling) => telling.cause))) {
    test(cause, () => {
      const tellings = told.filter((telling) => telling.cause === cause);
      const apart = tellings.flatMap((a, index) =>
        tellings.slice(index + 1).flatMap((b) => (similarity(a.failure, b.failure) >= 0.7 ? [] : [`${a.tool} and ${b.tool}`])),
      );
      expect(apart).toEqual([]);
      expect(tellings.filter((telling) => telling.failure.unrecognized).map((telling) => telling.tool)).toEqual([]);
    });
  }
});

describe("similarity() keeps causes apart that look alike:", () => {
  for (const family of new Set(told.map((telling) => familyOf(telling.cause)))) {
    test(family, () => {
      const tellings = told.filter((telling) => familyOf(telling.cause) === family);
      const merged = tellings.flatMap((a, index) =>
        tellings
          .slice(index + 1)
          .flatMap((b) =>
            a.cause === b.cause || similarity(a.failure, b.failure) < 0.7 ? [] : [`${a.cause} by ${a.tool}, ${b.cause} by ${b.tool}`],
          ),
      );
      expect(merged).toEqual([]);
    });
  }
});

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { backoff, pollDelay } from "../lib/backoff.ts";

const random = fc.double({ min: 0, max: 1, noNaN: true });

describe("backoff()", () => {
  test("backoff() doubles its bound from 250 ms to 10 s when nothing is said", () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7, 1e9].map((attempt) => backoff(attempt, 1))).toEqual([
      250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000,
    ]);
  });

  test("backoff() takes any delay below its bound: full jitter", () => {
    expect([0, 0.25, 0.5, 1].map((jitter) => backoff(2, jitter))).toEqual([0, 250, 500, 1000]);
  });

  test("backoff() stays in its bounds for every try", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        random,
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 60_000 }),
        (attempt, jitter, baseMs, capMs) => {
          const ms = backoff(attempt, jitter, { baseMs, capMs });
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30)));
        },
      ),
    );
  });
});

describe("pollDelay()", () => {
  test("pollDelay() slows down with the number that waits", () => {
    expect([1, 7, 20, 40, 256].map((waiting) => pollDelay(waiting, 0.5, 10_000))).toEqual([10_000, 10_000, 10_000, 20_000, 128_000]);
  });

  test("pollDelay() lets all together read at most about twice a second", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), random, fc.integer({ min: 500, max: 60_000 }), (waiting, jitter, baseMs) => {
        const ms = pollDelay(waiting, jitter, baseMs);
        expect((waiting * 1000) / ms).toBeLessThanOrEqual(2 / 0.9 + 1e-9);
        expect(ms).toBeGreaterThanOrEqual(baseMs * 0.9 - 1e-9);
        expect(ms).toBeLessThanOrEqual(Math.max(baseMs, waiting * 500) * 1.1 + 1e-9);
      }),
    );
  });
});

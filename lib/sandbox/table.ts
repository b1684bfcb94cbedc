/**
 * What every flavor is doing now: a live table on a terminal, a line a change elsewhere, nothing when there are many rounds.
 *
 * @module
 */
import { createLogUpdate } from "log-update";

export type Table = { step(flavor: string, state: string): void; close(): void };

export function openTable(title: string, flavors: readonly string[], { quiet = false } = {}): Table {
  const states = new Map(flavors.map((flavor) => [flavor, "waits for its turn"]));
  const started = performance.now();
  const width = Math.max(...flavors.map((flavor) => flavor.length));
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)}s`.padStart(7);
  const live = process.stderr.isTTY === true && !process.env.CI ? createLogUpdate(process.stderr) : undefined;
  const draw = () => {
    const lines = [...states].slice(0, 40).map(([flavor, state]) => `  ${flavor.padEnd(width)}  ${state}`);
    live?.([`${title}  ${seconds()}`, ...lines, ...(states.size > 40 ? [`  … and ${states.size - 40} more`] : [])].join("\n"));
  };
  const timer = live && setInterval(draw, 100);
  return {
    step(flavor, state) {
      states.set(flavor, state);
      if (live === undefined && !quiet) process.stderr.write(`${seconds()}  ${flavor.padEnd(width)}  ${state}\n`);
    },
    close() {
      clearInterval(timer);
      draw();
      if (quiet) live?.clear();
      else live?.done();
    },
  };
}

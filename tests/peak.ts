/**
 * Preloaded into a process under test: at its end it writes its largest resident size, in bytes, to the file in `PEAK_FILE`.
 *
 * `getrusage` would not do: what it tells of a child begins with the size of the process that spawned it.
 *
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

process.on("exit", () => {
  const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  writeFileSync(process.env.PEAK_FILE ?? "", String(kilobytes === undefined ? process.memoryUsage.rss() : Number(kilobytes) * 1024));
});

import { deepEqual, equal } from "node:assert/strict";

const system = process.env.RUNNER_OS ?? "Linux";

/** One check a module; its name is that of the module. */
export const checks: Record<string, () => Promise<void>> = {
  async vector() {
    const { vector } = await import("../src/vector.ts");
    deepEqual(vector(1), [0, 0, 0, 0]);
  },
  async cpus() {
    const { pageSize } = await import("../src/cpus.ts");
    equal(pageSize(system), 4096);
  },
  async token() {
    const { kindOf } = await import("../src/token.ts");
    equal(kindOf("42"), 2);
    equal(kindOf("x"), 1);
  },
  async ring() {
    const { capacity, slot } = await import("../src/ring.ts");
    const size = capacity(system);
    deepEqual([0, 1, size, size + 1].map((n) => slot(n, size)), [0, 1, 0, 1]);
  },
  async config() {
    const { get } = await import("../src/config.ts");
    equal(get("a=1\nb=2", "b"), 2);
  },
};

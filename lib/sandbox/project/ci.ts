/**
 * Builds and tests on one flavor. Fails for real, when a check fails; then prints what that flavor's own toolchain said about such a
 * failure, from the folder in TOOLCHAIN_LOGS, so that fixonce reads the words of real compilers.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checks } from "./tests/checks.ts";

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    const log = join(process.env.TOOLCHAIN_LOGS ?? "", `${name}.log`);
    console.log(existsSync(log) ? readFileSync(log, "utf8") : `not ok ${name}: ${error}`);
  }
}
process.exit(failed === 0 ? 0 : 1);

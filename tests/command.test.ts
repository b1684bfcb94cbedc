import { expect, test } from "bun:test";
import { join } from "node:path";

const module = join(import.meta.dir, "../lib/io/command.ts");
const script = `import { main } from ${JSON.stringify(module)};
await main(async () => {
  for (let n = 0; n < 20000; n++) process.stderr.write("line " + n + " ".repeat(50) + "\\n");
  process.stdout.write("{}\\n");
  throw new Error("the last word");
});`;

test("main() loses no line to a reader that is slow, and does not wait for one that has gone", async () => {
  const slow = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "pipe" });
  await Bun.sleep(300);
  const [out, text] = await Promise.all([slow.stdout.text(), slow.stderr.text()]);
  expect([out, text.trim().split("\n").length, text.trim().split("\n").at(-1), await slow.exited]).toEqual([
    "{}\n",
    20_001,
    "fixonce: the last word",
    3,
  ]);
  const gone = Bun.spawnSync(["bash", "-c", '"$0" -e "$1" 2>&1 | head -1', process.execPath, script], { stdout: "pipe" });
  expect([gone.stdout.toString().trimEnd(), gone.exitCode]).toEqual(["line 0", 0]);
});

test.each([
  ["main()", 'import { main } from "MODULES/command.ts"; await main(async () => { throw new Error(TEXT); });'],
  ["annotate()", 'import { annotate } from "MODULES/actions.ts"; annotate("error", TEXT, process.env);'],
])("%s writes one command to the runner, whatever it is about", (_name, script) => {
  const text = JSON.stringify("at 100%0A\r::stop-commands::x\n::add-mask::y");
  const code = script.replace("MODULES", join(module, "..")).replace("TEXT", text);
  const { stderr } = Bun.spawnSync([process.execPath, "-e", code], { env: { ...process.env, GITHUB_ACTIONS: "true" }, stderr: "pipe" });
  expect(stderr.toString()).toBe("::error::at 100%250A ::stop-commands::x ::add-mask::y\n");
});

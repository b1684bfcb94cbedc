/**
 * What a CI job prints while all is well: the megabytes around a failure.
 *
 * Forms of real tools (compilers, build systems, test runners, package managers, git, docker), filled with names that
 * follow from a seed. One in sixteen holds a word like "error" or "fail", as passing output does: flags (`-Werror`), names
 * of files and tests, warnings. No two names repeat soon, so nothing is gained by having seen a line before.
 *
 * @module
 */

const WORDS =
  "arena batch block buffer cache channel chunk clock codec config cursor decode digest driver encode engine event fiber filter frame graph group handle header index input inline iterator journal kernel layout lexer list loader lock macro map matrix merge message metric module mutex node number object offset option output packet page parser path pipe plugin point pool port prefix process proxy query queue range reader record region registry render report request reset ring route scale scheduler schema scope segment session shape signal slice socket sort source stack state stream string table task text thread time token trace track tree type unit value vector view walker watch window worker writer zone".split(
    " ",
  );
/** What passing tests and sound files are named after. */
const BAD = ["error", "failure", "invalid", "exception", "timeout", "not_found", "panic", "fails", "errors", "abort"];

type Pick = { readonly word: () => string; readonly name: () => string; readonly number: (below: number) => number };

/** A tool's line and how many of a hundred lines are its. */
const FORMS: readonly { readonly share: number; readonly write: (pick: Pick) => string }[] = [
  {
    share: 14,
    write: ({ word, name, number }) =>
      `/usr/bin/c++ -DNDEBUG -D${word().toUpperCase()}_ENABLED=1 -I/home/runner/work/acme/acme/include -I/home/runner/work/acme/acme/build/${word()} -isystem /usr/include/${word()} -O2 -g -std=c++20 -fPIC -Wall -Wextra${number(4) === 0 ? " -Werror" : ""} -MD -MT src/CMakeFiles/${word()}.dir/${name()}.cpp.o -MF src/CMakeFiles/${word()}.dir/${name()}.cpp.o.d -o src/CMakeFiles/${word()}.dir/${name()}.cpp.o -c /home/runner/work/acme/acme/src/${word()}/${name()}.cpp`,
  },
  {
    share: 12,
    write: ({ word, name, number }) => `[ ${number(90) + 10}%] Building CXX object src/CMakeFiles/${word()}.dir/${name()}.cpp.o`,
  },
  { share: 6, write: ({ word, name, number }) => `[${number(3000)}/3127] Compiling C object lib/${word()}.a.p/${name()}.c.o` },
  { share: 4, write: ({ name, number }) => `   Compiling ${name()} v${number(9)}.${number(30)}.${number(9)}` },
  {
    share: 10,
    write: ({ word, name, number }) => `tests/${word()}/test_${word()}.py::test_${name()} PASSED${" ".repeat(20)}[ ${number(90) + 10}%]`,
  },
  { share: 7, write: ({ word, name }) => `[ RUN      ] ${title(word())}Test.${title(name())}` },
  { share: 7, write: ({ word, name, number }) => `[       OK ] ${title(word())}Test.${title(name())} (${number(40)} ms)` },
  { share: 6, write: ({ word, name }) => `test ${word()}::tests::${name()} ... ok` },
  { share: 4, write: ({ name, number }) => `--- PASS: Test${title(name())} (0.${number(90) + 10}s)` },
  { share: 4, write: ({ word, name, number }) => `    \u2713 ${word()} ${name().replaceAll("_", " ")} (${number(80)} ms)` },
  { share: 4, write: ({ name, number }) => `ok ${number(9000)} - ${name().replaceAll("_", " ")}` },
  {
    share: 3,
    write: ({ name, number }) => `${number(900)}/912 Test #${number(900)}: ${name()} ${".".repeat(30)}   Passed    0.${number(90)} sec`,
  },
  {
    share: 2,
    write: ({ word, name, number }) =>
      `/home/runner/work/acme/acme/src/${word()}/${name()}.h:${number(900)}:${number(80)}: warning: unused parameter '${name()}' [-Wunused-parameter]`,
  },
  { share: 2, write: ({ word, name, number }) => `  ${number(900)} |   ${word()}->${name()}(${word()}, ${word()});` },
  {
    share: 3,
    write: ({ name, number }) => `Collecting ${name()}==${number(9)}.${number(30)} (from -r requirements.txt (line ${number(90)}))`,
  },
  {
    share: 3,
    write: ({ name, number }) =>
      `Get:${number(300)} http://archive.example.org/ubuntu noble/main amd64 lib${name()} amd64 ${number(9)}.${number(90)}-1ubuntu1 [${number(900)} kB]`,
  },
  {
    share: 3,
    write: ({ name, number }) => `npm http fetch GET 200 https://registry.example.org/@acme%2f${name()} ${number(400)}ms (cache miss)`,
  },
  { share: 3, write: ({ word, name }) => `[INFO] Running com.acme.${word()}.${title(name())}Test` },
  { share: 2, write: ({ name, number }) => ` * [new branch]      ${name()}-${number(9000)} -> origin/${name()}-${number(9000)}` },
  {
    share: 1,
    write: ({ number }) =>
      `#${number(40)} ${number(90)}.${number(900)} Unpacking objects: ${number(90) + 10}% (${number(9000)}/9127), ${number(90)}.${number(90)} MiB | ${number(9)}.12 MiB/s`,
  },
];

/** Passing output of about `bytes` bytes; the same for the same seed. */
export function passingOutput(bytes: number, seed: number): string {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0;
  const number = (below: number): number => {
    // Numerical Recipes' linear congruential generator; its high bits.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
  const word = (): string => WORDS[number(WORDS.length)] ?? "";
  const name = (): string => `${word()}_${number(20) === 0 ? (BAD[number(BAD.length)] ?? "") : word()}_${word()}`;
  const wheel = FORMS.flatMap((form) => Array.from({ length: form.share }, () => form));
  const lines: string[] = [];
  for (let length = 0; length < bytes; ) {
    const line = wheel[number(wheel.length)]?.write({ word, name, number }) ?? "";
    lines.push(line);
    length += line.length + 1;
  }
  return `${lines.join("\n")}\n`;
}

/** `ring_reset` as a class would be named: `RingReset`. */
function title(name: string): string {
  return name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

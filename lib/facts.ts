/**
 * From the kept lines of a log to the failures they report, each with facts that every tool would state alike.
 *
 * Lines are read once, in order. A test runner's line opens a failure; what follows (exception, stack, expected, actual)
 * belongs to it until the next begins. A compiler's line is a failure by itself. Of a stack only the innermost frame in
 * the project counts: it is the same on every machine, and it is where one edit would help.
 *
 * @module
 */
import { baseOf, type Draft, draftOf, groupOf, placeOf, symbolOf } from "./draft.ts";
import { plain, straight } from "./plain.ts";
import { CRASHES, EXCEPTION, FRAMES, THROWN } from "./rules/crashes.ts";
import { DIAGNOSTICS } from "./rules/diagnostics.ts";
import { MACHINE } from "./rules/machine.ts";
import { MESSAGES } from "./rules/messages.ts";
import { FOREIGN, FOREIGN_CLASS, IGNORED, WRAPPERS } from "./rules/noise.ts";
import { TESTS } from "./rules/tests.ts";

/** No more failures are read from one log: the first, which hold the root. */
const MAX_DRAFTS = 400;
/** A test's report is over after so many lines. */
const REPORT_LINES = 120;
/** Kinds that name a symbol of the linker. */
const LINKED = new Set(["undefined-symbol", "duplicate-symbol"]);
const LOOKS_WRONG =
  /error|fail|fatal|undefined|multiple definition|duplicate symbol|cannot|unable|not found|no such|missing|panic|unresolved|referenced from|not declared|not resolve/i;

/** Reads failures from the lines of an excerpt, in the order in which they were reported. */
export function readFacts(lines: readonly string[]): readonly Draft[] {
  const drafts: Draft[] = [];
  let open: Draft | undefined;
  let openedAt = 0;
  let running: string | undefined;
  let suite: string | undefined;
  /** ESLint's stylish and shellcheck's reports name the file in a line of its own. */
  let heading: { file: string; line: string | undefined } | undefined;
  /** Of the last stack: the innermost project frame so far. */
  let frame: string | undefined;
  /** A crash whose stack is still to come. */
  let awaiting: Draft | undefined;
  let index = 0;
  /** The last place a Go test wrote to its log. */
  let noted: { at: string; message: string; index: number } | undefined;

  const add = (draft: Draft): Draft => {
    if (drafts.length < MAX_DRAFTS) drafts.push(draft);
    return draft;
  };
  const begin = (test: string | undefined, line: string): Draft => {
    const known = test === undefined ? undefined : drafts.find((draft) => draft.test === test);
    open = known ?? add(draftOf("test", line));
    if (known !== undefined) known.lines.push(line);
    open.test ??= test;
    open.suite ??= suite;
    openedAt = index;
    frame = undefined;
    awaiting = undefined;
    return open;
  };

  for (const raw of lines) {
    index++;
    const text = straight(plain(raw));
    if (text.trim() === "") {
      heading = undefined;
      continue;
    }
    if (open !== undefined && index - openedAt > REPORT_LINES) open = undefined;
    if (readTest(text)) continue;
    if (IGNORED.some((rule) => rule.pattern.test(text))) continue;
    const wrapper = WRAPPERS.some((rule) => rule.pattern.test(text));
    if (readCrash(text)) continue;
    if (wrapper) {
      open = /^=+ |^-+$/.test(text) ? open : undefined;
      continue;
    }
    if (readFrame(text)) continue;
    if (readMachine(text)) continue;
    if (readDiagnostic(text)) continue;
    if (readException(text)) continue;
    readMessage(text);
  }
  for (const draft of drafts) if (draft.test === undefined && draft.ids.some((id) => id.startsWith("crash:"))) draft.test = running;
  return drafts;

  function readTest(text: string): boolean {
    for (const rule of TESTS) {
      const match = rule.pattern.exec(text);
      if (match === null) continue;
      const test = groupOf(match, "test");
      const named = test === undefined ? undefined : testOf(test, suite);
      const file = groupOf(match, "file");
      const at = file === undefined ? undefined : placeOf(file, groupOf(match, "line"));
      const message = groupOf(match, "message");
      switch (rule.role) {
        case "running":
          running = named;
          return true;
        case "done":
          running = undefined;
          return true;
        case "suite":
          if (at !== undefined && open !== undefined) {
            if (open.at === undefined) open.at = at;
          } else if (named !== undefined) running = named;
          else {
            suite = groupOf(match, "suite") ?? suite;
            if (suite !== undefined && /\.[cm]?[jt]sx?$|\.go$|\//.test(suite)) {
              if (!drafts.some((draft) => draft.suite === suite)) {
                const draft = add(draftOf("tool", text));
                draft.suite = suite;
              }
            }
          }
          return true;
        case "open": {
          const draft = begin(named, text);
          if (at !== undefined) draft.at = at;
          draft.quotes = rule.quotes ?? false;
          if (named === undefined && running !== undefined && at !== undefined) draft.test = running;
          draft.suite = groupOf(match, "suite") ?? draft.suite;
          if (message !== undefined && message.trim() !== "") say(draft, message);
          if (noted !== undefined && index - noted.index <= 3 && draft.at === undefined) {
            draft.at = noted.at;
            draft.message = noted.message;
          }
          return true;
        }
        case "name": {
          const unnamed = drafts.filter((draft) => draft.rank === "test" && draft.test === undefined && draft.at !== undefined);
          if (named !== undefined && unnamed.length > 0) for (const draft of unnamed) draft.test = named;
          let draft = drafts.find((known) => named !== undefined && sameTest(known.test, named));
          if (draft === undefined) {
            const whole = groupOf(match, "suite");
            draft = drafts.find((known) => named === undefined && known.suite === whole);
            if (draft === undefined) {
              draft = add(draftOf(named === undefined ? "tool" : "test", text));
              draft.test = named;
              draft.suite = whole;
              if (named !== undefined || /^(?:SEGF|Exception)/i.test(message ?? "")) openedAt = index;
            }
          }
          if (message !== undefined && draft.message === undefined) {
            say(draft, message);
            if (/segf/i.test(message)) push(draft.ids, "crash:segv");
          }
          if (named !== undefined && named === running) running = undefined;
          open = undefined;
          return true;
        }
        default:
          rule.role satisfies never;
      }
    }
    const note = /^\s{2,24}(?<file>[\w.-]{1,120}_test\.go):(?<line>\d{1,7}): (?<message>.*)/.exec(text);
    if (note !== null) {
      const at = `${note.groups?.["file"]}:${note.groups?.["line"]}`;
      noted = { at, message: note.groups?.["message"] ?? "", index };
      if (open?.rank === "test" && open.at === undefined) {
        open.at = at;
        say(open, noted.message);
      }
      return true;
    }
    return false;
  }

  function say(draft: Draft, message: string): void {
    if (draft.lines.length < 12) draft.lines.push(message);
    draft.message ??= message.trim().replace(/^E\s+/, "").slice(0, 300);
    identify(draft, message);
  }

  /** Adds what a message names. */
  function identify(draft: Draft, message: string): string | undefined {
    for (const rule of MACHINE) {
      const match = rule.pattern.exec(message);
      if (match === null) continue;
      const value = groupOf(match, "value");
      push(draft.ids, value === undefined ? rule.kind : `${rule.kind}:${baseOf(value)}`);
      if (rule.infrastructure) draft.infrastructure = true;
      return rule.kind;
    }
    for (const rule of MESSAGES) {
      const match = rule.pattern.exec(message);
      if (match === null) continue;
      const value = groupOf(match, "value");
      if (value === undefined) push(draft.ids, rule.kind);
      else push(draft.ids, `${rule.kind}:${nameOf(rule.kind, value, groupOf(match, "scope"))}`);
      return rule.kind;
    }
    return undefined;
  }

  function readCrash(text: string): boolean {
    for (const rule of CRASHES) {
      const match = rule.pattern.exec(text);
      if (match === null) continue;
      const inTest = open !== undefined && open.rank === "test" && index - openedAt < 40 && open.message === undefined;
      const draft = inTest && open !== undefined ? open : add(draftOf("crash", text));
      if (!inTest) draft.test = running;
      const value = groupOf(match, "value");
      push(draft.ids, value === undefined ? rule.kind : `${rule.kind}:${value.replace(/^std::/, "").slice(0, 160)}`);
      const file = groupOf(match, "file");
      draft.at ??= file === undefined ? undefined : placeOf(file, groupOf(match, "line"));
      draft.message ??= groupOf(match, "message") ?? text.trim().slice(0, 300);
      draft.lines.push(text);
      awaiting = draft.at === undefined ? draft : undefined;
      frame = undefined;
      return true;
    }
    return false;
  }

  function readFrame(text: string): boolean {
    for (const rule of FRAMES) {
      const match = rule.pattern.exec(text);
      if (match === null) continue;
      const file = groupOf(match, "file") ?? "";
      const scope = groupOf(match, "scope");
      if (FOREIGN.test(file) || (scope !== undefined && FOREIGN_CLASS.test(scope))) return true;
      const at = placeOf(file, groupOf(match, "line"));
      if (at === undefined) return true;
      const draft = awaiting ?? open;
      if (rule.innermost === "last") {
        frame = at;
        if (open !== undefined && open.message === undefined) open.at = at;
        else if (open !== undefined && groupOf(match, "thrown") !== undefined) open.at = at;
      } else if (draft !== undefined && (draft.at === undefined || draft === awaiting)) {
        draft.at = at;
        const called = groupOf(match, "called");
        if (called !== undefined) push(draft.ids, `frame:${symbolOf(called)}`);
        awaiting = undefined;
      }
      return true;
    }
    return false;
  }

  function readMachine(text: string): boolean {
    for (const rule of MACHINE) {
      const match = rule.pattern.exec(text);
      if (match === null) continue;
      const value = groupOf(match, "value");
      const id = value === undefined || value === "" ? rule.kind : `${rule.kind}:${baseOf(value)}`;
      if (open !== undefined && open.rank === "test" && index - openedAt < 80) {
        push(open.ids, id);
        open.message ??= text.trim().replace(/^E\s+/, "");
        if (rule.infrastructure) open.infrastructure = true;
        if (frame !== undefined) open.at = frame;
        return true;
      }
      const draft = add(draftOf("machine", text));
      draft.ids.push(id);
      draft.infrastructure = rule.infrastructure;
      draft.message = text.trim();
      return true;
    }
    return false;
  }

  function readDiagnostic(text: string): boolean {
    for (const rule of DIAGNOSTICS) {
      const match = rule.pattern.exec(text);
      if (match === null) continue;
      const file = (groupOf(match, "file") ?? "").trim();
      const severity = groupOf(match, "severity")?.toLowerCase() ?? "";
      const code = groupOf(match, "code");
      const message = groupOf(match, "message") ?? "";
      if (rule.bare !== undefined && !rule.bare.test(file)) continue;
      if (/warning|note|info|style|remark|hint|required/.test(severity) && !/-Werror|treated as (?:an )?error/.test(message)) return true;
      if (/^(?:required from|In (?:member )?function|in expansion of|note:|recursive)/.test(message)) return true;
      const strong = severity.includes("error") || severity === "vet" || code !== undefined;
      const go = file.endsWith(".go");
      const draft = add(draftOf(strong || go ? "code" : "bare", text));
      if (/undefined reference|multiple definition/.test(message)) draft.rank = "code";
      draft.at = placeOf(file, groupOf(match, "line")) ?? `${baseOf(file)}:${groupOf(match, "line")}`;
      say(draft, message === "" ? text : message);
      if (code !== undefined) push(draft.codes, code);
      const flag =
        /\[-W(?:error=|error,-W)?([\w+=-]{2,60})/.exec(message)?.[1] ??
        / {1,2}\[([a-z][a-z-]{2,40})\]$/.exec(message)?.[1] ??
        /\(((?:no-|report|[a-z]+-)[\w-]{2,60})\)$/.exec(message)?.[1];
      if (flag !== undefined) push(draft.codes, flag);
      awaiting = message === "" ? draft : undefined;
      return true;
    }
    // rustc: the place stands in the line after the message.
    const rust = /^(?:error|warning: unused.{0,80})(?:\[(?<code>E\d{4})\])?: (?<message>.+)/.exec(text);
    if (rust !== null && text.startsWith("error")) {
      const draft = add(draftOf("tool", text));
      const code = rust.groups?.["code"];
      if (code !== undefined) {
        push(draft.codes, code);
        draft.rank = "code";
      }
      say(draft, rust.groups?.["message"] ?? text);
      if (draft.ids.length > 0) draft.rank = "code";
      awaiting = draft;
      return true;
    }
    const arrow = /^\s{0,12}--> (?<file>[^:]{1,300}):(?<line>\d{1,7}):\d{1,7}/.exec(text);
    if (arrow !== null) {
      if (awaiting !== undefined && awaiting.at === undefined) {
        awaiting.at = placeOf(arrow.groups?.["file"] ?? "", arrow.groups?.["line"]);
        awaiting.rank = "code";
        awaiting = undefined;
      }
      return true;
    }
    const shell = /^In (?<file>\S{1,300}) line (?<line>\d{1,7}):$/.exec(text);
    if (shell !== null) {
      heading = { file: shell.groups?.["file"] ?? "", line: shell.groups?.["line"] };
      return true;
    }
    if (/^(?:\/|[A-Za-z]:\\|\.{0,2}\/)?[\w@.+\\/ -]{1,300}\.(?:[cm]?[jt]sx?|vue|svelte|css|scss|py)$/.test(text)) {
      heading = { file: text, line: undefined };
      return true;
    }
    if (heading !== undefined) {
      const stylish =
        /^\s{1,8}(?<line>\d{1,7}):\d{1,7}\s{1,8}(?<severity>error|warning)\s{1,8}(?<message>.{1,400}?)(?:\s{2,}(?<code>[\w@/-]{2,80}))?$/.exec(
          text,
        );
      const check = /\^-{0,80}\^?\s(?<code>SC\d{4})(?: \((?:error|warning|info|style)\))?: (?<message>.*)/.exec(text);
      const found = stylish ?? check;
      if (found !== null) {
        if (stylish?.groups?.["severity"] === "warning") return true;
        const draft = add(draftOf("code", text));
        draft.at = placeOf(heading.file, found.groups?.["line"] ?? heading.line);
        const code = found.groups?.["code"];
        if (code !== undefined) push(draft.codes, code);
        say(draft, found.groups?.["message"] ?? text);
        return true;
      }
    }
    return false;
  }

  function readException(text: string): boolean {
    const match = EXCEPTION.exec(text);
    if (match === null) {
      const thrown = THROWN.exec(text);
      if (thrown !== null && open === undefined) {
        open = add(draftOf("crash", text));
        openedAt = index;
        frame = undefined;
        return true;
      }
      return false;
    }
    const type = groupOf(match, "type") ?? "Error";
    const message = groupOf(match, "message") ?? "";
    const draft: Draft = open ?? add(draftOf("crash", text));
    if (open === undefined) {
      open = draft;
      openedAt = index;
      draft.at = frame;
      frame = undefined;
    }
    const first = draft.message === undefined || draft.message === "";
    if (first && frame !== undefined) draft.at = frame;
    if (first) {
      say(draft, text.trim());
      push(draft.ids, `exception:${type.replace(/^.*\./, "")}`);
    } else identify(draft, message);
    return true;
  }

  function readMessage(text: string): void {
    if (open?.rank === "test" && !open.quotes) {
      const trimmed = text.trim();
      if (open.message === undefined && !/^(?:self = |def |[-=_ ]+$|\.{3}$|duration_ms|location:|failureType|---$|>)/.test(trimmed))
        say(open, trimmed.replace(/^E\s{1,8}/, "").replace(/^=> /, ""));
      else if (open.message !== undefined && open.lines.length < 8) {
        // "Expected equality of these values:" says it in the lines that follow.
        if (/[:=]$/.test(open.message) || (open.lines.length < 4 && /^(?:Actual|Expected|Which is|Received|left|right)\b/.test(trimmed)))
          open.message = `${open.message} ${trimmed}`.slice(0, 300);
        open.lines.push(trimmed);
      }
      return;
    }
    if (open?.quotes === true) return;
    if (!LOOKS_WRONG.test(text)) {
      if (awaiting !== undefined && awaiting.rank === "code" && awaiting.message !== undefined && awaiting.lines.length < 4)
        say2(awaiting, text);
      return;
    }
    const draft = draftOf("generic", text);
    const kind = identify(draft, text);
    if (kind !== undefined && (LINKED.has(kind) || /error|fatal|ld: /i.test(text))) {
      draft.rank = "code";
      const place = /(?<file>[^\s:'()]{1,300}):(?<line>\d{1,7}):(?: undefined| multiple|\(| )/.exec(text);
      if (place !== null && LINKED.has(kind)) draft.at = placeOf(place.groups?.["file"] ?? "", place.groups?.["line"]);
    } else if (kind !== undefined) draft.rank = "tool";
    draft.message = text.trim();
    add(draft);
  }

  /** A second line of a message whose first had none. */
  function say2(draft: Draft, text: string): void {
    if (draft.message === "" || draft.lines.length < 3) {
      draft.lines.push(text);
      identify(draft, text.trim());
    }
  }
}

/** The name that a message is about, as all tools would write it. */
function nameOf(kind: string, value: string, scope: string | undefined): string {
  if (LINKED.has(kind)) return symbolOf(value);
  const name = scope === undefined ? value : `${scope}.${value}`;
  if (kind === "missing-include") return baseOf(name);
  if (kind === "missing-module") return name.replace(/^node:/, "");
  if (kind === "missing-library") return name.replace(/\.(?:lib|a|so|dylib|dll)$/, "");
  const bare = name.replace(/[(<].*$/, "").trim();
  const parts = bare.split(/::|[.#]/).filter((part) => part !== "");
  return parts[parts.length - 1] ?? name;
}

/** A test's name as every runner would give it: class and case. */
function testOf(raw: string, suite: string | undefined): string {
  let name = raw
    .trim()
    .replace(/\s{1,4}\[ {0,4}\d{1,3}%\]$/, "")
    .replace(/ FAILED$/, "");
  const unit = /^(\w{1,200}) \(([\w.<>]{1,300})\)/.exec(name);
  if (unit !== null) {
    const scope = (unit[2] ?? "").replace(new RegExp(`\\.${unit[1]}$`), "");
    return `${scope.split(".").slice(-1)[0]}.${unit[1]}`;
  }
  const junit = /^([\w$]{1,160}(?:\[.{0,80}\])?)\(([\w.$]{1,300})\)$/.exec(name);
  if (junit !== null) return `${(junit[2] ?? "").split(".").slice(-1)[0]}.${junit[1]}`;
  name = name.replace(/\(\)$/, "");
  if (name.includes(".py::")) return name.replace(/^.{1,300}\.py::/, "").replaceAll("::", ".");
  if (/^[\w/.-]{1,300}\.(?:py|[cm]?[jt]sx?)$/.test(name)) return baseOf(name);
  if (name.startsWith("/") || /^[A-Za-z]:\\/.test(name)) return baseOf(name);
  const gradle = /^([\w.$]{1,200}) > (.{1,300})$/.exec(name);
  if (gradle !== null && /^[\w.$]{1,200}$/.test(gradle[1] ?? "") && (gradle[1] ?? "").includes("."))
    return `${(gradle[1] ?? "").split(".").slice(-1)[0]}.${(gradle[2] ?? "").replace(/\(\)$/, "")}`;
  const launcher = /^(\w{1,160}):(\w{1,160})$/.exec(name);
  if (launcher !== null) return `${launcher[1]}.${launcher[2]}`;
  if (/^(?:[a-z][\w]{0,60}\.){1,12}[A-Z]\w{0,160}\.\w{1,160}$/.test(name)) return name.split(".").slice(-2).join(".");
  if (suite !== undefined && /^\w{1,160}$/.test(name) && /^[\w.$]{1,300}$/.test(suite) && /^[a-z]\w*\..*[A-Z]/.test(suite))
    return `${suite.split(".").slice(-1)[0]}.${name}`;
  return name;
}

function sameTest(a: string | undefined, b: string): boolean {
  return a !== undefined && (a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`));
}

function push(list: string[], item: string): void {
  if (!list.includes(item) && list.length < 12) list.push(item);
}

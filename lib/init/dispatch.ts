/**
 * Adds `workflow_dispatch` to a workflow file of somebody else: one line or word, every other byte stays.
 *
 * @module
 */
import { isMap, isScalar, isSeq, type Node, type Pair, parseDocument } from "yaml";
import { seeWorkflow } from "../workflows.ts";

/** The text with the trigger, or in a few words why it cannot be added. */
export function addDispatch(path: string, text: string): string | { readonly problem: string } {
  const document = parseDocument(text);
  const root = document.contents;
  const pair = isMap(root) ? root.items.find(({ key }) => isScalar(key) && key.value === "on") : undefined;
  const changed = pair === undefined ? undefined : withTrigger(text, pair as Pair<Node, Node | null>);
  const [before, after] = [seeWorkflow(path, text), changed === undefined ? undefined : seeWorkflow(path, changed)];
  const kept =
    before !== undefined &&
    after !== undefined &&
    "triggers" in before &&
    "triggers" in after &&
    sameBesides(before.triggers, after.triggers);
  return kept && changed !== undefined ? changed : { problem: "its `on:` is written in a way that init does not edit" };
}

function withTrigger(text: string, { key, value }: Pair<Node, Node | null>): string | undefined {
  const [start, end] = value?.range ?? [];
  const after = key.range?.[1];
  if (value === null || start === undefined || end === undefined || after === undefined) return undefined;
  const insert = (at: number, piece: string, skip = 0) => text.slice(0, at) + piece + text.slice(at + skip);
  if (isScalar(value)) return insert(start, `[${text.slice(start, end)}, workflow_dispatch]`, end - start);
  if (!isMap(value) && !isSeq(value)) return undefined;
  if (value.flow === true) {
    const empty = value.items.length === 0 ? "" : ", ";
    return insert(start + 1, isSeq(value) ? `workflow_dispatch${empty}` : ` workflow_dispatch: {}${empty}`);
  }
  // As the first line beneath `on:`, so that comments stay with the trigger that they stand over.
  const line = text.indexOf("\n", after);
  const first = text.slice(text.lastIndexOf("\n", start) + 1, start);
  if (line < 0 || line > start || first.trim() !== "") return undefined;
  const ending = text[line - 1] === "\r" ? "\r\n" : "\n";
  return insert(line + 1, `${first}${isSeq(value) ? "- workflow_dispatch" : "workflow_dispatch:"}${ending}`);
}

function sameBesides(before: readonly string[], after: readonly string[]): boolean {
  return after.length === before.length + 1 && after.includes("workflow_dispatch") && before.every((trigger) => after.includes(trigger));
}

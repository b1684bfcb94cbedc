/**
 * The model of the race: recognises the failure by the log in its prompt, and answers with the scenario's repair of that attempt.
 *
 * @module
 */
import type { MessageRequest } from "./messagerequest.ts";
import type { Reply } from "./messages.ts";
import type { Scenario } from "./scenarios.ts";

/** The reply of a scenario's model; it thinks for `thinkMs`. */
export function modelReply(scenario: Scenario, request: MessageRequest, thinkMs: number): Reply {
  const prompt = JSON.stringify(request.messages);
  const defect = scenario.defects.find(({ marks }) => marks.some((mark) => prompt.includes(JSON.stringify(mark).slice(1, -1))));
  if (defect === undefined) return answer({ verdict: "needs_human", root_cause: "The log names nothing that I know." }, thinkMs);
  const tried = prompt.split(/attempt \d+, which did not hold/).length - 1;
  const repairs = defect.repairs ?? [defect.good];
  const replace = repairs[Math.min(tried, repairs.length - 1)] ?? defect.good;
  return answer(
    {
      verdict: "fix",
      root_cause: `${defect.path} says ${JSON.stringify(defect.bad)}, which is wrong (attempt ${tried + 1}).`,
      edits: [{ path: defect.path, search: defect.bad, replace }],
      title: `Repair ${defect.module}`,
      body: `Replaces ${JSON.stringify(defect.bad)}.`,
    },
    thinkMs,
  );
}

function answer(given: Record<string, unknown>, delayMs: number): Reply {
  const whole = {
    verdict: "fix",
    root_cause: "",
    confidence: 0.9,
    flavors: [],
    edits: [],
    new_files: [],
    need_files: [],
    title: "",
    body: "",
    ...given,
  };
  return { kind: "message", content: [{ type: "text", text: JSON.stringify(whole) }], delayMs };
}

/**
 * Labels: unique whatever their case, created at most once, which is what the issue lock builds on.
 *
 * @module
 */
import { type Answer, created, invalid, list, noContent, notFound, ok } from "./answer.ts";
import { type Call, missingField, type Route, text } from "./call.ts";
import { findLabel, type Label } from "./repository.ts";
import { labelJson } from "./shapes.ts";

const page = "rest/issues/labels";
const one = "/repos/:owner/:repo/labels/:name";
const read = ["issues:read", "pull_requests:read"] as const;
const write = ["issues:write", "pull_requests:write"] as const;

/** The longest name and description of a label, in characters. */
const nameLimit = 50;
const descriptionLimit = 100;
const defaultColor = "ededed";

export const labelRoutes: readonly Route[] = [
  { method: "POST", path: "/repos/:owner/:repo/labels", needs: write, creates: true, handle: createLabel },
  { method: "GET", path: "/repos/:owner/:repo/labels", needs: read, lag: "list", handle: listLabels },
  { method: "GET", path: one, needs: read, lag: "read", handle: getLabel },
  { method: "PATCH", path: one, needs: write, creates: true, handle: updateLabel },
  { method: "DELETE", path: one, needs: write, handle: deleteLabel },
];

/** 422 for a name that no label can have; undefined for a good one. */
export function checkLabelName(name: string, here: string): Answer | undefined {
  if (name.trim() === "") return invalid(here, { resource: "Label", code: "missing_field", field: "name" });
  if ([...name].length <= nameLimit) return undefined;
  return invalid(here, {
    resource: "Label",
    code: "invalid",
    field: "name",
    message: `name is too long (maximum is ${nameLimit} characters)`,
  });
}

/** The ids of labels by name; those that are not there yet are created, as creating an issue with them does. */
export function ensureLabels(call: Call, names: readonly string[]): number[] {
  const ids = names.map(
    (name) => (findLabel(call.repo, name) ?? save(call, { id: call.repo.nextId(), name, color: defaultColor, description: null })).id,
  );
  return [...new Set(ids)];
}

function save(call: Call, label: Label): Label {
  call.repo.labels.set(label.id, label, call.at);
  return label;
}

function createLabel(call: Call): Answer {
  const here = `${page}#create-a-label`;
  const name = text(call, "name");
  if (name === undefined) return missingField("name", here);
  const refused = checkLabelName(name, here) ?? checkFields(call, here);
  if (refused !== undefined) return refused;
  if (findLabel(call.repo, name) !== undefined) return invalid(here, { resource: "Label", code: "already_exists", field: "name" });
  const color = text(call, "color")?.toLowerCase() ?? defaultColor;
  const label = save(call, { id: call.repo.nextId(), name, color, description: text(call, "description") ?? null });
  const json = labelJson(label, call.repo, call.url);
  return created(json, String(json.url));
}

function listLabels(call: Call): Answer {
  return list(call.repo.labels.entries(call.moment).map(([, label]) => labelJson(label, call.repo, call.url)));
}

function getLabel(call: Call): Answer {
  const label = findLabel(call.repo, call.params.name ?? "", call.moment);
  return label === undefined ? notFound(`${page}#get-a-label`) : ok(labelJson(label, call.repo, call.url));
}

function updateLabel(call: Call): Answer {
  const here = `${page}#update-a-label`;
  const label = findLabel(call.repo, call.params.name ?? "");
  if (label === undefined) return notFound(here);
  const name = text(call, "new_name") ?? label.name;
  const refused = checkLabelName(name, here) ?? checkFields(call, here);
  if (refused !== undefined) return refused;
  const other = findLabel(call.repo, name);
  if (other !== undefined && other.id !== label.id) return invalid(here, { resource: "Label", code: "already_exists", field: "name" });
  const description = text(call, "description") ?? label.description;
  return ok(
    labelJson(save(call, { ...label, name, color: text(call, "color")?.toLowerCase() ?? label.color, description }), call.repo, call.url),
  );
}

function deleteLabel(call: Call): Answer {
  const label = findLabel(call.repo, call.params.name ?? "");
  if (label === undefined) return notFound(`${page}#delete-a-label`);
  call.repo.labels.set(label.id, undefined, call.at);
  return noContent;
}

function checkFields(call: Call, here: string): Answer | undefined {
  if ((text(call, "description")?.length ?? 0) > descriptionLimit) {
    const message = `description is too long (maximum is ${descriptionLimit} characters)`;
    return invalid(here, { resource: "Label", code: "custom", field: "description", message });
  }
  const color = text(call, "color");
  return color === undefined || /^[0-9a-f]{6}$/i.test(color)
    ? undefined
    : invalid(here, { resource: "Label", code: "invalid", field: "color" });
}

// The OpenAPI document as a page: each route with a curl line, an example of its answer, and what can go wrong.

import { element } from "./looks.js";

const told = await (await fetch("/openapi.json")).json();
const base = location.origin;

const text = (name, content, kind) => element(name, kind ? { class: kind } : {}, content);

function withCode(paragraph) {
  return element("p", {}, ...paragraph.split("`").map((part, place) => (place % 2 ? text("code", part) : part)));
}

function curl(method, path, operation) {
  const parts = ["curl"];
  if (method !== "get" && method !== "post") parts.push("-X", method.toUpperCase());
  const kinds = Object.keys(operation.requestBody?.content ?? {});
  if (kinds.length) parts.push("-F", `file=@${kinds.includes("video/mp4") ? "clip.mp4" : "photo.jpg"}`);
  if (path.endsWith(".mp4") || path.endsWith(".csv")) parts.push("-O");
  return [...parts, `${base}${path.replace("{video}", "ID")}`].join(" ");
}

// JSON with short lists on one line.
function compact(value) {
  return JSON.stringify(value, null, 2).replace(/\[\s+([^[\]{}]+?)\s+\]/g, (_, items) => `[${items.replace(/\s*\n\s*/g, " ")}]`);
}

function answers(operation) {
  const list = element("dl");
  for (const [status, answer] of Object.entries(operation.responses)) {
    const example = answer.content?.["application/json"]?.example;
    const sample = status >= 400 && example ? ` “${example.error}; ${example.repair}”` : "";
    list.append(text("dt", status), text("dd", `${answer.description}${sample}`));
  }
  return list;
}

function route(method, path, operation) {
  const inside = element("div", { class: "inside" }, ...operation.description.split("\n\n").map(withCode));
  const lines = [curl(method, path, operation)];
  if (operation.responses["200"]?.content?.["image/png"]) lines.push(`${lines[0]} -H 'Accept: image/png' -o annotated.png`);
  inside.append(text("pre", lines.join("\n")));
  const good = Object.entries(operation.responses).find(([status]) => status < 300)?.[1];
  const example = good?.content?.["application/json"]?.example;
  if (example) inside.append(text("h3", "Answer"), text("pre", compact(example)));
  inside.append(text("h3", "Statuses"), answers(operation));
  const head = element("summary", {}, text("span", method.toUpperCase(), "method"), text("code", path), text("span", operation.summary));
  return element("details", { class: "card" }, head, inside);
}

document.getElementById("about").append(
  withCode(`${told.info.summary}`), ...told.info.description.split("\n\n").map(withCode),
  withCode('The curl lines are for a server without a token; for others add `-H "Authorization: Bearer TOKEN"`.'),
  element("p", {}, element("a", { href: "/openapi.json" }, "openapi.json"), ` describes it for programs, version ${told.info.version}.`),
);
const tags = new Map();
for (const [path, methods] of Object.entries(told.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    const tag = operation.tags?.[0] ?? "other";
    tags.set(tag, [...(tags.get(tag) ?? []), route(method, path, operation)]);
  }
}
for (const [tag, routes] of tags) document.getElementById("routes").append(text("h2", tag), ...routes);

// Pictures: each goes to /v1/detect, two at a time, and comes back as a card with its faces.

import { callJson } from "./api.js";
import { csv, save, stamp, takeFiles } from "./files.js";
import { drawFaces, element, showFaces } from "./looks.js";

const AT_ONCE = 2;
const at = (name) => document.getElementById(`pictures-${name}`);

export function startPictures(page) {
  let results = [];
  let line = [];
  let busy = 0;

  function take(files) {
    at("drop").classList.add("small");
    for (const file of files) {
      const card = element("figure", { class: "shot card" }, element("p", { class: "wait" }, "…"), caption(file.name));
      at("grid").append(card);
      line.push({ file, card });
    }
    for (let i = 0; i < AT_ONCE; i += 1) work();
    tell();
  }

  async function work() {
    if (busy >= AT_ONCE) return;
    const next = line.shift();
    if (!next) return;
    busy += 1;
    try {
      await look(next.file, next.card);
    } catch (error) {
      refuse(next.card, next.file, error);
    }
    busy -= 1;
    tell();
    work();
  }

  async function look(file, card) {
    const most = page.limits().picture_bytes;
    if (file.size > most) {
      throw Object.assign(new Error(`${file.name}: larger than ${most / 1e6} MB`), { repair: "shrink it, or save it as JPEG, and send it again" });
    }
    const form = new FormData();
    form.append("file", file, file.name);
    const { results: [found] } = await callJson("/v1/detect", { method: "POST", body: form });
    const canvas = element("canvas", { role: "img", "aria-label": described(found) });
    const picture = await createImageBitmap(file).catch(() => null);
    if (picture) drawFaces(canvas, picture, found, found.faces);
    const faces = element("div", { class: "faces" });
    showFaces(faces, found.faces, "No face found.");
    const text = caption(file.name);
    text.append(faces);
    card.replaceChildren(...(picture ? [canvas] : []), text);
    if (card.isConnected) results.push({ ...found, card });
  }

  function tell() {
    const open = line.length + busy;
    const faces = results.reduce((sum, { faces: found }) => sum + found.length, 0);
    const done = `${results.length} ${results.length === 1 ? "picture" : "pictures"}, ${faces} ${faces === 1 ? "face" : "faces"}`;
    at("count").textContent = open ? `${done}, ${open} to go` : at("grid").children.length ? done : "";
    for (const name of ["json", "csv"]) at(name).disabled = !results.length;
    at("clear").disabled = !at("grid").children.length;
  }

  const sorted = () => [...at("grid").children].map((card) => results.find((found) => found.card === card)).filter(Boolean);
  const plain = () => sorted().map(({ card, ...found }) => found);
  const rows = () => plain().map((found) => ({ source: found.file, index: 0, time: 0, faces: found.faces }));

  takeFiles(at("drop"), take);
  at("json").addEventListener("click", () => save(`mien-${stamp()}.json`, JSON.stringify({ results: plain() }, null, 2), "application/json"));
  at("csv").addEventListener("click", () => save(`mien-${stamp()}.csv`, csv(rows(), page.labels()), "text/csv"));
  at("clear").addEventListener("click", () => {
    [results, line] = [[], []];
    at("grid").replaceChildren();
    at("drop").classList.remove("small");
    tell();
    at("files").focus();
  });
}

const caption = (name) => element("figcaption", {}, element("p", { class: "name" }, name));

const described = ({ file, faces }) => `${file}: ${faces.length ? faces.map((face) => face.label).join(", ") : "no face"}`;

function refuse(card, file, error) {
  const [what, repair] = [error.message, error.repair ?? ""];
  const text = element("figcaption", { class: "refused" }, element("strong", {}, what.startsWith(file.name) ? what : `${file.name}: ${what}`));
  if (repair) text.append(`${repair[0].toUpperCase()}${repair.slice(1)}.`);
  card.replaceChildren(text);
}

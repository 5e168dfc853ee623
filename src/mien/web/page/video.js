// A video: sent, followed row by row, then fetched with boxes drawn in.

import { call, callJson, upload } from "./api.js";
import { csv, save, takeFiles } from "./files.js";
import { element, percent, trackColor, trackOf } from "./looks.js";
import { Timeline } from "./timeline.js";

const POLL = 400; // milliseconds
const SHOWN = 300; // rows in the table; the files have all
const OPEN = ["receiving", "waiting", "running"];
const at = (name) => document.getElementById(`video-${name}`);

export function startVideo(page) {
  const timeline = new Timeline(at("timeline"), 0);
  let current = null; // {id, file, rows, sending, over}

  async function take([file]) {
    if (!file) return;
    const most = page.limits().video_bytes;
    if (file.size > most) return page.fail(`${file.name}: larger than ${most / 1e6} MB`, "cut it, or save it smaller, and send it again");
    await drop();
    page.fail();
    const job = { id: null, file: file.name, rows: [], cursor: 0, over: false };
    current = job;
    reset(file.name);
    try {
      job.sending = upload("/v1/videos", file, (share) => progress(share * 0.1, `Sending, ${percent(share)}`));
      job.id = (await job.sending.done).id;
      await follow(job);
    } catch (error) {
      if (current === job && error.name !== "AbortError") failed(error.message, error.repair);
    }
    return undefined;
  }

  async function follow(job) {
    let told;
    do {
      told = await callJson(`/v1/videos/${job.id}?cursor=${job.cursor}`);
      if (current !== job) return;
      job.cursor = told.cursor;
      add(job, told.rows);
      show(told);
      if (OPEN.includes(told.state) && !told.rows.length) await new Promise((resolve) => setTimeout(resolve, POLL));
    } while (OPEN.includes(told.state) || told.rows.length);
    job.over = true;
    at("cancel").textContent = "Delete";
    if (told.state === "done") await fetchResult(job, told);
    else failed(told.message, "");
  }

  function add(job, rows) {
    for (const row of rows) {
      job.rows.push(row);
      const faces = row.faces.map((face, place) => ({ ...face, track: trackOf(face, place) }));
      timeline.add(row.time, faces);
      for (const face of faces) if (at("table").tBodies[0].rows.length < SHOWN) at("table").tBodies[0].append(line(row, face));
    }
    if (rows.length) timeline.draw();
  }

  function show(told) {
    const share = told.frames_total ? told.frames_done / told.frames_total : 0;
    const frames = told.frames_total ? `${told.frames_done} of ${told.frames_total} frames` : `${told.frames_done} frames`;
    const words = { receiving: "Sending", waiting: "Waiting for its turn", running: "Looking", done: "Done", failed: "Failed", lost: "Lost" };
    progress(told.state === "done" ? 1 : 0.1 + 0.9 * Math.min(share, 1), `${words[told.state]}: ${frames}. ${told.message}`);
    const last = current.rows.at(-1);
    if (last && share > 0.02) timeline.total = Math.max(last.time / Math.min(share, 1), last.time);
    const faces = current.rows.reduce((sum, row) => sum + row.faces.length, 0);
    at("rows-note").textContent = faces > SHOWN ? `The first ${SHOWN} of ${faces} rows; the files have all.` : faces ? "" : "No face so far.";
  }

  async function fetchResult(job, told) {
    timeline.total = 0;
    timeline.draw();
    job.video = await (await call(`/v1/videos/${job.id}/annotated.mp4`)).blob();
    if (current !== job) return;
    job.address = URL.createObjectURL(job.video);
    at("player").src = job.address;
    at("result").hidden = false;
    page.speak(`${told.file} is done`);
  }

  async function drop() {
    const job = current;
    current = null;
    if (!job) return;
    job.sending?.abort();
    if (job.address) URL.revokeObjectURL(job.address);
    if (job.id) await call(`/v1/videos/${job.id}`, { method: "DELETE" }).catch(() => undefined);
  }

  function reset(name) {
    timeline.clear();
    timeline.total = 0;
    at("player").removeAttribute("src");
    at("result").hidden = true;
    at("work").hidden = false;
    at("drop").classList.add("small");
    at("name").textContent = name;
    at("cancel").textContent = "Cancel";
    const head = ["time", "face", "label", "confidence", "x", "y", "width", "height"];
    const top = element("tr", {}, ...head.map((text) => element("th", { scope: "col" }, text)));
    at("table").replaceChildren(element("thead", {}, top), element("tbody"));
    progress(0, "Sending");
  }

  function failed(what, repair) {
    at("work").hidden = true;
    page.fail(what, repair);
  }

  takeFiles(at("drop"), take);
  at("cancel").addEventListener("click", () => {
    at("work").hidden = true;
    at("drop").classList.remove("small");
    at("file").focus();
    drop();
  });
  at("save").addEventListener("click", () => save(`annotated-${current.file.replace(/\.\w+$/, "")}.mp4`, current.video));
  at("csv").addEventListener("click", () => save(`${current.file}.csv`, csv(current.rows, page.labels()), "text/csv"));
  at("json").addEventListener("click", () => save(`${current.file}.json`, JSON.stringify(current.rows), "application/json"));
}

function progress(share, text) {
  at("progress").value = share;
  at("state").textContent = text;
}

function line(row, face) {
  const dot = element("span", { class: "dot" });
  dot.style.setProperty("--track", trackColor(face.track));
  const cells = [`${row.time.toFixed(2)} s`, [dot, String(face.track)], face.label + (face.uncertain ? "?" : ""), percent(face.confidence), ...face.box.map(String)];
  return element("tr", {}, ...cells.map((cell) => element("td", {}, ...[cell].flat())));
}

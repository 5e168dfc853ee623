// Puts the page together: tabs, messages, what the server is.

import { callJson } from "./api.js";
import { startCamera } from "./camera.js";
import { setColors } from "./looks.js";
import { startPictures } from "./pictures.js";
import { startVideo } from "./video.js";

const tabs = [...document.querySelectorAll("[role=tab]")];
const server = { model: { labels: [] }, limits: { picture_bytes: Infinity, video_bytes: Infinity } };

const page = {
  labels: () => server.model.labels,
  limits: () => server.limits,
  speak(text) {
    document.getElementById("spoken").textContent = text;
  },
  // Shows a message until the next; without one, hides it.
  fail(what = "", repair = "") {
    const place = document.getElementById("problem");
    place.textContent = what && `${what}${repair ? `: ${repair}` : ""}.`;
    place.hidden = !what;
  },
};

function choose(tab) {
  for (const other of tabs) {
    other.setAttribute("aria-selected", String(other === tab));
    other.tabIndex = other === tab ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = other !== tab;
  }
  history.replaceState(null, "", `#${tab.getAttribute("aria-controls")}`);
  page.fail();
  if (tab.id !== "tab-camera") camera.leave();
}

for (const tab of tabs) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    next.focus();
    choose(next);
  });
}
for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => event.preventDefault());

const camera = startCamera(page);
startPictures(page);
startVideo(page);
const asked = tabs.find((tab) => `#${tab.getAttribute("aria-controls")}` === location.hash);
if (asked) choose(asked);

try {
  [server.model, server.limits] = await Promise.all([callJson("/v1/model"), callJson("/v1/limits")]);
  setColors(server.model.colors);
  const { limits, model } = server;
  const megapixels = limits.picture_pixels / 1e6;
  document.getElementById("pictures-limits").textContent = `JPEG, PNG, WebP or BMP, up to ${limits.picture_bytes / 1e6} MB and ${megapixels} megapixels each`;
  document.getElementById("video-limits").textContent = `MP4, MOV, MKV, WebM or AVI, up to ${limits.video_bytes / 1e6} MB`;
  document.getElementById("kept").textContent = `${Math.round(limits.kept_seconds / 60)} minutes`;
  document.getElementById("model").textContent = `Model: ${model.name}. A face below ${Math.round(model.uncertain_below * 100)} % is marked uncertain.`;
} catch (error) {
  page.fail(error.message, error.repair);
}

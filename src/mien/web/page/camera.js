// The camera: frames go to the live socket, two at a time at most; what comes back is drawn on the frame it belongs to.

import { openSocket } from "./api.js";
import { csv, save, stamp } from "./files.js";
import { drawFaces, named, percent, showFaces, trackOf } from "./looks.js";
import { Timeline } from "./timeline.js";

const AHEAD = 2; // frames on their way
const LONGEST = 640; // pixels of a side that is sent
const QUALITY = 0.8; // of the JPEG that is sent
const MOST_ROWS = 20_000; // frames that are kept for the CSV
const SPAN = 60; // seconds of the timeline
const SPEAK = 4000; // milliseconds between two sentences for screen readers

const at = (name) => document.getElementById(`camera-${name}`);

export function startCamera(page) {
  const state = fresh();
  const timeline = new Timeline(at("timeline"), SPAN);
  const video = document.createElement("video");
  [video.muted, video.playsInline] = [true, true];

  async function begin() {
    if (!navigator.mediaDevices) {
      return page.fail("This browser gives cameras only to localhost and https pages", "open the page on localhost, or behind https");
    }
    page.fail();
    at("on").disabled = true; // a second click, while the browser asks the person, would open a second stream
    try {
      state.stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480, facingMode: "user" } });
      video.srcObject = state.stream;
      await video.play();
    } catch (error) {
      stopStream();
      return page.fail(`No camera: ${error.message}`, "plug one in and allow this page to use it");
    } finally {
      at("on").disabled = false;
      at("on").focus();
    }
    Object.assign(state, fresh(), { stream: state.stream, began: performance.now() });
    timeline.clear();
    connect();
    switchTo(true);
    state.timer = setInterval(() => timeline.draw(), 250);
  }

  function connect() {
    const socket = openSocket();
    Object.assign(state, { socket, sent: 0, waiting: new Map() });
    socket.onopen = () => pump();
    socket.onmessage = (event) => receive(JSON.parse(event.data));
    socket.onclose = () => {
      if (state.socket !== socket) return;
      end();
      page.fail(state.told ?? "The connection to the server is closed", "start the camera again");
    };
  }

  // Sends frames as long as not too many are on their way.
  async function pump() {
    const { socket } = state;
    if (state.pumping) return;
    state.pumping = true;
    while (state.socket === socket && socket?.readyState === WebSocket.OPEN && !state.paused && state.waiting.size < AHEAD) {
      const frame = await capture();
      if (!frame || state.socket !== socket || socket.readyState !== WebSocket.OPEN) break;
      state.waiting.set(state.sent, frame);
      state.sent += 1;
      socket.send(frame.data);
    }
    state.pumping = false;
  }

  async function capture() {
    await nextFrame(video);
    if (!video.videoWidth) return null;
    const scale = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)];
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const taken = performance.now();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return blob && { canvas, taken, data: await blob.arrayBuffer() };
  }

  function receive(told) {
    if (told.error) {
      state.told = told.error;
      return;
    }
    const frame = state.waiting.get(told.frame);
    for (const number of [...state.waiting.keys()]) if (number <= told.frame) state.waiting.delete(number);
    pump();
    if (!frame || state.paused) return;
    const now = performance.now();
    state.last = { frame, told };
    state.times = [...state.times.filter((time) => now - time < 2000), now];
    state.delay = state.delay ? state.delay * 0.8 + (now - frame.taken) * 0.2 : now - frame.taken;
    remember((frame.taken - state.began) / 1000, told);
    show();
  }

  function remember(time, told) {
    timeline.add(time, told.faces.map((face, place) => ({ ...face, track: trackOf(face, place) })));
    state.rows.push({ source: "camera", index: state.shown, time: Number(time.toFixed(3)), faces: told.faces });
    if (state.rows.length > MOST_ROWS) state.rows.shift();
    state.shown += 1;
    at("csv").disabled = false;
  }

  function show() {
    const { frame, told } = state.last;
    drawFaces(at("view"), frame.canvas, frame.canvas, told.faces, state.mirrored);
    showFaces(at("faces"), told.faces, "No face in the picture.");
    const span = Math.max(state.times.at(-1) - state.times[0], 1);
    const rate = state.times.length > 1 ? ((state.times.length - 1) * 1000) / span : 0;
    at("meter").textContent = `${rate.toFixed(0)} frames/s · ${state.delay.toFixed(0)} ms`;
    speak(told.faces);
  }

  function speak(faces) {
    const text = faces.length ? faces.map((face) => `${named(face)} ${percent(face.confidence)}`).join(", ") : "no face";
    at("view").setAttribute("aria-label", `Camera picture: ${text}`);
    const now = performance.now();
    const words = faces.map((face) => face.label).join(", ") || "no face";
    if (now - state.spoke > SPEAK && words !== state.words) {
      Object.assign(state, { spoke: now, words });
      page.speak(words);
    }
  }

  function switchTo(on) {
    at("start").hidden = on;
    at("meter").hidden = !on;
    for (const name of ["pause", "snap", "off"]) at(name).disabled = !on;
    if (on) at("pause").focus();
  }

  function pause(paused) {
    state.paused = paused;
    at("pause").setAttribute("aria-pressed", String(paused));
    at("paused").hidden = !paused;
    if (!paused) pump();
  }

  function stopStream() {
    for (const track of state.stream?.getTracks() ?? []) track.stop();
  }

  function end() {
    const { socket } = state;
    state.socket = null;
    socket?.close();
    clearInterval(state.timer);
    stopStream();
    pause(false);
    switchTo(false);
    at("view").setAttribute("aria-label", "The camera is off");
  }

  at("on").addEventListener("click", begin);
  at("off").addEventListener("click", () => {
    end();
    at("on").focus();
  });
  at("pause").addEventListener("click", () => pause(!state.paused));
  at("mirror").addEventListener("click", () => {
    state.mirrored = !state.mirrored;
    at("mirror").setAttribute("aria-pressed", String(state.mirrored));
    if (state.last) show();
  });
  at("snap").addEventListener("click", () => at("view").toBlob((blob) => save(`mien-${stamp()}.png`, blob)));
  at("csv").addEventListener("click", () => save(`mien-${stamp()}.csv`, csv(state.rows, page.labels()), "text/csv"));
  return { leave: () => state.socket && !state.paused && pause(true) };
}

const fresh = () => ({
  socket: null, stream: null, timer: 0, began: 0, sent: 0, shown: 0, waiting: new Map(), pumping: false, paused: false,
  last: null, rows: [], times: [], delay: 0, spoke: 0, words: "", told: null, mirrored: at("mirror").getAttribute("aria-pressed") === "true",
});

// Waits for a new picture of the camera, where the browser can tell.
function nextFrame(video) {
  return new Promise((resolve) => {
    if (!video.requestVideoFrameCallback) return requestAnimationFrame(resolve);
    const late = setTimeout(resolve, 200);
    video.requestVideoFrameCallback(() => {
      clearTimeout(late);
      resolve();
    });
    return undefined;
  });
}

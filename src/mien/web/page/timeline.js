// A timeline: a row for each face in its track's colour, filled with the colours of what it shows over time.

import { colorOf, element, trackColor } from "./looks.js";

const ROW = 26; // pixels, as are the others
const LEFT = 30;
const AXIS = 22;
const GAP = 0.8; // seconds without a face that end nothing
const SHORTEST = 0.4; // seconds; a face that was there for less has no row once it is gone
const MOST = 8; // rows; those seen last

export class Timeline {
  // span: seconds that are shown, ending now; 0 shows all from the start.
  constructor(place, span) {
    this.place = place;
    this.span = span;
    this.canvas = element("canvas", { role: "img", "aria-label": "No faces yet" });
    this.empty = element("p", {}, "Faces will show here, a row each.");
    place.replaceChildren(this.empty);
    new ResizeObserver(() => this.draw()).observe(place);
    this.clear();
  }

  clear() {
    this.tracks = new Map(); // track -> [{from, to, label, share}], in order
    this.now = 0;
    this.total = 0;
    this.draw();
  }

  // Adds what the faces of a frame show at a time in seconds.
  add(time, faces) {
    this.now = Math.max(this.now, time);
    for (const { track, label, confidence } of faces) {
      const pieces = this.tracks.get(track) ?? [];
      this.tracks.set(track, pieces);
      const last = pieces.at(-1);
      if (last && last.label === label && time - last.to < GAP && time - last.from < 1) {
        last.to = time;
        last.share = Math.max(last.share * 0.8 + confidence * 0.2, 0);
      } else {
        const from = last && time - last.to < GAP ? last.to : time;
        pieces.push({ from, to: time + 0.04, label, share: confidence });
      }
    }
    if (this.span) this.forget();
  }

  forget() {
    for (const [track, pieces] of this.tracks) {
      while (pieces.length && pieces[0].to < this.now - this.span) pieces.shift();
      if (!pieces.length) this.tracks.delete(track);
    }
  }

  draw() {
    const rows = this.rows();
    if (!rows.length) {
      if (!this.empty.isConnected) this.place.replaceChildren(this.empty);
      return;
    }
    if (!this.canvas.isConnected) this.place.replaceChildren(this.canvas);
    const width = this.place.clientWidth;
    const height = rows.length * ROW + AXIS;
    const fine = window.devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * fine) || this.canvas.height !== Math.round(height * fine)) {
      [this.canvas.width, this.canvas.height] = [Math.round(width * fine), Math.round(height * fine)];
      this.canvas.style.height = `${height}px`;
    }
    const pen = this.canvas.getContext("2d");
    pen.setTransform(fine, 0, 0, fine, 0, 0);
    pen.clearRect(0, 0, width, height);
    const start = this.span ? this.now - this.span : 0;
    const length = this.span || Math.max(this.total, this.now, 0.1);
    const across = (time) => LEFT + (Math.max(time - start, 0) / length) * (width - LEFT);
    rows.forEach(([track, pieces], number) => drawRow(pen, track, pieces, number * ROW, across, width));
    drawAxis(pen, start, length, rows.length * ROW, across, width, this.span > 0);
    this.tell(rows);
  }

  // The tracks that have a row: those seen last, by number.
  rows() {
    const end = (pieces) => pieces.at(-1).to;
    const lasting = [...this.tracks].filter(([, pieces]) => seconds(pieces) >= SHORTEST || end(pieces) >= this.now);
    return lasting.sort((a, b) => end(b[1]) - end(a[1])).slice(0, MOST).sort((a, b) => a[0] - b[0]);
  }

  tell(rows) {
    const told = rows.map(([track, pieces]) => `face ${track}: ${pieces.at(-1).label}`).join(", ");
    this.canvas.setAttribute("aria-label", `Expressions over time; last ${told}`);
  }
}

const seconds = (pieces) => pieces.reduce((sum, { from, to }) => sum + to - from, 0);

function drawRow(pen, track, pieces, top, across, width) {
  const style = getComputedStyle(pen.canvas);
  pen.fillStyle = style.getPropertyValue("--rail");
  pen.beginPath();
  pen.roundRect(LEFT, top + 3, width - LEFT, ROW - 8, 5);
  pen.fill();
  pen.save();
  pen.clip();
  for (const { from, to, label, share } of pieces) {
    pen.globalAlpha = 0.3 + 0.7 * share;
    pen.fillStyle = colorOf(label);
    const left = Math.floor(across(from));
    pen.fillRect(left, top + 3, Math.max(Math.floor(across(to)) - left, 1), ROW - 8);
  }
  pen.restore();
  pen.fillStyle = trackColor(track);
  pen.beginPath();
  pen.arc(11, top + ROW / 2 - 1, 6, 0, 7);
  pen.fill();
}

function drawAxis(pen, start, length, top, across, width, live) {
  pen.fillStyle = getComputedStyle(pen.canvas).getPropertyValue("--soft");
  pen.font = "12px system-ui, sans-serif";
  pen.textBaseline = "alphabetic";
  const marks = width < 420 ? 2 : 4;
  for (let i = 0; i <= marks; i += 1) {
    const time = start + (length * i) / marks;
    const text = live ? (i === marks ? "now" : `−${Math.round(length - (length * i) / marks)} s`) : clock(time);
    const wide = pen.measureText(text).width;
    pen.fillText(text, Math.min(Math.max(across(time) - wide / 2, LEFT), width - wide), top + 15);
  }
}

function clock(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

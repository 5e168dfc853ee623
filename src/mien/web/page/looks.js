// What results look like: colours, face cards with bars, boxes over a picture.

// Colours of tracks, apart from those of expressions: told apart by lightness too.
const TRACKS = ["#3aa0e8", "#f08a4b", "#5fbf77", "#c98be0", "#e8c547", "#e76a86", "#4fc3c3", "#9dbb4a"];
const colors = {};

export function setColors(given) {
  Object.assign(colors, given);
  for (const list of document.querySelectorAll("[data-keys]")) {
    list.replaceChildren(...Object.keys(colors).map((label) => {
      const item = element("li", {}, element("i"), label);
      item.style.setProperty("--color", colorOf(label));
      return item;
    }));
  }
}

export const colorOf = (label) => colors[label] ?? "#8a939c";
export const trackOf = (face, place) => face.track ?? place + 1;
export const trackColor = (track) => TRACKS[(track - 1) % TRACKS.length];
export const percent = (share) => `${Math.round(share * 100)} %`;
export const named = (face) => face.label + (face.uncertain ? "?" : "");

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// A card for each face; cards that are there already are kept, so that their bars move.
export function showFaces(place, faces, nobody) {
  const known = new Map([...place.querySelectorAll(".face")].map((card) => [card.dataset.track, card]));
  const cards = faces.map((face, number) => {
    const track = String(trackOf(face, number));
    const card = known.get(track) ?? faceCard(track, face);
    fillCard(card, face);
    return card;
  });
  const same = cards.length > 0 && cards.length === place.children.length && cards.every((card, i) => place.children[i] === card);
  if (!same) place.replaceChildren(...(cards.length ? cards : [element("p", { class: "hint" }, nobody)]));
}

function faceCard(track, face) {
  const bars = Object.keys(face.probabilities).map((label) => {
    const bar = element("i");
    bar.style.setProperty("--color", colorOf(label));
    return element("li", { "data-label": label }, element("span", {}, label), element("b", {}, bar), element("span"));
  });
  const head = element("header", {}, element("span", { class: "dot" }), element("span", { class: "label" }), element("span", { class: "sure" }));
  const card = element("article", { class: "face", "data-track": track }, head, element("ul", { class: "bars" }, ...bars));
  card.style.setProperty("--track", trackColor(Number(track)));
  return card;
}

function fillCard(card, face) {
  card.setAttribute("aria-label", `Face ${card.dataset.track}: ${face.label}, ${percent(face.confidence)}`);
  card.querySelector(".label").textContent = face.label;
  card.querySelector(".sure").textContent = face.uncertain ? `uncertain, ${percent(face.confidence)}` : percent(face.confidence);
  for (const row of card.querySelectorAll("li")) {
    const share = face.probabilities[row.dataset.label] ?? 0;
    row.className = row.dataset.label === face.label ? "best" : "";
    row.querySelector("i").style.setProperty("--share", share.toFixed(3));
    row.lastElementChild.textContent = percent(share);
  }
}

// Draws a picture with a box and a label for each face; the canvas takes the picture's size.
export function drawFaces(canvas, picture, size, faces, mirrored = false) {
  if (canvas.width !== size.width || canvas.height !== size.height) [canvas.width, canvas.height] = [size.width, size.height];
  const pen = canvas.getContext("2d");
  pen.save();
  if (mirrored) {
    pen.translate(size.width, 0);
    pen.scale(-1, 1);
  }
  pen.drawImage(picture, 0, 0, size.width, size.height);
  pen.restore();
  const side = Math.min(size.width, size.height);
  faces.forEach((face, place) => {
    const [x, y, width, height] = face.box;
    drawFace(pen, face, [mirrored ? size.width - x - width : x, y, width, height], trackColor(trackOf(face, place)), side, size);
  });
}

function drawFace(pen, face, [x, y, width, height], color, side, size) {
  const line = Math.max(2, side / 150);
  pen.lineWidth = line * 1.5;
  pen.strokeStyle = "rgb(0 0 0 / .45)";
  rounded(pen, x, y, width, height, line * 3);
  pen.stroke();
  pen.lineWidth = line;
  pen.strokeStyle = color;
  pen.stroke();
  const letters = Math.max(13, Math.min(side / 20, width / 5));
  const text = `${named(face)} ${percent(face.confidence)}`;
  pen.font = `600 ${letters}px system-ui, sans-serif`;
  const wide = pen.measureText(text).width + letters;
  const left = Math.max(0, Math.min(x, size.width - wide));
  const top = y > letters * 1.7 ? y - letters * 1.7 : Math.min(y + height + letters * 0.2, size.height - letters * 1.6);
  pen.fillStyle = color;
  rounded(pen, left, top, wide, letters * 1.5, letters * 0.35);
  pen.fill();
  pen.fillStyle = "#10151a";
  pen.textBaseline = "middle";
  pen.fillText(text, left + letters / 2, top + letters * 0.78);
}

function rounded(pen, x, y, width, height, radius) {
  pen.beginPath();
  pen.roundRect(x, y, width, height, radius);
}

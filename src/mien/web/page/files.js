// Results as files: rows as CSV, downloads.

export const COLUMNS = ["source", "index", "time", "track", "x", "y", "width", "height", "label", "confidence", "uncertain"];

// rows: {source, index, time, faces}; a line a face.
export function csv(rows, labels) {
  const lines = [[...COLUMNS, ...labels]];
  for (const row of rows) {
    for (const face of row.faces) {
      const start = [row.source, row.index, row.time, face.track ?? "", ...face.box, face.label];
      lines.push([...start, figure(face.confidence), face.uncertain, ...labels.map((label) => figure(face.probabilities[label]))]);
    }
  }
  return lines.map((line) => line.map(quoted).join(",")).join("\n") + "\n";
}

const figure = (value) => Number(value.toPrecision(6));
const quoted = (cell) => (/[",\n\r]/.test(cell) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell));

export function save(name, content, kind) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type: kind }));
  const link = document.createElement("a");
  [link.href, link.download] = [address, name];
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export const stamp = () => new Date().toISOString().slice(0, 19).replaceAll(":", "-");

// Lets a label take files that are dropped on it or chosen in its input.
export function takeFiles(label, take) {
  const input = label.querySelector("input");
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
    label.addEventListener(kind, (event) => {
      event.preventDefault();
      label.classList.toggle("over", kind === "dragenter" || kind === "dragover");
      if (kind === "drop") take([...event.dataTransfer.files]);
    });
  }
}

// The server's API: every call carries the token, every refusal is an Error with what is wrong and how to mend it.

const KEY = "mien-token"; // in this tab's session storage
let asking = null;

export class Refusal extends Error {
  constructor(told, status) {
    super(told.error);
    this.repair = told.repair;
    this.status = status;
  }
}

export async function call(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { ...options, headers: { ...options.headers, ...credentials() } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal({ error: "The server does not answer", repair: "is mien serve still running?" }, 0);
  }
  if (answer.status === 401) {
    await askForToken();
    return call(path, options);
  }
  if (!answer.ok) throw new Refusal(await told(answer), answer.status);
  return answer;
}

export const callJson = async (path, options) => (await call(path, options)).json();

export function openSocket() {
  const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/v1/live`;
  const token = sessionStorage.getItem(KEY);
  const socket = new WebSocket(address, token ? ["mien", `bearer.${token}`] : ["mien"]);
  socket.binaryType = "arraybuffer";
  return socket;
}

// Sends a file and tells how much of it has gone: fetch cannot.
export function upload(path, file, onProgress) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.open("POST", path);
    for (const [name, value] of Object.entries(credentials())) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onProgress(event.loaded / event.total);
    request.onload = () => {
      const told = parsed(request.responseText);
      if (request.status < 300) resolve(told);
      else reject(new Refusal(told, request.status));
    };
    request.onerror = () => reject(new Refusal({ error: "The upload broke off", repair: "send it again" }, 0));
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    const form = new FormData();
    form.append("file", file, file.name);
    request.send(form);
  });
  return { done, abort: () => request.abort() };
}

function credentials() {
  const token = sessionStorage.getItem(KEY);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { error: "The server could not do this", repair: "ask again" };
  }
}

const told = async (answer) => parsed(await answer.text());

function askForToken() {
  asking ??= new Promise((resolve, reject) => {
    const dialog = document.getElementById("token");
    const text = document.getElementById("token-text");
    dialog.returnValue = "";
    dialog.addEventListener("close", () => {
      asking = null;
      if (!dialog.returnValue) return reject(new Refusal({ error: "This server wants a token", repair: "load the page again and give it" }, 401));
      sessionStorage.setItem(KEY, text.value.trim().replace(/[^\w.~-]/g, ""));
      text.value = "";
      return resolve();
    }, { once: true });
    dialog.showModal();
  });
  return asking;
}

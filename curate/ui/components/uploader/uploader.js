// Streams files to the server, one request each; texts are only ever set as text.

const KINDS = {
  files: { words: "Choose files", attributes: { multiple: "", accept: "image/*,.avif,.bmp,.heic,.heif,.jfif,.jp2,.jpe,.pgm,.ppm,.tif,.tiff" } },
  folder: { words: "Choose a folder", attributes: { webkitdirectory: "", multiple: "" } },
  zip: { words: "Choose a zip", attributes: { accept: ".zip,application/zip" } },
};
const busy = new WeakSet(); // a rerun of the page must not end an upload

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".uploader");
  if (busy.has(root)) return;
  const begin = (kind, files) => send(root, data, kind, files, setTriggerValue);
  const buttons = Object.entries(KINDS).map(([kind, { words, attributes }]) => {
    const button = make("button", words);
    button.type = "button";
    button.disabled = kind === "files" && !data.has_label;
    if (button.disabled) button.title = "Type a label first: all of the files are filed under it.";
    button.addEventListener("click", () => choose(root, attributes, (files) => begin(kind, files)));
    return button;
  });
  const note = make("span", "or drop pictures, a folder or a zip here. Of any size: files go straight to the server's disk.");
  note.className = "words";
  root.replaceChildren(...buttons, note);
  root.ondragover = (event) => {
    event.preventDefault();
    root.classList.add("over");
  };
  root.ondragleave = () => root.classList.remove("over");
  root.ondrop = async (event) => {
    event.preventDefault();
    root.classList.remove("over");
    const files = [...event.dataTransfer.files];
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()); // gone after an await
    const isZip = files.length === 1 && files[0].name.toLowerCase().endsWith(".zip");
    const folder = entries.find((entry) => entry?.isDirectory);
    if (folder) begin("folder", await filesBelow(folder));
    else if (isZip) begin("zip", files);
    else if (data.has_label && files.length) begin("files", files);
    else note.textContent = "Type a label first: all of the pictures are filed under it.";
  };
}

// All files below a dropped folder, each with its path in `path`.
async function filesBelow(folder) {
  const found = [];
  const waiting = [folder];
  while (waiting.length) {
    const entry = waiting.pop();
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      file.path = entry.fullPath.replace(/^\//, "");
      found.push(file);
      continue;
    }
    const reader = entry.createReader();
    for (;;) {
      const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // 100 at a time
      if (!batch.length) break;
      waiting.push(...batch);
    }
  }
  return found;
}

function make(tag, text) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  return element;
}

function choose(root, attributes, begin) {
  const input = make("input");
  input.type = "file";
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
  input.addEventListener("change", () => {
    if (input.files.length) begin([...input.files]);
    else input.remove();
  });
  root.append(input);
  input.click();
}

async function send(root, data, kind, files, setTriggerValue) {
  busy.add(root);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const bar = make("progress");
  bar.max = Math.max(1, total);
  const words = make("span");
  words.className = "words";
  const stop = make("button", "Cancel");
  const state = { request: null, isStopped: false };
  stop.addEventListener("click", () => {
    state.isStopped = true;
    if (state.request) state.request.abort();
  });
  root.replaceChildren(bar, words, stop);
  let upload = "";
  let done = 0;
  try {
    for (const [number, file] of files.entries()) {
      const tell = (loaded) => {
        bar.value = done + loaded;
        words.textContent = `${number + 1} of ${files.length} · ${size(done + loaded)} of ${size(total)}`;
      };
      tell(0);
      const query = upload ? `?into=${upload}&number=${number}` : "";
      upload = (await post(data, `${data.post_url}${query}`, file, tell, state)).upload;
      done += file.size;
    }
    words.textContent = "All there.";
    setTriggerValue("uploaded", { upload, kind, names: files.map((file) => file.path || file.webkitRelativePath || file.name) });
  } catch (error) {
    words.textContent = state.isStopped ? "Cancelled; nothing was taken in." : error.message;
    stop.textContent = "Again";
    stop.onclick = () => setTriggerValue("again", Date.now());
  } finally {
    busy.delete(root);
  }
}

function post(data, url, file, tell, state) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch cannot say how far an upload is
    state.request = request;
    if (state.isStopped) return reject(new Error("Cancelled"));
    request.open("POST", url);
    request.setRequestHeader(data.header, data.token);
    request.upload.addEventListener("progress", (event) => tell(event.loaded));
    request.addEventListener("load", () => {
      const answer = read(request.responseText);
      if (request.status === 200) resolve(answer);
      else reject(new Error([answer.error, answer.hint].filter(Boolean).join(" ") || `The server answered ${request.status}.`));
    });
    request.addEventListener("error", () => reject(new Error("The server cannot be reached.")));
    request.addEventListener("abort", () => reject(new Error("Cancelled")));
    request.send(file);
  });
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** Streams files to the server, one request each. Texts are only ever set as text. */
/** @import { Component } from "../types/streamlit.js" */
import { make, makeButton, query } from "../elements.js";
import { errorText, messageOf } from "../error_text.js";

/**
 * @typedef {"files" | "folder" | "zip"} Kind
 * @typedef {{token: string, header: string, post_url: string, takes_paste: boolean, note: string}} Data
 * @typedef {{file: File, path: string}} Upload `path`: the file's name; in a folder with the folders above it
 * @typedef {{request: XMLHttpRequest | null, isStopped: boolean}} Progress
 */

const IMAGES = "image/*,.avif,.bmp,.heic,.heif,.jfif,.jp2,.jpe,.pgm,.ppm,.tif,.tiff";
/** @type {{kind: Kind, text: string, attributes: Record<string, string>}[]} */
const CHOICES = [
  { kind: "files", text: "Choose files", attributes: { multiple: "", accept: IMAGES } },
  { kind: "folder", text: "Choose a folder", attributes: { webkitdirectory: "", multiple: "" } },
  { kind: "zip", text: "Choose a zip", attributes: { accept: ".zip,application/zip" } },
];
const uploading = new WeakSet(); // a rerun of the page must not end an upload

/** @param {Component<Data>} component */
export default function show(component) {
  const root = query(component.parentElement, ".uploader", HTMLElement);
  if (uploading.has(root)) return;
  const uploader = new Uploader(root, component);
  uploader.showChoices();
  if (component.data.takes_paste) listenForPaste(uploader);
}

/** @type {AbortController | null} */
let pasteListener = null; // of the field on the page now: each replaces that of the last run

/** @param {Uploader} uploader */
function listenForPaste(uploader) {
  pasteListener?.abort();
  const { signal } = (pasteListener = new AbortController());
  document.addEventListener(
    "paste",
    (event) => {
      if (uploader.root.isConnected) uploader.paste(event);
      else pasteListener?.abort();
    },
    { signal },
  );
}

class Uploader {
  /**
   * @param {HTMLElement} root
   * @param {Component<Data>} component
   */
  constructor(root, { data, setTriggerValue }) {
    this.root = root;
    this.data = data;
    this.report = setTriggerValue;
    this.note = make("span", "words", data.note);
    root.ondragover = (event) => {
      event.preventDefault();
      root.classList.add("over");
    };
    root.ondragleave = () => root.classList.remove("over");
    root.ondrop = (event) => this.drop(event);
  }

  showChoices() {
    const buttons = CHOICES.map(({ kind, text, attributes }) => {
      const button = makeButton("", text);
      button.addEventListener("click", () => this.choose(kind, attributes));
      return button;
    });
    this.root.replaceChildren(...buttons, this.note);
  }

  /**
   * @param {Kind} kind
   * @param {Record<string, string>} attributes
   */
  choose(kind, attributes) {
    const input = make("input");
    input.type = "file";
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
    input.addEventListener("change", () => {
      const files = [...(input.files ?? [])];
      if (kind === "folder") this.sendFolder(files.map(asUpload));
      else if (files.length) this.send(isOneZip(files) ? "zip" : kind, files.map(asUpload));
      input.remove();
    });
    this.root.append(input);
    input.click();
  }

  /**
   * Pictures are sent; of a text, the page learns the address. What is pasted into a field stays there.
   * @param {ClipboardEvent} event
   */
  paste(event) {
    const target = event.composedPath()[0];
    if (target instanceof HTMLElement && target.matches("input, textarea, [contenteditable]")) return;
    const files = [...(event.clipboardData?.files ?? [])];
    const text = event.clipboardData?.getData("text/plain").trim() ?? "";
    if (files.length) void this.send("files", files.map(asUpload));
    else if (/^https?:\/\/\S+$/.test(text)) this.report("pasted", text);
    else return;
    event.preventDefault();
  }

  /** @param {DragEvent} event */
  async drop(event) {
    event.preventDefault();
    this.root.classList.remove("over");
    if (!event.dataTransfer) return;
    const files = [...event.dataTransfer.files];
    // Entries are gone after an await.
    const entries = [...event.dataTransfer.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
    if (entries.some((entry) => entry.isDirectory)) await this.sendFolder(await filesBelow(entries));
    else if (isOneZip(files)) await this.send("zip", files.map(asUpload));
    else if (files.some(isZip)) this.note.textContent = "One zip at a time, without other files.";
    else if (files.length) await this.send("files", files.map(asUpload));
  }

  /** @param {Upload[]} uploads */
  async sendFolder(uploads) {
    if (uploads.length) await this.send("folder", uploads);
    else this.note.textContent = "There are no files in it.";
  }

  /**
   * Sends the files one after the other, shows how far that is, and reports the whole upload to Python.
   * @param {Kind} kind
   * @param {Upload[]} uploads
   */
  async send(kind, uploads) {
    uploading.add(this.root);
    /** @type {Progress} */
    const progress = { request: null, isStopped: false };
    const text = make("span", "words");
    const button = makeButton("", "Cancel");
    button.onclick = () => {
      progress.isStopped = true;
      progress.request?.abort();
    };
    try {
      const upload = await this.sendAll(uploads, progress, text, button);
      text.textContent = "All there.";
      this.report("uploaded", { upload, kind, names: uploads.map(({ path }) => path) });
    } catch (error) {
      text.textContent = progress.isStopped ? "Cancelled; nothing was taken in." : messageOf(error);
      button.textContent = "Again";
      button.onclick = () => this.report("again", Date.now());
    } finally {
      uploading.delete(this.root);
    }
  }

  /**
   * Returns the name of the upload on the server.
   * @param {Upload[]} uploads
   * @param {Progress} progress
   * @param {HTMLElement} text
   * @param {HTMLElement} button
   */
  async sendAll(uploads, progress, text, button) {
    const total = uploads.reduce((sum, { file }) => sum + file.size, 0);
    const bar = make("progress");
    bar.max = Math.max(1, total);
    this.root.replaceChildren(bar, text, button);
    let upload = "";
    let done = 0;
    for (const [number, { file }] of uploads.entries()) {
      const showProgress = (/** @type {number} */ loaded) => {
        bar.value = done + loaded;
        text.textContent = `${number + 1} of ${uploads.length} · ${size(done + loaded)} of ${size(total)}`;
      };
      showProgress(0);
      const address = `${this.data.post_url}${upload ? `?into=${upload}&number=${number}` : ""}`;
      upload = await post(this.data, address, file, showProgress, progress);
      done += file.size;
    }
    return upload;
  }
}

/**
 * @param {File} file
 * @returns {Upload}
 */
function asUpload(file) {
  return { file, path: file.webkitRelativePath || file.name };
}

/** @param {File} file */
function isZip(file) {
  return file.name.toLowerCase().endsWith(".zip");
}

/** @param {File[]} files */
function isOneZip(files) {
  return files.length === 1 && isZip(files[0]);
}

/**
 * Returns all files that were dropped and those below dropped folders, with their paths.
 * @param {FileSystemEntry[]} entries
 */
async function filesBelow(entries) {
  /** @type {Upload[]} */
  const uploads = [];
  const waiting = [...entries];
  for (let entry = waiting.pop(); entry; entry = waiting.pop()) {
    if (entry.isFile) uploads.push(await readFile(/** @type {FileSystemFileEntry} */ (entry)));
    else waiting.push(...(await readFolder(/** @type {FileSystemDirectoryEntry} */ (entry))));
  }
  return uploads;
}

/**
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<Upload>}
 */
async function readFile(entry) {
  /** @type {File} */
  const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
  return { file, path: entry.fullPath.replace(/^\//, "") };
}

/** @param {FileSystemDirectoryEntry} folder */
async function readFolder(folder) {
  /** @type {FileSystemEntry[]} */
  const entries = [];
  const reader = folder.createReader();
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // 100 at a time
    if (!batch.length) return entries;
    entries.push(...batch);
  }
}

/**
 * Posts one file; returns the name of the upload that it belongs to.
 * @param {Data} data
 * @param {string} address
 * @param {File} file
 * @param {(loaded: number) => void} onProgress
 * @param {Progress} progress
 * @returns {Promise<string>}
 */
function post(data, address, file, onProgress, progress) {
  return new Promise((resolve, reject) => {
    if (progress.isStopped) return reject(new Error("Cancelled"));
    const request = new XMLHttpRequest(); // fetch does not report how far an upload is
    progress.request = request;
    request.open("POST", address);
    request.setRequestHeader(data.header, data.token);
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("load", () => {
      const answer = parse(request.responseText);
      if (request.status === 200 && answer.upload) resolve(answer.upload);
      else reject(new Error(errorText(answer) || `The server answered ${request.status}.`));
    });
    request.addEventListener("error", () => reject(new Error("The server cannot be reached.")));
    request.addEventListener("abort", () => reject(new Error("Cancelled")));
    request.send(file);
  });
}

/**
 * @param {string} text
 * @returns {{upload?: string, error?: string, hint?: string}}
 */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** @param {number} bytes */
function size(bytes) {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

// What tuf-js reads in a repository: one case a line on standard input, one reading a line on standard output.
"use strict";
const fs = require("fs");
const os = require("os");
const path = require("path");
const { ReadableStream } = require("stream/web");
const { BaseFetcher, Updater } = require("tuf-js");
const { DownloadHTTPError } = require("tuf-js/dist/error");

const ADDRESS = "https://repository.invalid";

class Served extends BaseFetcher {
  constructor(files) {
    super();
    this.files = new Map(Object.entries(files));
  }
  async fetch(url) {
    const found = this.files.get(url.slice(ADDRESS.length + 1));
    if (found === undefined) throw new DownloadHTTPError(url, 404);
    const data = Buffer.from(found, "base64");
    return new ReadableStream({
      start(stream) {
        stream.enqueue(data);
        stream.close();
      },
    });
  }
}

async function read(found, state) {
  fs.writeFileSync(path.join(state, "root.json"), Buffer.from(found.root, "base64"));
  let updater;
  try {
    for (const files of found.rounds) {
      updater = new Updater({
        metadataDir: state, targetDir: state, metadataBaseUrl: ADDRESS, targetBaseUrl: ADDRESS,
        fetcher: new Served(files),
      });
      await updater.refresh();
    }
  } catch (error) {
    return { refused: String(error) };
  }
  const targets = [];
  const errors = [];
  for (const name of found.targets) {
    try {
      const entry = await updater.getTargetInfo(name);
      targets.push([name, entry ? { length: entry.length ?? null, hashes: entry.hashes ?? {} } : null]);
    } catch (error) {
      errors.push([name, String(error)]);
    }
  }
  return { targets: Object.fromEntries(targets), errors: Object.fromEntries(errors) };
}

async function main() {
  for await (const line of require("readline").createInterface({ input: process.stdin })) {
    const state = fs.mkdtempSync(path.join(os.tmpdir(), "tuf-js-"));
    try {
      console.log(JSON.stringify(await read(JSON.parse(line), state)));
    } finally {
      fs.rmSync(state, { recursive: true, force: true });
    }
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

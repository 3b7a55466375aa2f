// PouchDB replicating documents to its own server: `node pouch.mjs PACKAGES FOLDER DOCS BATCH`; prints one line of JSON.
// With the word `serve` before them it is that server, in a process of its own; it prints its port.
import { fork } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const words = process.argv.slice(2);
if (words[0] === "serve") serve(words[1], words[2]);
else await replicate(...words);

function library(packages, name) {
  return createRequire(path.join(packages, "node_modules", "x"))(name);
}

function serve(packages, folder) {
  const PouchDB = library(packages, "pouchdb").defaults({ prefix: folder + path.sep });
  const server = library(packages, "express")();
  const own = { mode: "minimumForPouchDB", inMemoryConfig: true, logPath: path.join(folder, "log.txt") };
  server.use("/db", library(packages, "express-pouchdb")(PouchDB, own));
  const listening = server.listen(0, "127.0.0.1", () => process.send(listening.address().port));
}

async function replicate(packages, folder, file, batch) {
  const far = path.join(folder, "far");
  mkdirSync(far, { recursive: true });
  const server = fork(fileURLToPath(import.meta.url), ["serve", packages, far], { stdio: ["ignore", 2, 2, "ipc"] });
  const port = await new Promise((told) => server.once("message", told));
  const PouchDB = library(packages, "pouchdb").defaults({ prefix: folder + path.sep });
  const docs = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  const near = new PouchDB("near");
  for (let first = 0; first < docs.length; first += 1000) await near.bulkDocs(docs.slice(first, first + 1000));
  const there = new PouchDB(`http://127.0.0.1:${port}/db/sales`);
  await there.info();
  const began = performance.now();
  const done = await near.replicate.to(there, { batch_size: Number(batch) });
  const seconds = (performance.now() - began) / 1000;
  const arrived = (await there.info()).doc_count;
  console.log(JSON.stringify({ ok: done.ok, docs: arrived, seconds, adapter: near.adapter }));
  server.kill();
  await near.close();
  process.exit(0);
}

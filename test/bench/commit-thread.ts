/** The floor of durability: a thread that takes what waits, one row each, in one commit, and answers after it. workerData: the file. */

import { DatabaseSync } from "node:sqlite";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";

const db = new DatabaseSync(String(workerData));
db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (n INTEGER PRIMARY KEY, body TEXT) STRICT");
const [begin, commit, insert] = [db.prepare("BEGIN IMMEDIATE"), db.prepare("COMMIT"), db.prepare("INSERT INTO rows (body) VALUES (?)")];
const port = parentPort;

port?.on("message", (first: string) => {
  const bodies = [first];
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) bodies.push(String(next.message));
  begin.run();
  for (const body of bodies) insert.run(body);
  commit.run();
  port.postMessage(bodies.length);
});

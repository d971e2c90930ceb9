import { expect, test } from "@playwright/test";
import type { Message, Scene, Step } from "../api";
import { flightsAt, layout, type Arrow } from "./layout";

const processes = ["coordinator", "participant 0", "participant 1"];

test("a message goes from its sending to its receipt", () => {
  const { arrows, inFlight } = layout(processes, [
    step({ process: 0, sent: [vote] }),
    step({}),
    step({ process: 1, received: [vote] }),
  ]);
  expect(arrows.map(brief)).toEqual(["received 1:0 to 3:1"]);
  expect(inFlight).toEqual([0, 1, 1, 0]);
});

test("of equal messages the first that was sent is the first received", () => {
  const { arrows } = layout(processes, [
    step({ process: 0, sent: [vote] }),
    step({ process: 0, sent: [vote] }),
    step({ process: 1, received: [vote] }),
    step({ process: 1, received: [vote] }),
  ]);
  expect(arrows.map(brief)).toEqual(["received 1:0 to 3:1", "received 2:0 to 4:1"]);
});

test("a second receipt of one sending is marked", () => {
  const { arrows } = layout(processes, [
    step({ process: 0, sent: [vote] }),
    step({ process: 1, received: [vote] }),
    step({ process: 1, received: [vote] }),
    step({ process: 1, received: [vote] }),
  ]);
  expect(arrows.map(brief)).toEqual(["received 1:0 to 2:1", "again 1:0 to 3:1", "again 1:0 to 4:1"]);
  expect(arrows.map(({ times }) => times)).toEqual([1, 2, 3]);
});

test("what is for everybody is received by each, and by none of them again", () => {
  const { arrows } = layout(processes, [
    step({ process: 0, sent: [prepare] }),
    step({ process: 1, received: [prepare] }),
    step({ process: 2, received: [prepare] }),
    step({ process: 2, received: [prepare] }),
  ]);
  expect(arrows.map(brief)).toEqual(["received 1:0 to 2:1", "received 1:0 to 3:2", "again 1:0 to 4:2"]);
});

test("a message that another process acts on arrives there", () => {
  const { arrows } = layout(processes, [
    step({ process: 0, sent: [vote] }),
    step({ process: 2, received: [vote] }),
    step({ process: 1 }),
  ]);
  expect(arrows.map(brief)).toEqual(["received 1:0 to 2:2"]);
});

test("a line without a step of its own receives what is for it", () => {
  const { arrows } = layout(processes, [step({ process: 0, sent: [vote] }), step({ process: 2, received: [vote] })]);
  expect(arrows.map(brief)).toEqual(["received 1:0 to 2:1"]);
});

test("what is never received is in flight to the end", () => {
  const { arrows, flights, inFlight } = layout(processes, [step({ process: 0, sent: [vote, prepare] }), step({})]);
  expect(arrows.map(brief)).toEqual(["in-flight 1:0 to 1:1", "in-flight 1:0 to 1:null"]);
  expect(inFlight).toEqual([0, 2, 2]);
  expect(flightsAt(flights, 0)).toEqual([]);
  expect(flightsAt(flights, 2).map(({ message }) => message)).toEqual([vote, prepare]);
});

test("a lost message ends where it is lost, and another sending of it arrives", () => {
  const { arrows, inFlight } = layout(processes, [
    step({ process: 0, sent: [vote] }),
    step({ lost: [vote], fault: "drop" }),
    step({ process: 0, sent: [vote] }),
    step({ process: 1, received: [vote] }),
  ]);
  expect(arrows.map(brief)).toEqual(["lost 1:0 to 2:1", "received 3:0 to 4:1"]);
  expect(inFlight).toEqual([0, 1, 0, 1, 0]);
});

test("a message may be lost in the step that sends it", () => {
  const { arrows } = layout(processes, [step({ process: 0, sent: [vote], lost: [vote] })]);
  expect(arrows.map(brief)).toEqual(["lost 1:0 to 1:1"]);
});

test("what was sent before the behaviour starts comes from its start", () => {
  const { arrows } = layout(processes, [step({ process: 1, received: [vote] })]);
  expect(arrows.map(brief)).toEqual(["unsent 0:0 to 1:1"]);
});

test("texts that only look alike are other messages", () => {
  const { arrows } = layout(processes, [
    step({ process: 0, sent: [{ from: 0, to: 1, text: "1 a" }] }),
    step({ process: 1, received: [{ from: 0, to: 1, text: "1  a" }] }),
  ]);
  expect(arrows.map(({ kind }) => kind).sort()).toEqual(["in-flight", "unsent"]);
});

test("a process is down from its crash to its restart", () => {
  const { outages } = layout(processes, [
    step({ process: 1, fault: "crash" }),
    step({}),
    step({ process: 1, fault: "restart" }),
    step({ process: 2, fault: "crash" }),
  ]);
  expect(outages).toEqual([
    { line: 1, since: 1, until: 3 },
    { line: 2, since: 4, until: Infinity },
  ]);
});

test("a step of no process takes the whole width, and a model without processes has one line", () => {
  expect(layout(processes, [step({})]).rows[1]?.line).toBeNull();
  const { lines, rows } = layout([], [step({}), step({})]);
  expect(lines).toBe(1);
  expect(rows.map(({ line }) => line)).toEqual([0, 0, 0]);
});

test("a process that does not exist breaks nothing", () => {
  const { arrows, rows } = layout(processes, [step({ process: 7, sent: [{ from: 9, to: 8, text: "?" }] })]);
  expect(rows[1]?.line).toBeNull();
  expect(arrows.map(brief)).toEqual(["in-flight 1:0 to 1:null"]);
});

test("ten thousand equal messages are paired at once", () => {
  const sends = Array.from({ length: 1000 }, () => step({ process: 0, sent: Array<Message>(10).fill(vote) }));
  const receipts = Array.from({ length: 1000 }, () => step({ process: 1, received: Array<Message>(10).fill(vote) }));
  const started = performance.now();
  const { arrows, inFlight } = layout(processes, [...sends, ...receipts]);
  expect(performance.now() - started).toBeLessThan(1000);
  expect(arrows.length).toBe(10_000);
  expect(inFlight[1000]).toBe(10_000);
  expect(inFlight[2000]).toBe(0);
});

const vote: Message = { from: 0, to: 1, text: "vote" };
const prepare: Message = { from: 0, to: null, text: "prepare" };

function step(scene: Partial<Scene>): Step {
  return {
    action: "something happens",
    kind: null,
    to: null,
    changes: [],
    violates: [],
    scene: { process: null, sent: [], received: [], lost: [], fault: null, ...scene },
  };
}

function brief({ kind, fromRow, fromLine, toRow, toLine }: Arrow): string {
  return `${kind} ${fromRow}:${fromLine} to ${toRow}:${toLine}`;
}

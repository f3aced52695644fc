import type {
  Card, Change, GridLabel, ListedStep, Near, ReviewingData, SheetData, StoryEvent, Thought, Turn,
} from "../../types/python.js";

/** A card with the addresses of its picture; nComments: those made since the page came. */
export interface Item extends Card {
  thumb: string;
  view: string;
  nComments?: number;
}

/** Where an image is that was looked for, or `words` that it is nowhere. */
export interface FoundImage {
  nonce: number;
  image_id: number | null;
  words: string;
}

/** What `grid.show` sends, see components/grid/__init__.py. */
export interface GridData extends SheetData, ReviewingData {
  images_url: string;
  labels: GridLabel[];
  /** The colours of labels by position. */
  label_colours: string[];
  post_url: string;
  autofocus: boolean;
  /** The number of the turn that this page answers. */
  turned: number | null;
  found: FoundImage | null;
}

/** A page as it is shown. */
export interface ShownData extends Omit<GridData, "items"> {
  items: Item[];
}

/** A page in the cache; after: where the next one begins, null = this is the last. */
export interface CachedPage {
  page: number;
  items: Item[];
  after: string | null;
}

/** A turn that Python is told of; shown: what the script shows already. */
export interface TurnMessage {
  page: number | null;
  nonce: number;
  shown?: { image_ids: number[]; after: string | null };
}

export interface Command {
  name: string;
  /** With an arrow: select up to there. */
  extend?: boolean;
  /** The label that a key or chip stands for. */
  label?: number;
  /** The step to undo or redo. */
  key?: string;
}

export type Action = "keep" | "delete" | "relabel" | "clear";

/** What stands about an image. */
export interface Standing {
  decision: string | null;
  label: number | null;
  reviewer: string | null;
}

/** The same as it is shown; isWaiting: the server does not have it yet. */
export interface State extends Standing {
  isWaiting: boolean;
}

/** Images that get the same decision; label: the new one's id. */
export interface DecisionGroup {
  ids: number[];
  action: Action;
  label: number | null;
}

export interface StepEntry {
  id: number;
  before: Standing;
  after: Standing;
}

/** What is undone as one. entries, page: known of this visit's steps only. */
export interface Step {
  key: string;
  name: string;
  isUndone: boolean;
  /** When it was made or turned, by the list's own clock; 0 = in an earlier visit. */
  touched: number;
  entries?: StepEntry[];
  page?: { page: number; view: string };
}

/** A decision, or an undo or redo of a step; shows: what its images look like until the server has answered. */
export interface NewOp {
  action: Action | "undo" | "redo";
  image_ids: number[];
  run_id: number | null;
  label_id?: number | null;
  step?: string;
  step_name?: string;
  shows?: Record<number, Standing>;
}

/** The same numbered, to be sent. */
export interface Op extends NewOp {
  client: string;
  seq: number;
  at: number;
}

/** The server's answer to decisions and heartbeats. */
export interface Answer {
  acked: number;
  revision: number;
  changes: Change[];
  more: boolean;
  turns?: Turn[];
  version?: number;
  /** So much has changed that the page has to be asked for anew. */
  reload?: boolean;
}

/** What the outbox tells the grid. */
export interface OutboxListener {
  /** The image that the reviewer looks at. */
  readonly at: number | undefined;
  answered(done: Op[], answer: Answer, since: number): void;
  refused(op: Op, sentence: string): void;
  changed(): void;
}

/** What is said about images. */
export interface CommentData {
  image_ids: number[];
  kind: CommentKind;
  text: string;
  asked: string | null;
}

export type CommentKind = "note" | "flag" | "question" | "reason";

/** A remark on a card; icon: one of the drawings in grid.html. */
export interface Remark {
  icon: string;
  kind: string;
  text: string;
}

/** What server/closeups.py knows of one image. */
export interface CloseUp {
  image_id: number;
  width: number;
  height: number;
  bytes: number;
  format: string;
  camera: [name: string, value: string][];
  origin: [name: string, text: string, address: string][];
  story: StoryEvent[];
  thought: Thought | null;
}

/** The nearest pictures of the image's label and of the one against it. */
export interface Neighbours {
  given: Near[];
  rival: Near[];
  rival_id: number | null;
}

/** An answer, or a sentence on why there is none. */
export type Result<T> = { value: T; error?: undefined } | { value?: undefined; error: string };

export interface PageAnswer {
  page: number;
  items: Card[];
  after: string | null;
  revision: number;
  version_id: number;
}

export interface StepsAnswer {
  steps: ListedStep[];
}

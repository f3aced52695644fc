/** What Python sends as JSON. Written by `make types` from the types of the same names; not by hand. */

export interface SheetData {
  items: Card[];
  page: number;
  n_pages: number;
  n_decided: number;
  n_total: number;
  view_key: string;
  max_loss: number | null;
  listing: Listing | null;
  after: string | null;
}

export interface Listing {
  view: Record<string, unknown>;
  size: number;
  walk: string;
}

export interface ReviewingData {
  project_id: number;
  run_id: number | null;
  reviewer: string;
  token: string;
  revision: number;
  version_id: number;
  session_id: number | null;
  is_blind: boolean;
}

export interface GridLabel {
  id: number;
  name: string;
  colour: string;
  key: string | null;
  is_none: boolean;
}

export interface Card {
  image_id: number;
  sha: string;
  file_name: string;
  label: number;
  predicted: number | null;
  loss: number | null;
  p_actual: number | null;
  p_predicted: number | null;
  split: string | null;
  decision: string | null;
  decision_label: number | null;
  decided_by: string | null;
  checked: boolean;
  changed: number | null;
  same_picture_elsewhere: boolean;
  noted: Noted | null;
  doubt?: number;
  doubt_text?: string;
  sure_text?: string;
  suggestion?: Suggestion | null;
  asks_again?: boolean;
  why?: string;
  why_short?: string;
}

export interface Suggestion {
  action: "keep" | "delete" | "relabel";
  label: number | null;
}

export interface Noted {
  kind: string;
  by: string;
  text: string;
  to: string;
  n_more: number;
}

export interface Change {
  revision: number;
  image_id: number;
  decision: string | null;
  label_id: number | null;
  reviewer: string;
}

export interface ListedStep {
  key: string;
  name: string;
  n_images: number;
  is_undone: boolean;
}

export interface Turn {
  seq: number;
  step: ListedStep | null;
  words: string;
  n_left: number;
  is_complete: boolean;
}

export interface StoryEvent {
  at: string;
  by: string;
  action: string;
  label_id: number | null;
  run: number | null;
  version: number | null;
  text: string;
  to: string;
}

export interface Thought {
  top: [number, number][];
  trained_label_id: number;
  rival_id: number | null;
  held_out: boolean;
  columns: number[];
}

export interface Near {
  image_id: number;
  sha: string;
  file_name: string;
  similarity: number;
}

export interface CardsData {
  cards: ShownCard[];
  size_px: number;
  is_large: boolean;
  reports_clicks: boolean;
}

export interface ShownCard {
  thumb: string;
  view: string;
  caption: string;
  labels: ShownLabel[];
  shares: ShownShare[];
  sign: string;
  sign_colour: string;
  decision_text: string;
  lines: string[];
}

export interface ShownLabel {
  name: string;
  colour: string;
}

export interface ShownShare {
  share: number;
  text: string;
}

/** What `picture_map.show` sends. */
export interface MapData {
  maps_url: string;
  images_url: string;
  number: number;
  run_id: number | null;
  labels: { id: number; name: string; colour: string }[];
  token: string;
  decision_colours: Record<string, string>;
  other_colour: string;
  /** So many labels have a colour of their own. */
  n_colours: number;
}

export type Colouring = "label" | "doubt" | "decision";
export type Tool = "move" | "lasso" | "box";

/** A place in px from the canvas's upper left corner. */
export interface Place {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** Points that share a colour; n: how many. */
export interface Group {
  name: string;
  colour: string;
  n: number;
}

/**
 * How the points are coloured. group: of each point the position of its group, 255 = not shown at all. order: the points
 * in the order in which they are drawn, null = any.
 */
export interface Grouping {
  group: Uint8Array;
  groups: Group[];
  order: Uint32Array | null;
}

/** What the server says of one picture, see `server/maps.py`. */
export interface MapCard {
  id: number;
  sha: string;
  file_name: string;
  label_id: number;
}

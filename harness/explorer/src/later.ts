/** The views that most readers never open: they are fetched when they are. An export has no server to fill them. */

import type { Component } from "svelte";

// eslint-disable-next-line -- each view has properties of its own
type Loader = () => Promise<{ default: Component<any> }>;

const files = EXPORTED ? {} : import.meta.glob(["./graph/Graph.svelte", "./code/Beside.svelte"]);

export const views: { graph: Loader | undefined; code: Loader | undefined } | null = EXPORTED
  ? null
  : { graph: files["./graph/Graph.svelte"] as Loader, code: files["./code/Beside.svelte"] as Loader };

// Hooks by the name that phx-hook gives; each hook is a module of its own and has a browser test.

import { Latency } from "./latency.js";

export const hooks = { Latency };

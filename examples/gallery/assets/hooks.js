// Hooks by the name that phx-hook gives; each is a module of its own.

import { Ask } from "./hooks/ask.js";
import { Bell } from "./hooks/bell.js";
import { Chart } from "./hooks/chart.js";
import { Pong } from "./hooks/pong.js";
import { Sentinel } from "./hooks/sentinel.js";

export const hooks = { Ask, Bell, Chart, Pong, Sentinel };

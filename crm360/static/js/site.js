// What every page does beyond plain HTML: search as you type, keys, tips, toasts, menus, drafts.
import { watchSearch } from "./search.js";
import { watchKeys } from "./keys.js";
import { watchTips } from "./tips.js";
import { watchToasts } from "./toasts.js";
import { watchMenus } from "./menus.js";
import { watchCopies } from "./copy.js";
import { watchQueue } from "./queue.js";
import { watchPrints } from "./print.js";
import { watchTicks } from "./ticks.js";
import { watchDrafts } from "./drafts.js";
import { watchFocus } from "./focus.js";
import { watchChoices } from "./choices.js";

watchSearch();
watchKeys();
watchTips();
watchToasts();
watchMenus();
watchCopies();
watchQueue();
watchPrints();
watchTicks();
watchDrafts();
watchFocus();
watchChoices();

// What every desk page loads: htmx, and the islands that stand on most pages. Charts and the condition builder arrive when they are used.
import htmx from "htmx.org";
import { startAsking } from "./ask";
import "./chart";
import "./deadline";
import "./drawer";
import "./form";
import "./hotkeys";
import "./live";
import { startMorph } from "./morph";
import { startPage } from "./page";
import "./select";
import "./columns";
import "./table";
import "./theme";
import "./toast";
import { keepUnfolded } from "./unfolded";
import { whenUsed } from "./when-used";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0;
htmx.config.refreshOnHistoryMiss = true;
htmx.config.scrollIntoViewOnBoost = false;
htmx.config.timeout = 60_000;
// A part that comes in bears its own class at once: given afterwards, it would take away what an island did to the part meanwhile.
htmx.config.attributesToSettle = [];

startMorph(htmx);
startAsking();
startPage();
keepUnfolded();
whenUsed("kefu-builder", () => import("./builder"));
whenUsed("kefu-composer", () => import("./composer"));
whenUsed("kefu-turns", () => import("./turns"));
whenUsed("kefu-signs", () => import("./talk-signs"));

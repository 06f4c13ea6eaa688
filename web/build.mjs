// Bundles styles, scripts and icons into one folder (KEFU_BUNDLE, default kefu/static/bundle) and prints their sizes.
// A bundle heavier than its budget fails the build.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { transform } from "lightningcss";
import { parse } from "postcss";
import * as sass from "sass";

const out = resolve(process.env.KEFU_BUNDLE ?? "../kefu/static/bundle");
const KB = 1024;
// Gzip: the first page of the desk carries app.css, app.js and the sprite; the portal its own two files.
const BUDGETS = [
  { name: "app", files: ["app.css", "app.js", "icons.svg"], limit: 120 * KB },
  { name: "portal", files: ["portal.css", "portal.js"], limit: 20 * KB },
  { name: "chat widget", files: ["widget.js"], limit: 15 * KB },
];
const LAZY_PARTS = ["chart-draw", "builder", "composer"];
const LAZY = { chart: 200 * KB, other: 30 * KB };
// The oldest browsers that are served: Chromium 111, Safari 16.4, Firefox 113.
const TARGETS = { chrome: 111 << 16, edge: 111 << 16, safari: (16 << 16) | (4 << 8), firefox: 113 << 16 };
// Classes of Tabler that no screen uses.
const UNUSED =
  /^(bg-gradient|divide-|navbar-expand-(sm|xl|xxl)|navbar-(overlap|vertical-right)|page-cover|btn-animate|btn-(light|dark|muted|x|pill)$|btn-(ghost|outline)-(light|dark|muted|blue|purple|red|orange|yellow|green|cyan)|btn-(blue|purple|red|orange|yellow|green|cyan|muted)$|modal-(full|blur|xl|fullscreen)|avatar-(upload|cover|brand)|card-(stacked|rotate|cover|stamp|sponsor|gradient|flip)|status-animated|steps-(?!counter)|list-group-item-(?!action)|alert-(light|dark|blue|purple|red|orange|yellow|green|cyan|muted)|table-(light|dark)|input-group-flat|form-(floating|colorinput|imagecheck|range)|ratio-|z-|.*-xxl(-|$))/;

function withoutUnused(css) {
  const root = parse(css);
  root.walkRules((rule) => {
    const kept = rule.selectors.filter((selector) => !(selector.match(/\.[\w-]+/g) ?? []).some((name) => UNUSED.test(name.slice(1))));
    if (kept.length === 0) rule.remove();
    else if (kept.length < rule.selectors.length) rule.selectors = kept;
  });
  return root.toString();
}

function style(name) {
  const made = sass.compile(`styles/${name}.scss`, { loadPaths: ["styles", "node_modules"], style: "compressed", charset: false });
  return transform({ filename: `${name}.css`, code: Buffer.from(withoutUnused(made.css)), minify: true, targets: TARGETS }).code;
}

const SCRIPT = {
  bundle: true,
  format: "esm",
  target: ["chrome111", "safari16.4", "firefox113"],
  minify: true,
  legalComments: "none",
  charset: "utf8",
  outdir: out,
  logLevel: "warning",
  logOverride: { "direct-eval": "silent" },
};

// Lazy parts carry their hash in the name and everything they need, so that the first page needs one file.
async function scripts() {
  const lazy = await esbuild.build({ ...SCRIPT, entryPoints: LAZY_PARTS.map((name) => `islands/${name}.ts`), entryNames: "[name]-[hash]", metafile: true });
  const files = new Map(Object.entries(lazy.metafile.outputs).map(([path, made]) => [basename(made.entryPoint ?? "", ".ts"), `./${basename(path)}`]));
  const toFile = {
    name: "lazy-parts",
    setup(build) {
      build.onResolve({ filter: /^\.\// }, (asked) => {
        const file = asked.kind === "dynamic-import" ? files.get(asked.path.slice(2)) : undefined;
        return file ? { path: file, external: true } : undefined;
      });
    },
  };
  await esbuild.build({ ...SCRIPT, entryPoints: ["islands/app.ts", "islands/portal.ts"], plugins: [toFile] });
  // The widget stands on pages of others, in older browsers and inside WeChat: one plain script that leaves no name behind.
  await esbuild.build({ ...SCRIPT, entryPoints: ["islands/widget.ts"], format: "iife", target: ["es2018"] });
}

async function symbol(name) {
  const filled = name.endsWith("-filled");
  const file = filled ? `filled/${name.slice(0, -"-filled".length)}` : `outline/${name}`;
  const svg = await readFile(`node_modules/@tabler/icons/icons/${file}.svg`, "utf8");
  const body = svg
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" \/>/, "")
    .replace(/\s*\n\s*/g, "")
    .replace(/ \/>/g, "/>");
  const paint = filled ? 'fill="currentColor"' : 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="${name}" viewBox="0 0 24 24" ${paint}>${body}</symbol>`;
}

async function icons() {
  const names = (await readFile("icons.txt", "utf8")).split("\n").filter(Boolean);
  const symbols = await Promise.all(names.map(symbol));
  return `<svg xmlns="http://www.w3.org/2000/svg" stroke-width="1.75">${symbols.join("")}</svg>\n`;
}

// Every file also lies packed beside itself, so that the server packs nothing.
async function weigh() {
  const sizes = new Map();
  const manifest = {};
  const names = (await readdir(out)).toSorted();
  const contents = await Promise.all(names.map((name) => readFile(join(out, name))));
  const packed = [];
  for (const [at, name] of names.entries()) {
    const content = contents[at];
    const gzip = gzipSync(content, { level: 9 });
    sizes.set(name, gzip.length);
    packed.push(writeFile(join(out, `${name}.gz`), gzip), writeFile(join(out, `${name}.br`), brotliCompressSync(content)));
    manifest[name] = createHash("sha256").update(content).digest("hex").slice(0, 12);
  }
  await Promise.all(packed);
  await writeFile(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return sizes;
}

function inKb(bytes) {
  return `${(bytes / KB).toFixed(1)} KB`;
}

function judge(sizes) {
  let heavy = false;
  for (const [name, bytes] of sizes) {
    const lazy = !BUDGETS.some((budget) => budget.files.includes(name));
    const limit = name.startsWith("chart-") ? LAZY.chart : LAZY.other;
    const over = lazy && bytes > limit;
    heavy ||= over;
    console.log(`  ${name.padEnd(24)} ${inKb(bytes).padStart(9)} gzip${lazy ? `  (lazy, limit ${inKb(limit)})` : ""}${over ? "  TOO HEAVY" : ""}`);
  }
  for (const { name, files, limit } of BUDGETS) {
    const total = files.reduce((sum, file) => sum + (sizes.get(file) ?? 0), 0);
    heavy ||= total > limit;
    console.log(`  ${name.padEnd(24)} ${inKb(total).padStart(9)} gzip of ${inKb(limit)}${total > limit ? "  TOO HEAVY" : ""}`);
  }
  return heavy;
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await Promise.all([
  scripts(),
  writeFile(join(out, "app.css"), style("app")),
  writeFile(join(out, "portal.css"), style("portal")),
  icons().then((svg) => writeFile(join(out, "icons.svg"), svg)),
]);
if (judge(await weigh())) process.exitCode = 1;

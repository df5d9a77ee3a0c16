// SPDX-License-Identifier: MPL-2.0

// Builds page.html: one file with its script and its style in it. The checksum of the sources is in it too, by which a test in Go tells
// whether the committed page is current.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const statusFile = "../../internal/chain/draw/status.json";
const kindFile = "../../internal/chain/draw/kind.json";

/** The files that the page is made of, in the order in which sources_test.go reads them. */
function sources() {
  const own = ["build.mjs", "package-lock.json", "package.json", "tsconfig.json"];
  return [...own, ...readdirSync("src").sort().map((name) => `src/${name}`), statusFile, kindFile];
}

function checksum() {
  const hash = createHash("sha256");
  for (const name of sources()) hash.update(`${name}\0`).update(readFileSync(name)).update("\0");
  return hash.digest("hex");
}

/** The colours of the statuses, for light and dark. */
function statusStyle() {
  return Object.entries(JSON.parse(readFileSync(statusFile, "utf8")))
    .map(([status, look]) => `.${status}{--c:light-dark(${look.light},${look.dark})}`)
    .join("\n");
}

async function bundle(options) {
  const result = await build({ bundle: true, minify: true, write: false, target: "es2022", legalComments: "none", ...options });
  return result.outputFiles[0].text.trim();
}

const script = await bundle({ entryPoints: ["src/main.ts"], format: "iife" });
const style = await bundle({ stdin: { contents: `${readFileSync("src/style.css", "utf8")}\n${statusStyle()}`, loader: "css" } });
if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) throw new Error("the script or the style would end too early");

const licence = readFileSync("node_modules/@dagrejs/dagre/LICENSE", "utf8").trim();
const parts = { script, style, sources: checksum(), licence: `The layout is @dagrejs/dagre's:\n\n${licence}` };
const html = readFileSync("src/index.html", "utf8").replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);
writeFileSync("page.html", html);
console.log(`page.html: ${html.length} characters`);

// Copy the libraries of the page, as npm installed them by the lock file, into the package.
import { copyFile, mkdir } from "node:fs/promises";

const target = new URL("../src/jmere/serve/static/vendor/", import.meta.url);
const modules = new URL("node_modules/", import.meta.url);

const copies = {
  "cytoscape/dist/cytoscape.esm.min.mjs": "cytoscape.js",
  "cytoscape/LICENSE": "cytoscape.LICENSE",
};

await mkdir(target, { recursive: true });
for (const [source, name] of Object.entries(copies)) {
  await copyFile(new URL(source, modules), new URL(name, target));
  console.log(`${source} -> vendor/${name}`);
}

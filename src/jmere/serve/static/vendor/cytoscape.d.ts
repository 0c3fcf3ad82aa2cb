// What the page uses of Cytoscape.js, for `npm run check`.
declare const cytoscape: (options: object) => any;
export default cytoscape;

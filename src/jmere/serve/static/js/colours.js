// A colour per entity type, the same in every view; the type's name always stands beside it.

const COUNT = 8;

/** @type {Map<string, number>} */
const chosen = new Map([
  ["per", 0],
  ["org", 1],
  ["loc", 2],
  ["misc", 3],
]);

/** The number of a type's colour in the style sheet, 0 to 7. @param {string} type */
export function colourOf(type) {
  let colour = chosen.get(type);
  if (colour === undefined) {
    colour = chosen.size % COUNT;
    chosen.set(type, colour);
  }
  return colour;
}

/** The value of a colour of the style sheet, in the scheme in use. @param {string} name */
export function cssColour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

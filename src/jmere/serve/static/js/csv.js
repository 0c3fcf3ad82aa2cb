// Comma- or tab-separated values, a row at a time, quotes as in RFC 4180.

/**
 * The rows of a text that comes in pieces, each with the number of its first line.
 * @param {AsyncIterable<string>} pieces
 * @param {string} delimiter
 * @returns {AsyncGenerator<{cells: string[], line: number}>}
 */
export async function* csvRows(pieces, delimiter) {
  let [cell, cells, line, first] = ["", /** @type {string[]} */ ([]), 1, 1];
  let quoted = false;
  let closing = false; // After a quote within quotes: its second half, or the end.
  let before = "";
  const row = () => {
    const found = { cells: [...cells, cell], line: first };
    [cell, cells] = ["", []];
    return found;
  };
  for await (const piece of pieces) {
    for (const character of piece) {
      const ends = character === "\n" || character === "\r";
      const second = character === "\n" && before === "\r"; // of the two that end a line
      before = character;
      if (ends && !second) line += 1;
      if (quoted && !closing) {
        if (character === '"') closing = true;
        else cell += character;
        continue;
      }
      if (closing) {
        closing = false;
        if (character === '"') {
          cell += character;
          continue;
        }
        quoted = false;
      }
      if (second && cell === "" && !cells.length) continue;
      if (character === '"' && cell === "") quoted = true;
      else if (character === delimiter) {
        cells.push(cell);
        cell = "";
      } else if (ends) {
        yield row();
        first = line;
      } else cell += character;
    }
  }
  if (quoted && !closing) throw new Error(`line ${first}: a quote is not closed`);
  if (cell || cells.length) yield row();
}

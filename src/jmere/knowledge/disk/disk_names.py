"""Names become nodes on disk: only those that may be merged are looked at in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from jmere.knowledge.assemble import MergeRules, group_names
from jmere.knowledge.disk.disk_columns import arrow_column, arrow_module
from jmere.knowledge.disk.disk_spelling import spelling
from jmere.knowledge.disk.disk_tables import rows_of
from jmere.knowledge.graph import Evidence


def name_nodes(connection: Any, rules: MergeRules) -> None:
    """Make the tables ``name`` (names with their nodes) and ``form`` (spellings with counts).

    A name that shares its key without accents, that the aliases file has, or that a post gives
    another name is merged by ``group_names``, as in memory; any other name is a node of its own.
    """
    run = connection.execute
    run("CREATE TABLE known AS SELECT DISTINCT * FROM spelling")
    run("DROP TABLE spelling")
    run("CREATE TABLE doubtful (n UBIGINT)")
    if rules.fold_accents:
        run(
            "INSERT INTO doubtful SELECT n FROM known WHERE (kind, plain) IN "
            "(SELECT (kind, plain) FROM known GROUP BY kind, plain HAVING COUNT(*) > 1)"
        )
    if aliased := [spelling(key).n for key in rules.aliases.target]:
        run("INSERT INTO doubtful SELECT n FROM known WHERE n IN (SELECT UNNEST(?))", [aliased])
    if rules.alternate_names is not None:
        linked = "SELECT {} FROM claim WHERE relation = ?"
        for end in ("head", "tail"):
            run(f"INSERT INTO doubtful {linked.format(end)}", [rules.alternate_names])
    run("CREATE TABLE merged (n UBIGINT, node VARCHAR)")
    _merge(connection, rules)
    run(
        "CREATE TABLE name AS SELECT n, kind, key, COALESCE(node, id) AS node, "
        "node IS NOT NULL AS doubtful FROM known LEFT JOIN merged USING (n)"
    )
    run(
        "CREATE TABLE form AS SELECT n, form, COUNT(*) AS mentions FROM "
        "(SELECT DISTINCT n, form, said FROM mention) GROUP BY n, form"
    )
    run("DROP TABLE mention")


def _merge(connection: Any, rules: MergeRules) -> None:
    wanted = "SELECT n, kind, key FROM known WHERE n IN (SELECT n FROM doubtful) ORDER BY kind, key"
    rows = list(rows_of(connection, wanted))
    numbers = [row[0] for row in rows]
    index = {number: at for at, number in enumerate(numbers)}
    links: dict[tuple[int, str, int], list[Evidence]] = defaultdict(list)
    if rules.alternate_names is not None:
        said = "SELECT head, tail, post, score, text_id FROM claim WHERE relation = ?"
        for head, tail, post, score, text in rows_of(connection, said, rules.alternate_names):
            evidence = Evidence(post, score=score, text_id=text)
            links[index[head], rules.alternate_names, index[tail]].append(evidence)
    groups = group_names([(row[1], row[2]) for row in rows], links, rules)
    sizes = Counter(groups.roots)
    said_twice = {head for head, _, tail in links if head == tail}
    several = [
        at
        for at, row in enumerate(rows)
        if sizes[groups.roots[at]] > 1
        or at in said_twice
        or (row[1], row[2]) in rules.aliases.target
    ]
    if not several:
        return
    arrow: Any = arrow_module()
    columns = [
        arrow_column([numbers[at] for at in several], arrow.uint64()),
        arrow_column([groups.id_of(at) for at in several], arrow.string()),
    ]
    batch = arrow.table(columns, names=["n", "node"])
    connection.register("batch", batch)
    connection.execute("INSERT INTO merged SELECT n, node FROM batch")
    connection.unregister("batch")

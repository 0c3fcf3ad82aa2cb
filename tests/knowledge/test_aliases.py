import pytest

from jmere.errors import DataError
from jmere.knowledge.aliases import Alias, Aliases, read_aliases
from jmere.knowledge.graph import Merge
from jmere.knowledge.merge import merge
from jmere.records import Entity, Extraction, Quintuple

UN = "United Nations"


def aliases_file(tmp_path, text):
    path = tmp_path / "aliases.csv"
    path.write_text(text, encoding="utf-8")
    return path


def post(name, head, tail):
    ends = Entity(head, "per", -1, -1), Entity(tail, "org", -1, -1)
    return Extraction(name, "", (Quintuple(*ends, "member_of"),), ())


POSTS = [post("1", "Ann", "UN"), post("2", "Ann", "U.N."), post("3", "Bob", UN)]


def organisations(graph):
    return [node for node in graph.nodes if node.type == "org"]


@pytest.mark.parametrize(
    "header", ["name,type,canonical,same_as\n", "", "\ufeffname,type,canonical name,external id\n"]
)
def test_an_alias_merges_names_and_says_why(tmp_path, header):
    rows = f"UN,org,{UN},Q1065\nU.N.,org,UN,\n"
    aliases = read_aliases(aliases_file(tmp_path, header + rows))
    (node,) = organisations(merge(POSTS, aliases=aliases))
    assert (node.label, set(node.names)) == (UN, {"UN", "U.N."})
    assert node.same_as == ("http://www.wikidata.org/entity/Q1065",)
    assert node.merged == (
        Merge(("U.N.", UN), "alias"),
        Merge(("UN", UN), "alias"),
    )


def test_without_the_row_the_names_are_apart_again(tmp_path):
    before = merge(POSTS)
    aliases = read_aliases(aliases_file(tmp_path, f"UN,org,{UN}\n"))
    assert len(organisations(before)) == 3
    assert len(organisations(merge(POSTS, aliases=aliases))) == 2
    assert merge(POSTS, aliases=Aliases()) == before


def test_a_canonical_name_that_no_post_has_is_the_label():
    aliases = Aliases([Alias("UN", "org", "The Organisation")])
    node = next(node for node in organisations(merge(POSTS, aliases=aliases)) if "UN" in node.names)
    assert (node.label, node.name_counts) == ("The Organisation", {"The Organisation": 0, "UN": 1})


def test_an_alias_is_of_one_type():
    aliases = Aliases([Alias("UN", "loc", UN)])
    assert merge(POSTS, aliases=aliases) == merge(POSTS)


def test_other_columns_are_passed_over(tmp_path):
    path = aliases_file(tmp_path, f"score,name,type,canonical,reason\n0.9,UN,org,{UN},alike\n")
    assert read_aliases(path).rows == (Alias("UN", "org", UN),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,type\nUN,org\n", r":1: missing column 'canonical'; expected name,type,canonical"),
        ("UN,org\n", r":1: canonical: expected a name, got ''"),
        ("UN,,X\n", r":1: type: expected a name"),
        ("UN,org,A\nun,org,B\n", r":2: 'un' has another canonical name on line 1"),
        ("A,org,B\nB,org,C\nC,org,A\n", r"is an alias of itself"),
        (
            "UN,org,A,not an iri\n",
            r":1: same_as: expected an IRI or a Wikidata id, got 'not an iri'",
        ),
        ("UN,org,A,javascript:<x>\n", r":1: same_as: expected an IRI"),
        ('UN,org,"A\n', r":1: not CSV"),
        ("UN,org," + "x" * 10_001 + "\n", r":1: canonical: longer than 10,000 characters"),
    ],
)
def test_a_bad_row_is_told_with_its_line(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read_aliases(aliases_file(tmp_path, text))

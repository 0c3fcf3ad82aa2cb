"""Settings that a store keeps from one build to the next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace

from jmere.errors import one_line
from jmere.knowledge.aliases import Alias, Aliases
from jmere.knowledge.assemble import MergeRules
from jmere.knowledge.merge import ALTERNATE_NAMES, MERGE_POSTS, MERGE_SCORE
from jmere.knowledge.rdf import BASE
from jmere.knowledge.unify import Threshold


@dataclass(frozen=True, kw_only=True)
class StoreSettings:
    """When names are one node, and what is kept out; ``jmere.merge`` explains the options.

    Example:
        >>> StoreSettings(merge_score=0.8).changed({"merge_posts": 2}).merge_score
        0.8
    """

    alternate_names: str | None = ALTERNATE_NAMES
    merge_score: float = MERGE_SCORE
    merge_posts: int = MERGE_POSTS
    fold_accents: bool = True
    exclude_relations: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    base: str = BASE

    def changed(self, values: Mapping[str, object]) -> StoreSettings:
        """Return the settings with other values for some fields."""
        return replace(self, **values)  # type: ignore[arg-type]

    def rules(self) -> MergeRules:
        """Return the rules of merging."""
        return MergeRules(
            alternate_names=self.alternate_names,
            threshold=Threshold(score=self.merge_score, posts=self.merge_posts),
            fold_accents=self.fold_accents,
            aliases=Aliases(self.aliases),
        )

    def to_json(self) -> str:
        """Return the settings as a JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> StoreSettings:
        """Read the settings of a store; those of a later jmere are passed over.

        Raises:
            ValueError: If they are damaged.
        """
        try:
            value = json.loads(text)
            known = {field.name: value[field.name] for field in fields(cls) if field.name in value}
            known["aliases"] = tuple(Alias(**row) for row in known.get("aliases", ()))
            known["exclude_relations"] = tuple(known.get("exclude_relations", ()))
            return cls(**known)
        except (TypeError, KeyError, AttributeError, RecursionError, ValueError) as error:
            raise ValueError(f"the settings of the store are damaged: {one_line(error)}") from None

"""What requests hold, as pydantic models; they are the source of the OpenAPI description too."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictStr

_ID = 500
_WORDS = 20_000


def _id_text(value: object) -> object:
    """Whole numbers become text, as in files of posts."""
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= 64:
        return str(value)
    return value


_Id = Annotated[
    Annotated[StrictStr, Field(max_length=_ID)] | None,
    BeforeValidator(_id_text, json_schema_input_type=str | int | None),
]
_Origin = Annotated[StrictStr, Field(max_length=2000)] | None


class PostIn(BaseModel):
    """A post to extract from; unknown fields are passed over, as in files of posts."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "anyOf": [{"required": ["text"]}, {"required": ["tokens"]}],
            "examples": [{"id": "1", "text": "Lionel Messi leaves Barcelona"}],
        },
    )

    id: _Id = None
    text: StrictStr | None = None
    tokens: Annotated[list[StrictStr], Field(max_length=_WORDS)] | None = Field(
        None, description="The words, in place of `text`."
    )
    alt_text: StrictStr | None = Field(None, description="Alternative text of the picture.")
    image: StrictStr | None = Field(
        None,
        description="The picture's file in base64. Paths and URLs are not opened.",
        json_schema_extra={"contentEncoding": "base64"},
    )
    scene_graph: dict[str, Any] | None = Field(
        None, description="A visual graph, in place of what a detector sees in the picture."
    )
    time: _Origin = Field(None, description="This and the next three pass through to the result.")
    author: _Origin = None
    url: _Origin = Field(None, description="It is never opened.")
    language: _Origin = None


class ExtractRequest(BaseModel):
    """Posts to extract from."""

    model_config = ConfigDict(extra="forbid")

    posts: list[PostIn]


class SceneRequest(BaseModel):
    """A picture."""

    model_config = ConfigDict(extra="forbid")

    image: StrictStr = Field(
        description="The picture's file in base64. Paths and URLs are not opened.",
        json_schema_extra={"contentEncoding": "base64"},
    )


class GraphRequest(BaseModel):
    """Results to merge into a knowledge graph."""

    model_config = ConfigDict(extra="forbid")

    results: list[dict[str, Any]] = Field(description="Results as `/v1/extract` returns them.")
    min_score: Annotated[float, Field(ge=0, le=1)] = Field(
        0.0, description="Leave out quintuples below this score."
    )
    merge_names: bool = Field(
        True, description="Merge nodes that enough posts call names of one entity."
    )
    format: Literal["json", "ttl", "nt", "jsonld", "graphml"] = Field(
        "json", description="Form of the answer."
    )

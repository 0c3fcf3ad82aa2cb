"""The model card of a model folder, for the Hugging Face Hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jmere import __version__
from jmere.files.inputs import read_input_text
from jmere.tagger.folder import TAGS, read_config
from jmere.tags import TagSet

_MEASURES = ("precision", "recall", "f1")


def model_card(
    folder: str | Path,
    repo_id: str,
    *,
    scores: Mapping[str, Any] | None = None,
    languages: Sequence[str] = ("en",),
    license: str | None = None,  # noqa: A002 - the Hub's name
) -> str:
    """Return the model card of a model folder: metadata, use, labels, settings and scores.

    Args:
        folder: The model folder.
        repo_id: Its name on the Hub.
        scores: What ``jmere evaluate --json`` printed for it.
        languages: Languages of the posts that it reads.
        license: Licence of the model, by the Hub's name such as ``apache-2.0``.

    Raises:
        FileNotFoundError: If a file of the folder is missing.
        ValueError: If the folder holds no model of ours, or ``scores`` are of another form.

    Example:
        >>> from jmere.tagger.folder import find_folder
        >>> card = model_card(find_folder("default"), "me/model")
        >>> "library_name: jmere" in card, "member_of" in card
        (True, True)
    """
    root = Path(folder)
    config, tags = read_config(root), TagSet.load(root / TAGS)
    metadata = _metadata(repo_id, scores, languages, license)
    return "\n".join([f"---\n{metadata}\n---\n", *_body(root, repo_id, config, tags, scores)])


def _metadata(
    repo_id: str,
    scores: Mapping[str, Any] | None,
    languages: Sequence[str],
    licence: str | None,
) -> str:
    from huggingface_hub import EvalResult, ModelCardData

    results = [
        EvalResult(
            task_type="token-classification",
            task_name="quintuples and entities",
            dataset_type="jmere",
            dataset_name=f"{scores['posts']} posts, {scores['reading']}",
            metric_type=measure,
            metric_name=f"{task} {measure}",  # the Hub groups by data set
            metric_value=round(float(value), 4),
        )
        for task, values in _tables(scores).items()
        for measure, value in values.items()
        if scores is not None
    ]
    data = ModelCardData(
        language=list(languages),
        license=licence,
        library_name="jmere",
        pipeline_tag="token-classification",
        tags=["information-extraction", "relation-extraction", "knowledge-graph", "multimodal"],
        model_name=repo_id.split("/")[-1] if results else None,
        eval_results=results or None,
    )
    text: str = data.to_yaml()
    return text


def _body(
    root: Path,
    repo_id: str,
    config: Mapping[str, Any],
    tags: TagSet,
    scores: Mapping[str, Any] | None,
) -> list[str]:
    model, encoder = config.get("model", {}), config.get("encoder", {})
    kind = f"{encoder.get('model_type', 'unknown')}, {encoder.get('hidden_size', '?')} wide"
    size = sum(path.stat().st_size for path in root.glob("*.safetensors")) / 1e6
    lines = [
        f"# {repo_id}",
        "",
        "Finds typed entities and the relations between them in posts with text and picture.",
        f"Made with jmere {__version__}.",
        "",
        "```python",
        "from jmere import Extractor, Post",
        "",
        f'extractor = Extractor.from_pretrained("{repo_id}")',
        'result = extractor.extract(Post(text="...", alt_text="..."))',
        "print(result.quintuples)",
        "```",
        "",
        "## Model",
        "",
        f"- architecture: {model.get('name', 'unknown')}",
        f"- text encoder: {kind}, {encoder.get('num_hidden_layers', '?')} layers",
        f"- weights: {size:.1f} MB",
        f"- entity types: {', '.join(tags.entity_types)}",
        f"- relations: {', '.join(tags.relations)}",
        f"- scores calibrated: {'yes' if config.get('calibration') else 'no'}",
        "",
        "## Figures",
        "",
        *_figures(scores),
    ]
    notice = root / "NOTICE"
    if notice.is_file():
        lines += ["## Notice", "", read_input_text(notice).strip(), ""]
    return lines


def _figures(scores: Mapping[str, Any] | None) -> list[str]:
    if scores is None:
        return ["None given. Evaluate before use: `jmere evaluate MODEL DATA`.", ""]
    rows = [
        f"| {task} | {' | '.join(f'{100 * float(values[name]):.2f}' for name in _MEASURES)} |"
        for task, values in _tables(scores).items()
    ]
    head = f"On {scores['posts']} posts, reading {scores['reading']}:"
    return [head, "", "| task | precision | recall | F1 |", "| --- | --- | --- | --- |", *rows, ""]


def _tables(scores: Mapping[str, Any] | None) -> dict[str, dict[str, float]]:
    if scores is None:
        return {}
    try:
        return {
            task.upper(): {name: float(scores[task][name]) for name in _MEASURES}
            for task in ("jmere", "mner")
        }
    except (KeyError, TypeError, ValueError):
        raise ValueError("scores: expected what jmere evaluate --json prints") from None

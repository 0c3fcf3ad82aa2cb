"""Upload of a model folder to the Hugging Face Hub, with a generated model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jmere.integrations.hub_card import model_card
from jmere.tagger.folder import files_of_a_copy, find_folder, read_config

_CARD = "README.md"


def push_to_hub(
    model: str | Path,
    repo_id: str,
    *,
    scores: Mapping[str, Any] | None = None,
    languages: Sequence[str] = ("en",),
    license: str | None = None,  # noqa: A002 - the Hub's name
    private: bool | None = None,
    token: str | None = None,
    revision: str | None = None,
    create_pr: bool = False,
    commit_message: str = "Upload model with jmere",
    endpoint: str | None = None,
) -> str:
    """Upload a model folder as one commit; return the commit's address.

    Uploaded are the files that ``Extractor.from_pretrained`` reads, licences and notices, and the
    model card: the folder's own ``README.md`` or, without one, a generated card. The repository is
    created if it does not exist.

        push_to_hub("runs/mine/model", "me/my-model", scores=json.loads(evaluated))

    Args:
        model: ``default``, a model folder or a hub id.
        repo_id: Name of the repository, such as ``me/my-model``.
        scores: What ``jmere evaluate --json`` printed for the model; it goes into the card.
        languages: Languages of the posts that the model reads.
        license: Licence of the model, by the Hub's name such as ``apache-2.0``.
        private: Whether a new repository is private; ``None`` is the account's default.
        token: Access token; by default the one of ``hf auth login``.
        revision: Branch to commit to.
        create_pr: Whether to open a pull request instead.
        commit_message: Message of the commit.
        endpoint: Address of the Hub; by default ``$HF_ENDPOINT`` or the public one.

    Raises:
        FileNotFoundError: If there is no such model, or a file of it is missing.
        ValueError: If it is no model of ours, or the name or the scores are of another form.
        OSError: If the Hub refuses or cannot be reached.
    """
    folder = find_folder(model)
    read_config(folder)
    from huggingface_hub import CommitOperationAdd, HfApi
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    validate_repo_id(repo_id)
    given = folder / _CARD
    card = given.read_bytes() if given.is_file() else None
    if card is None:
        card = model_card(
            folder, repo_id, scores=scores, languages=languages, license=license
        ).encode()
    operations = [
        CommitOperationAdd(path_in_repo=path.name, path_or_fileobj=path)
        for path in files_of_a_copy(folder)
    ]
    operations.append(CommitOperationAdd(path_in_repo=_CARD, path_or_fileobj=card))
    hub = HfApi(endpoint=endpoint, token=token)
    hub.create_repo(repo_id, private=private, exist_ok=True)
    done = hub.create_commit(
        repo_id,
        operations=operations,
        commit_message=commit_message,
        revision=revision,
        create_pr=create_pr,
    )
    return str(done.commit_url)

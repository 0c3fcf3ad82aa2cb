"""What the results of a run depend on, so that it is continued only as it was begun."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from jmere import __version__
from jmere.ray.part_worker import PartJob
from jmere.ray.run_inputs import RunInputs
from jmere.tagger.folder import find_folder, folder_digest
from jmere.tagger.versions import library_versions


def run_identity(inputs: RunInputs, job: PartJob) -> dict[str, Any]:
    """Describe a run, as JSON can hold it.

    Raises:
        FileNotFoundError: If there is no such model.
    """
    loader = job.loader
    return {
        "command": "extract --engine ray",
        "input": inputs.identity(),
        "format": job.form.removeprefix("."),
        "model": folder_digest(find_folder(loader.model)),
        "options": {
            "columns": dict(job.columns.fields),
            "keep": list(job.columns.keep),
            "rows": job.rows.value,
            "batch_size": job.batch_size,
            "min_score": job.min_score,
            "precision": job.precision,
            "backend": loader.backend,
            "device": loader.device,
            "read_text": loader.read_text,
            "visual": asdict(loader.visual),
        },
        "versions": {"jmere": __version__, **library_versions()},
    }

"""Training: one loop for every model."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "finite": ("DivergedError",),
        "loop": ("Trainer",),
        "moved_keys": ("moved_values",),
        "start": ("as_run", "train"),
        "run_config": ("DataConfig", "RunConfig", "TrainingConfig"),
    },
)

"""``python -m jmere.bench.world_run``: the old name of ``jmere build world``, until 0.3."""

if __name__ == "__main__":
    import sys

    from jmere.cli import main

    sys.exit(main(["build", "world", *sys.argv[1:]]))

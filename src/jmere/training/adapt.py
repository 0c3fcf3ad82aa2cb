"""``python -m jmere.training.adapt``: the old name of ``jmere build encoder``, until 0.3."""

if __name__ == "__main__":
    import sys

    from jmere.cli import main

    sys.exit(main(["build", "encoder", *sys.argv[1:]]))

"""``python -m jmere.vision.relate.training``: the old name of ``jmere build relations``, until 0.3."""

if __name__ == "__main__":
    import sys

    from jmere.cli import main

    sys.exit(main(["build", "relations", *sys.argv[1:]]))

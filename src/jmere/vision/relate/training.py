"""``python -m jmere.vision.relate.training``: old name of ``jmere build relations``."""

if __name__ == "__main__":
    import sys

    from jmere.cli import main

    sys.exit(main(["build", "relations", *sys.argv[1:]]))

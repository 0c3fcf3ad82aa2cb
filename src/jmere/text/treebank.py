"""``python -m jmere.text.treebank``: the old name of ``jmere build parser``, until 0.3."""

if __name__ == "__main__":
    import sys

    from jmere.cli import main

    sys.exit(main(["build", "parser", *sys.argv[1:]]))

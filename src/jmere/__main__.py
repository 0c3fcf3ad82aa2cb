"""The command ``jmere`` as ``python -m jmere``."""

import sys

from jmere.cli import main

sys.exit(main())

"""The paper's tables and its sensitivity curves, as runs that can be stopped and gone on with."""

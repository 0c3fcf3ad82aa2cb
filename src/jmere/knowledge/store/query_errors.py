"""Errors of queries."""

from __future__ import annotations


class QueryError(ValueError):
    """A query is wrong, not allowed, or too large; the message is one line."""


class NotAcceptableError(QueryError):
    """No media type that the caller accepts fits the kind of the query."""


class QueryTimeoutError(TimeoutError):
    """A query was stopped because it ran longer than its limit."""

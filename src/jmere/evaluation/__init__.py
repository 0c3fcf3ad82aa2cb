"""Evaluation: precision, recall and F1 in three readings, tables, and a significance test."""

"""Measurements that are runs: models trained and evaluated to answer one question."""

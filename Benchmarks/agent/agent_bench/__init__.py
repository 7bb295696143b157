"""The modules behind `Benchmarks/agent/run`; standard library only."""


class BenchmarkError(Exception):
    """Nothing could be measured; the text says why and what to do."""

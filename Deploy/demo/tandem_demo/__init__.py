"""Parts shared by the programs of the demo: packages, roots, a small init, a probe."""

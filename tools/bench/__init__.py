"""Speed and size, measured: ``bin/bench``. What is compared with what stands in docs/bench.md."""

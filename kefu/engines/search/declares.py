"""The search engine declares nothing; capabilities give it their texts by ``services.index``."""
